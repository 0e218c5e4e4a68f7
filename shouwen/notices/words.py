"""What notices say: one sentence per code, with ``{name}`` parts from the notice's data; verbs and refusals."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.kernel.journal import Verb
from shouwen.kernel.refusals import Sentence

NOTICES: dict[str, str | Promise] = {
    "order.assigned": _("派给你一张派工单"),
    "order.taken_back": _("派给你的派工单已收回，不用去了"),
    "order.refused": _("派工单被退回，请另派"),
    "order.absent": _("师傅上门时家里没人，请和住户另约时间"),
    "case.handed": _("转给你办理"),
    "case.reopened": _("住户不满意，已重新办理"),
    "case.urged": _("住户催办"),
    "resident.registered": _("住户自己报了一件事，你是首问责任人"),
    "resident.said": _("住户补充了说明"),
    "complaint.registered": _("有一件投诉要你处理"),
    "complaint.classified": _("有一件投诉定级后由你处理"),
    "staff.handed_over": _("同事把手上的 {count} 件事转给了你"),
    "staff.stand_in": _("{name} {since} 到 {until} 请假，由你代理：提醒发给你，应办由你办"),
    "staff.away": _("{name} 登记了自己的请假：{since} 到 {until}"),
    "staff.back": _("{name} 的请假结束或改了，你不再代理"),
    "back_entry.confirm": _("有一条补录等你确认时间"),
    "duty.warned": _("「{clause}」快到期了"),
    "duty.late": _("「{clause}」已到期，还没有办完"),
    "duty.long_late": _("「{clause}」已严重超时"),
    "duty.digest": _("今天到期 {due} 件，已超时 {late} 件；下属超时 {below} 件"),
}
HOMES: dict[str, str | Promise] = {
    "home.received": _("您报的事已受理"),
    "home.coming": _("约好了上门"),
    "home.done": _("办好了，请您确认"),
    "home.reopened": _("重新给您办"),
    "home.closed": _("这件事关闭了"),
    "home.merged": _("和别人报的同一件事，正在一起办"),
    "home.merged_done": _("和别人报的同一件事，办好了"),
}
"""What residents hear of a matter that they brought, outside of their door."""
ICONS: dict[str, str] = {
    "order.assigned": "send",
    "order.taken_back": "x",
    "order.refused": "arrow-back",
    "order.absent": "door-off",
    "case.handed": "arrow-right",
    "case.reopened": "refresh",
    "case.urged": "bell",
    "resident.registered": "device-mobile",
    "resident.said": "message",
    "complaint.registered": "message",
    "complaint.classified": "tag",
    "staff.handed_over": "arrow-right",
    "staff.stand_in": "user-check",
    "staff.away": "user-off",
    "staff.back": "user-check",
    "back_entry.confirm": "rubber-stamp",
    "duty.warned": "hourglass",
    "duty.late": "alert-octagon",
    "duty.long_late": "alert-octagon",
    "duty.digest": "clipboard-check",
}

PRESSING: tuple[str, ...] = ("duty.late", "duty.long_late")
"""What goes out by e-mail unless somebody chose otherwise: what is due or late."""

VERBS = (
    Verb("mailbox:changed", _("{actor} 修改了发信邮箱"), ("fields",), icon="mail"),
    Verb("wording:changed", _("{actor} 修改了邮件模板"), icon="pencil"),
    Verb("wording:dropped", _("{actor} 把邮件模板改回预设"), icon="arrow-back-up"),
    Verb("way:chosen", _("{actor} 选择了提醒方式"), ("mail",), icon="bell"),
    Verb("gateway:changed", _("{actor} 修改了短信网关"), ("fields",), icon="device-mobile"),
    Verb("home_way:chosen", _("{actor} 选择了要不要收通知"), ("letters",), icon="bell"),
    Verb("letters:retried", _("{actor} 让搁置的外发再试"), ("count",), icon="refresh"),
)

REFUSALS: dict[str, Sentence] = {
    "notice.not_found": _("没有这条提醒。"),
    "mail.everywhere": _("发信邮箱和模板全公司共用，要在每个项目都有改设置的权限才能改。"),
    "mail.password_again": _("换了服务器或用户名，请重新填密码。"),
    "mail.field": _("模板里的 {{{field}}} 不是能用的内容，能用的列在旁边。"),
    "mail.not_set_up": _("先设好发信邮箱再试。"),
    "mail.no_address": _("先填自己的邮箱。"),
    "mail.failed": _("没有发出：{why}"),
    "sms.not_set_up": _("先设好短信网关再试。"),
    "sms.secret_again": _("换了网关地址或请求头，请重新填密钥。"),
    "sms.address": _("网关地址不对：{why}"),
    "sms.header": _("请求头的名字只能用英文字母、数字和 -，也不能是连接本身要用的。"),
    "home.proof": _("这个链接不能用了，请到“我的”里再填一次邮箱。"),
    "home.bad_email": _("“{typed}”不是邮箱。"),
    "mail.too_often": _("试得太频繁，请 {seconds} 秒后再试。"),
}
