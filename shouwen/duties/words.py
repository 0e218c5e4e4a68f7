"""The sentences of duties: one per verb and refusal, and the words of clause files so that they are translated."""

from __future__ import annotations

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from shouwen.kernel.journal import Verb
from shouwen.kernel.refusals import Sentence

VERBS = (
    Verb("duty:escalated", _("「{clause}」到第 {rung} 级提醒"), ("clause", "rung", "next"), "alarm"),
    Verb("policy:set", _("{actor} 调整时限「{key}」为 {value}"), ("key", "value"), "settings"),
)

REFUSALS: dict[str, Sentence] = {
    "policy.key": _("没有「{key}」这项时限。"),
    "policy.value": _("时限“{value}”写法不对,例:PT2H、P3D、P2BD。"),
    "policy.right": _("你没有改时限的权限。"),
    "duty.too_early": _("「{clause}」要满 {span},{until} 以后才能登记结束。"),
}

# The texts of clauses/*.toml, listed so that the catalogue of translations has them; a test keeps the lists equal.
CLAUSE_TEXTS = (
    _("咨询答复"),
    _("建议回复"),
    _("投诉定级"),
    _("投诉答复"),
    _("投诉处理"),
    _("派工"),
    _("到场"),
    _("紧急到场"),
    _("完工"),
    _("紧急完工"),
    _("公共区验收"),
    _("回访"),
    _("重办督促"),
    _("投诉受理"),
    _("投诉处理(未分类)"),
    _("投诉处理(一类:服务)"),
    _("投诉处理(二类:开发商)"),
    _("投诉处理(三类:外部)"),
)
FACT_TEXTS = (
    _("登记"),
    _("改类型"),
    _("答复"),
    _("投诉定级"),
    _("答复投诉人"),
    _("处理完毕"),
    _("办理完成"),
    _("回访"),
    _("住户满意"),
    _("住户不满意"),
    _("未确认关闭"),
    _("取消事项"),
    _("开出派工单"),
    _("派工给技工"),
    _("退单"),
    _("撤回派工"),
    _("到场"),
    _("停表"),
    _("继续"),
    _("完工"),
    _("验收"),
    _("派工单取消"),
)
VALUE_TEXTS = (
    _("报修"), _("投诉"), _("咨询"), _("建议"), _("紧急"), _("不紧急"), _("公共区"), _("户内"),
    _("已接通"), _("不愿评价"),
    _("等邻户开门"), _("等住户时间"), _("等备件"), _("等停水通知"), _("等天气"), _("等外委单位"),
)  # fmt: skip

OWNERS = {
    "first_responder": _("首问责任人"),
    "handler": _("经办人"),
    "follow_up_by": _("回访人"),
    "technician": _("技工"),
}
CLOCKS = {"service": _("按服务时间计"), "elapsed": _("按钟点计"), "calendar": _("按自然日计")}


def said(text: str) -> str:
    """A text of a clause file in the language of the reader."""
    return translate(text) if text else text
