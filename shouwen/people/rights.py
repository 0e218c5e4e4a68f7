"""The one table of rights, and the posts of the manuals with the rights that they start with (mission section 2).

Posts live in the database, where an administrator may change their rights; this table seeds them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.kernel.actors import Actor

RIGHTS: dict[str, str | Promise] = {
    "case.see": _("看事项"),
    "case.register": _("登记事项"),
    "case.answer": _("答复、办理事项"),
    "case.follow_up": _("回访"),
    "case.cancel": _("取消事项"),
    "case.supervise": _("督办：未确认关闭、改派、升级、确认补录"),
    "complaint.see": _("看投诉"),
    "complaint.handle": _("投诉定级、答复、处理"),
    "order.see": _("看派工单"),
    "order.dispatch": _("派工"),
    "order.work": _("接单、上门、完工"),
    "order.inspect": _("验收公共区维修"),
    "estate.see": _("看房屋和住户"),
    "estate.edit": _("改房屋和住户"),
    "estate.import": _("导入房屋和住户"),
    "person.reveal": _("看完整电话和证件号（留痕）"),
    "billing.see": _("看缴费记录和水电表"),
    "billing.import": _("导入缴费记录和水电表"),
    "material.see": _("看物品库存"),
    "material.import": _("导入物品库存"),
    "report.see": _("看指标和总览"),
    "data.export": _("导出清单"),
    "duty.see": _("看规程执行"),
    "duty.give": _("交办任务、转交和代签应办"),
    "duty.excuse": _("准予免责"),
    "duty.audit": _("抽查应办、评定、要求整改"),
    "staff.manage": _("管理人员、岗位和授权"),
    "setting.edit": _("改时限、服务时间和分类"),
}

# Nobody grants a right that they don't hold. One exception, so that a supervisor can appoint a technician without
# being offered as one: who sends people out may also give the right to be sent.
LENT: dict[str, str] = {"order.work": "order.dispatch"}


def holds(actor: Actor, right: str, community_id: int) -> bool:
    """Whether the actor has the right there, in the sense that they may pass it on."""
    return actor.may(right, community_id) or (right in LENT and actor.may(LENT[right], community_id))


DESK = (
    "case.see case.register case.answer case.follow_up case.cancel complaint.see order.see order.dispatch "
    "estate.see estate.edit person.reveal billing.see material.see data.export"
)
LEAD = (
    f"{DESK} case.supervise complaint.handle order.inspect estate.import billing.import material.import report.see "
    "staff.manage setting.edit duty.see duty.give duty.excuse duty.audit"
)
READ = "case.see complaint.see order.see estate.see billing.see material.see report.see duty.see"
FLOOR = "case.see case.register case.answer case.follow_up order.see order.inspect estate.see estate.edit"
FIELD = "order.see order.work material.see"


HOME_RIGHTS: dict[str, str | Promise] = {
    "case.register": _("报修、投诉、咨询、建议；自己的事可催办、补充、确认"),
    "home.repairs": _("看全家的报修，可催办、补充、确认"),
    "home.people": _("看同住的人（姓名打码）"),
}
"""What residents may do in their home. A complaint, inquiry or suggestion is seen only by whoever brought it."""

HOME: dict[str, str] = {
    "owner": "case.register home.repairs home.people",
    "co_owner": "case.register home.repairs home.people",
    "tenant": "case.register home.repairs",
    "family": "case.register home.repairs home.people",
    "employee": "case.register",
}
"""The one table of residents' rights: by the role of their occupancy, from its first day to its last."""


@dataclass(frozen=True)
class PostSeed:
    """A post of the manuals: code, Chinese title, the post it reports to, and its first rights."""

    code: str
    name: str
    reports_to: str
    rights: str
    totp: bool = False


