"""One sentence for every fact and every refusal of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.kernel.journal import Verb
from shouwen.kernel.refusals import Sentence

VERBS = (
    Verb("company:added", _("{actor} 新建了公司"), icon="building"),
    Verb("branch:added", _("{actor} 新建了分公司"), icon="building"),
    Verb("community:added", _("{actor} 新建了项目"), icon="building"),
    Verb("community:changed", _("{actor} 修改了项目资料"), ("fields",), icon="pencil"),
    Verb("building:added", _("{actor} 新建了楼栋"), icon="building"),
    Verb("building:changed", _("{actor} 修改了楼栋"), ("fields",), icon="pencil"),
    Verb("space:added", _("{actor} 新建了公共区域"), icon="plus"),
    Verb("space:changed", _("{actor} 修改了公共区域"), ("fields",), icon="pencil"),
    Verb("unit:added", _("{actor} 新建了房屋"), icon="plus"),
    Verb("unit:changed", _("{actor} 修改了房屋资料"), ("fields",), icon="pencil"),
    Verb("unit:split", _("{actor} 拆分了房屋"), ("into",), icon="arrows-split-2"),
    Verb("unit:merged", _("{actor} 合并了房屋"), ("into",), icon="arrows-join"),
    Verb("unit:began", _("{actor} 由拆分或合并产生"), ("source",), icon="plus"),
    Verb("chronicle:added", _("{actor} 记了一条大事"), ("on",), icon="book"),
    Verb("person:added", _("{actor} 登记了人员"), icon="user"),
    Verb("person:changed", _("{actor} 修改了人员资料"), ("fields",), icon="pencil"),
    Verb("person:merged", _("{actor} 合并了重复人员"), ("into",), icon="arrows-join"),
    Verb("person:revealed", _("{actor} 查看了完整证件号码"), ("purpose",), icon="eye"),
    Verb("contact:added", _("{actor} 登记了电话"), ("person",), icon="phone"),
    Verb("contact:changed", _("{actor} 修改了电话"), ("person",), icon="phone"),
    Verb("contact:confirmed", _("{actor} 确认了电话仍属本人"), ("person",), icon="phone-check"),
    Verb("contact:removed", _("{actor} 删除了电话"), ("person",), icon="phone"),
    Verb("contact:revealed", _("{actor} 查看了完整电话"), ("person", "purpose"), icon="eye"),
    Verb("occupancy:began", _("{actor} 登记了入住关系"), ("person", "role", "since", "until"), icon="login"),
    Verb("occupancy:changed", _("{actor} 修改了入住关系"), ("person", "fields"), icon="pencil"),
    Verb("occupancy:ended", _("{actor} 办理了迁出"), ("person", "role", "on"), icon="logout"),
    Verb("vehicle:added", _("{actor} 登记了车辆"), icon="car"),
    Verb("vehicle:changed", _("{actor} 修改了车辆"), ("fields",), icon="car"),
    Verb("vehicle:removed", _("{actor} 注销了车辆"), icon="car"),
    Verb("hours:changed", _("{actor} 调整了服务时间"), ("calendar",), icon="clock"),
    Verb("days:changed", _("{actor} 调整了休息日和上班日"), ("calendar", "on", "kind"), icon="calendar"),
    Verb(
        "year:published",
        _("{actor} 更新了 {year} 年的法定假日"),
        ("calendar", "year", "count"),
        icon="calendar",
    ),
    Verb(
        "import:done",
        _("{actor} 导入了一批资料"),
        ("source", "units", "persons", "occupancies", "vehicles", "cases", "changed", "refused"),
        icon="upload",
    ),
)

REFUSALS: dict[str, Sentence] = {
    "right_missing": _("你没有做这件事的权限，需要时请主管授权。"),
    "bad_field": _("“{field}”填写有误：{why}"),
    "unit_retired": _("这套房已拆分或合并，不能再改。"),
    "unit_in_other_building": _("只有同一楼栋的房屋可以合并。"),
    "split_needs_two": _("拆分至少要写两个新房号。"),
    "merge_needs_two": _("合并至少要选两套房。"),
    "code_repeated": _("房号“{unit}”写了两次。"),
    "other_community": _("只能使用同一个项目里的资料。"),
    "ends_before_start": _("迁出日期不能早于入住日期。"),
    "already_ended": _("这项入住关系已经结束。"),
    "merge_with_self": _("不能把一个人合并到自己。"),
    "already_merged": _("这个人已合并到另一个人，请打开合并后的资料。"),
    "purpose_missing": _("查看完整号码要选择用途。"),
    "calendar_changed": _("服务时间刚被别人改过，请刷新后再改。"),
    "hours_missing": _("每周至少要有一天有服务时间。"),
    "hours_overlap": _("{day}的服务时间互相重叠。"),
    "bad_phone": _("{why}"),
    "bad_identity": _("证件号码不对：18 位的身份证号或信用代码，最后一位校验要正确，请对照证件核对。"),
    "identity_length": _("证件号码是 {digits} 位：身份证是 18 位（旧证 15 位），请对照证件核对。"),
    "identity_short": _("证件号码太短，请对照证件核对。"),
    "estate_community_code_key": _("已有项目用了这个代码。"),
    "estate_company_name_key": _("已有同名的公司。"),
    "public_year": _("年份要在 2000 到 2100 之间。"),
    "public_empty": _("一天也没有，没有可发布的。"),
    "public_on": _("{day} 不在 {year} 年的安排里。"),
    "public_none": _("{year} 年没有本项目自己的表。"),
    "hours_start": _("同一天的服务时间不能从同一时刻开始。"),
    "hours_weekday": _("星期只能是周一到周日。"),
    "calendar_day": _("这一天已经有安排。"),
    "import_running": _("这个项目正在导入另一份资料，请等它结束。"),
    "import_over": _("这次导入正在进行或已经完成。"),
    "import_fees": _(
        "这是缴费历史。本系统还没有收费，里面的金额和期间不能导入，什么也没有写入；房屋、住户和车辆请用房屋资料表导入。"
    ),
    "import_stock": _("这是物品清单。本系统还没有仓库，物品和库存不能导入，什么也没有写入。"),
    "import_meters": _(
        "这是水电表清单。本系统还没有仪表，表号和表类型不能导入，什么也没有写入；房屋请用房屋资料表导入。"
    ),
    "import_unknown": _(
        "认不出这份表格：表头要有“房号”，还要有“楼栋”或“姓名”。“{sheet}”里的表头是：{found}。可以下载模板对照。"
    ),
}
