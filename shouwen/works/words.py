"""The sentences of works: one per verb, one per refusal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.kernel.journal import Verb

VERBS = (
    Verb("order:opened", _("开出派工单"), ("trade", "urgent", "public"), "send"),
    Verb(
        "order:dispatched",
        _("{actor} 派工给 {technician}"),
        ("technician", "handler", "how", "urgent"),
        "send",
        _("已派{technician}师傅上门"),
        _("{actor} 抢单"),
    ),
    Verb("order:accepted", _("{actor} 接单"), (), "check", _("师傅已接单")),
    Verb("order:arrived", _("{actor} 到场"), (), "map-pin", _("师傅到了")),
    Verb("order:paused", _("停表：{reason}"), ("reason",), "player-pause", _("先停一停：{reason}")),
    Verb("order:materials", _("{actor} 领料"), (), "package"),
    Verb("order:resumed", _("{actor} 继续计时"), (), "player-play", _("继续修")),
    Verb("order:carried", _("{actor} 改约到 {on}"), ("on",), "calendar", _("改约到 {on} 上门")),
    Verb("order:appointed", _("约定 {due} 前到场"), ("due",), "calendar"),
    Verb("order:refused", _("{actor} 退单"), ("urgent",), "arrow-back"),
    Verb("order:recalled", _("{actor} 撤回派工"), ("urgent",), "arrow-back"),
    Verb("order:finished", _("{actor} 完工"), ("public", "confirmed", "how"), "check", _("修完了")),
    Verb("order:inspected", _("{actor} 验收：{passed}"), ("passed",), "eye"),
    Verb("order:phone_shown", _("{actor} 查看了住户电话"), ("shown", "contact"), "phone"),
    Verb("order:cancelled", _("派工单取消"), (), "x"),
)

REFUSALS = {
    "order.taken": _("这张单刚被 {name} 接走了。"),
    "order.have_it": _("这张单已经在你手上。"),
    "order.not_yours": _("这张单派给了别人。"),
    "order.no_skill": _("所选的人不在这个项目，或不能接单。"),
    "order.why": _("请写明原因。"),
    "order.pause_reason": _("请选择停表原因。"),
    "order.result": _("请写下处理结果。"),
    "order.confirmation": _("请住户签名、报确认码或填确认人，或写明为什么没有确认。"),
    "order.code": _("确认码不对，请向住户再问一遍。"),
    "order.code_tries": _("确认码试了太多次，请 {minutes} 分钟后再试，或请住户签名。"),
    "order.material": _("请写下领了什么、多少。"),
    "order.materials_long": _("用料一共最多写 300 个字。"),
    "order.stage": _("照片要么是修前，要么是修后。"),
    "order.minutes": _("用时要在 1 到 1440 分钟之间。"),
    "order.carried": _("改约日期要在今天之后。"),
    "order.no_phone": _("没有留电话。"),
    "order.begun": _("{name}已经到场：同一工种里换分类可以，换工种、换类型或紧急程度要等完工之后。"),
    "order.sent": _("已派给{name}：请先撤回或由其退单，再改紧急程度。"),
    "order.own_inspection": _("自己修的不能自己验收。"),
}