POSTS: tuple[PostSeed, ...] = (
    PostSeed("branch_leader", "分公司领导", "", f"{READ} data.export", totp=True),
    PostSeed("business_mgmt", "业务管理部", "branch_leader", READ),
    PostSeed("quality_centre", "品质管理中心", "branch_leader", f"{READ} duty.audit"),
    PostSeed("quality_dept", "品质管理部", "branch_leader", f"{READ} duty.audit"),
    PostSeed("operations_dept", "生产运行部", "branch_leader", f"{READ} duty.audit"),
    PostSeed("hq_cs_centre", "总部客户服务中心", "branch_leader", f"{DESK} report.see"),
    PostSeed("office_manager", "管理处经理", "branch_leader", LEAD, totp=True),
    PostSeed("office_director", "管理处主任", "office_manager", LEAD, totp=True),
    PostSeed("project_manager", "项目经理", "branch_leader", LEAD, totp=True),
    PostSeed("centre_manager", "服务中心经理", "office_director", LEAD, totp=True),
    PostSeed("centre_director", "服务中心主任", "office_manager", LEAD, totp=True),
    PostSeed("cs_centre_director", "客户服务中心主任", "branch_leader", LEAD, totp=True),
    PostSeed("cs_supervisor", "客服部主管", "office_manager", LEAD, totp=True),
    PostSeed("customer_assistant", "客户助理", "cs_supervisor", f"{DESK} complaint.handle order.inspect"),
    PostSeed("archivist", "档案管理员", "customer_assistant", "estate.see estate.edit person.reveal"),
    PostSeed("receptionist", "客户接待", "customer_assistant", DESK),
    PostSeed("lobby_receptionist", "前厅（大堂）接待", "cs_supervisor", FLOOR),
    PostSeed("front_desk", "客服中心前台接待", "cs_supervisor", DESK),
    PostSeed("hotline_operator", "报修投诉热线", "cs_supervisor", DESK),
    PostSeed("building_butler", "楼宇客服管家", "cs_supervisor", f"{FLOOR} complaint.see"),
    PostSeed("front_desk_assistant", "客服助理（前台接待）", "cs_supervisor", DESK),
    PostSeed("back_office", "内务", "cs_supervisor", "case.see estate.see material.see material.import"),
    PostSeed("centre_receptionist", "接待员", "centre_manager", DESK),
    PostSeed("cashier", "收费员", "centre_manager", "estate.see billing.see billing.import"),
    PostSeed("duty_staff", "值班人员", "cs_centre_director", DESK),
    PostSeed(
        "engineering_supervisor",
        "工程部主管",
        "office_manager",
        f"{FIELD} case.see order.dispatch order.inspect material.import",
    ),
    PostSeed("engineering", "工程技工", "engineering_supervisor", FIELD),
    PostSeed("security_supervisor", "安保部主管", "office_manager", "case.see order.see estate.see"),
    PostSeed("security", "保安部", "security_supervisor", "case.see case.register"),
    PostSeed("gate_guard", "保安门岗", "security_supervisor", "estate.see"),
    PostSeed("cleaning", "保洁", "cs_supervisor", FIELD),
    PostSeed("greening", "绿化", "cs_supervisor", FIELD),
    PostSeed("finance", "财务", "branch_leader", "estate.see billing.see material.see report.see"),
    PostSeed("developer", "开发商", "branch_leader", "case.see"),
    PostSeed("owners_committee", "业主委员会", "", ""),
    PostSeed("client", "委托方", "", ""),
    PostSeed("sales_cs", "客户服务部（售楼部）", "sales_director", DESK),
    PostSeed("sales_backoffice", "销售内勤", "sales_director", "estate.see"),
    PostSeed("sales_director", "销售总监", "branch_leader", READ),
    PostSeed("director_assistant", "总监助理", "sales_director", "estate.see"),
    PostSeed("mortgage_lawyer", "按揭律师", "sales_director", ""),
    PostSeed("signing_lawyer", "签约律师", "sales_director", ""),
    PostSeed("deputy_gm", "副总/总监", "", READ, totp=True),
)

SMALL = frozenset(
    "office_manager cs_supervisor front_desk building_butler cashier engineering security cleaning".split()  # noqa: SIM905 - on one line
)
"""What a small office begins with; the other posts are switched off until somebody needs them."""

DEPARTMENTS = {
    "company": "branch_leader business_mgmt quality_centre quality_dept operations_dept hq_cs_centre",
    "leaders": "office_manager office_director project_manager centre_manager centre_director cs_centre_director",
    "service": "cs_supervisor customer_assistant archivist receptionist lobby_receptionist front_desk hotline_operator"
    " building_butler front_desk_assistant back_office centre_receptionist duty_staff",
    "works": "engineering_supervisor engineering security_supervisor security gate_guard cleaning greening",
    "money": "cashier finance",
    "sales": "sales_cs sales_backoffice sales_director director_assistant mortgage_lawyer signing_lawyer deputy_gm",
    "outside": "developer owners_committee client",
}
"""The department of each post of the manuals; what an office adds says its own."""
