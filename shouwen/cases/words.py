"""The sentences of cases: one per verb, one per refusal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.kernel.journal import Verb

VERBS = (
    Verb(
        "case:registered",
        _("{actor} 登记{kind}，成为首问责任人"),
        (
            "kind",
            "category",
            "trade",
            "channel",
            "urgent",
            "first_responder",
            "handler",
            "back_entry",
            "about",
        ),
        "clipboard",
        _("已受理，{first_responder}对这件事负责到底"),
    ),
    Verb("cases:imported", _("{actor} 导入 {rows} 件事项"), ("rows", "history"), "file-import"),
    Verb("case:noted", _("{actor} 记录"), (), "note"),
    Verb("case:photographed", _("{actor} 添加照片"), (), "photo"),
    Verb("case:handed", _("{actor} 转给 {handler} 办理"), ("handler",), "arrow-right"),
    Verb(
        "case:recast", _("{actor} 改为{kind}"), ("kind", "category", "trade", "urgent", "suggested"), "edit"
    ),
    Verb(
        "case:refiled",
        _("{actor} 改分类为{category}"),
        ("category", "trade", "urgent", "suggested"),
        "edit",
    ),
    Verb("case:suggestion_declined", _("{actor} 看过建议，不改"), ("category",), "bulb-off"),
    Verb("case:promised", _("{actor} 与住户约定时间"), (), "calendar", _("约好了上门时间")),
    Verb("case:urged", _("{actor} 催办"), (), "bell", _("催办了一次")),
    Verb("case:answered", _("{actor} 答复"), (), "message", _("已答复您")),
    Verb("case:classified", _("{actor} 定级：{level}，{severity}"), ("level", "severity", "handler"), "tag"),
    Verb("case:replied", _("{actor} 给出明确答复"), (), "message", _("已答复您")),
    Verb("case:solved", _("{actor} 处理完毕"), (), "check", _("处理完了，请您确认")),
    Verb("case:started", _("开始处理"), ("handler",), "tool"),
    Verb("case:waiting", _("回到待派工"), (), "send"),
    Verb("case:done", _("办理完成，等回访"), ("follow_up_by",), "check"),
    Verb("follow_up:tried", _("{actor} 回访：{outcome}"), ("outcome", "satisfied"), "phone"),
    Verb("case:satisfied", _("住户满意，{actor} 关闭"), ("on_the_spot",), "circle-check", _("满意，已办结")),
    Verb("case:reopened", _("住户不满意，重新办理"), ("handler", "trade"), "refresh", _("不满意，重新办理")),
    Verb(
        "case:unconfirmed",
        _("{actor} 三次联系不上，按未确认关闭"),
        (),
        "phone-off",
        _("多次没联系上您，先关闭了"),
    ),
    Verb("case:cancelled", _("{actor} 取消({by})"), ("by",), "x", _("已取消")),
    Verb("case:back_entry_confirmed", _("{actor} 确认补录时间属实"), (), "rubber-stamp"),
    Verb("category:added", _("{actor} 新建了分类"), ("kind", "trade"), "plus"),
    Verb("category:changed", _("{actor} 修改了分类"), ("fields",), "pencil"),
    Verb("category:closed", _("{actor} 停用了分类"), (), "x"),
    Verb("category:opened", _("{actor} 恢复了分类"), (), "check"),
)

REFUSALS = {
    "wrong_state": _("现在是「{state}」，不能{move}。"),
    "no_right": _("你没有「{move}」的权限。"),
    "not_found": _("没有这条记录，或你看不到它。"),
    "stale": _("这条记录刚被别人改过，请对照后再提交。"),
    "in_flight": _("同一个请求正在处理，请稍候再看结果。"),
    "key_reused": _("这个防重复键已用于另一份内容。"),
    "case.place": _("请选择房号、公共区域，或写明地点。"),
    "case.title": _("请用一句话写明事项。"),
    "case.phone": _("回电号码不对：{why}"),
    "case.future": _("发生时间不能晚于现在。"),
    "case.not_this_kind": _("这类事项不走这一步。"),
    "case.has_orders": _("报修由派工单推进，请到派工单上操作。"),
    "case.same_handler": _("已经由 {name} 经办。"),
    "case.handler_out": _("所选的人不在这个项目，或没有办理权限。"),
    "case.about_handler": _("投诉不能交给被投诉的员工。"),
    "case.words": _("请写下内容。"),
    "import.columns": _("找不到标题或原话列，请用 --map title=列名 指定。"),
    "case.own_work": _("自己办的事不能自己回访，请由前台回访。"),
    "case.satisfied_unsaid": _("接通了就要记下满意或不满意。"),
    "case.past": _("约定时间不能早于现在。"),
    "case.attempts": _("未确认关闭要先在两天内至少联系三次（已有 {attempts} 次、{days} 天）。"),
    "case.confirm_self": _("补录要由另一个人确认。"),
    "case.no_back_entry": _("这件事不是补录，或已确认。"),
    "case.category": _("分类与类型不符，或已停用。"),
    "case.same_kind": _("类型没有变；只换分类请用“改分类”。"),
    "case.nothing_changed": _("分类和紧急程度都没有变。"),
    "case.about_only_complaint": _("只有投诉可以选被投诉的员工。"),
    "category.everywhere": _("分类全公司共用，要在每个项目都有改设置的权限才能改。"),
    "category.last": _("“{kind}”至少要留一个在用的分类。"),
    "category.name": _("这个类型已有叫“{name}”的分类。"),
}
