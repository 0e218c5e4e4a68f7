"""The sentences of the machine door."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from shouwen.kernel.refusals import Sentence

REFUSALS: dict[str, Sentence] = {
    "api.no_token": _("请在 Authorization 头里带上有效的令牌:Bearer sw_…"),
    "api.no_right": _("这个令牌没有「{right}」的权限。"),
    "api.no_address": _("没有这个地址,请对照接口说明。"),
    "api.no_method": _("这个地址只接受 {allowed}。"),
    "api.no_such_move": _("没有「{move}」这一步。"),
    "api.invalid": _("内容有误：{field} {why}"),
    "api.line_cut": _(
        "和数据库的连接断了：可能办成了，也可能没有。请带同一个 Idempotency-Key 再发一次，只会办一遍。"
    ),
    "api.unreadable": _("请求正文读不懂：不是完整的 JSON 或表单。"),
    "api.too_big": _("请求正文太大。"),
    "api.too_often": _("请求太频繁,请 {seconds} 秒后再试。"),
}

HINTS: dict[str, Sentence] = {
    "case.category": _("可用的分类和类型见 GET /api/v1/categories。"),
    "stale": _(
        "你依据的是第 {yours} 版，现在是第 {theirs} 版，内容在 current 里。如果这是重发，先看看是不是已经办成了；"
        "每次办理都带上 Idempotency-Key，重发时用同一个键，就只会办一遍，并得到第一次的结果。"
    ),
}
"""What a machine does about a refusal that screens never meet."""

_MOMENT = _("要是时刻，例如 2026-01-31T09:00:00+08:00。")
_WHOLE = _("要是整数。")
_TRUTH = _("要是 true 或 false。")
FAULTS: dict[str, Sentence] = {
    "missing": _("没有填。"),
    "extra_forbidden": _("没有这一项。"),
    "string_type": _("要是文字。"),
    "string_too_short": _("至少 {min_length} 个字。"),
    "string_too_long": _("最多 {max_length} 个字。"),
    "too_long": _("最多 {max_length} 个。"),
    "enum": _("只能是 {expected} 之一。"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "greater_than_equal": _("不能小于 {ge}。"),
    "less_than_equal": _("不能大于 {le}。"),
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "uuid_parsing": _("不是 UUID。"),
}
"""What is wrong with a field, by the library's kind of fault."""


def fault_words(fault: dict[str, Any]) -> str:
    """A fault in the reader's language; a rarer kind in the words of the library."""
    if fault["type"] not in FAULTS:
        return str(fault["msg"])
    facts = {
        name: str(value).replace(" or ", "、").replace(", ", "、")
        for name, value in fault.get("ctx", {}).items()
    }
    return str(FAULTS[fault["type"]]).format(**facts)
