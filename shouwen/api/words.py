"""The sentences of the machine door."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.kernel.refusals import Sentence

REFUSALS: dict[str, Sentence] = {
    "api.no_token": _("请在 Authorization 头里带上有效的令牌:Bearer sw_…"),
    "api.no_right": _("这个令牌没有「{right}」的权限。"),
    "api.no_address": _("没有这个地址,请对照接口说明。"),
    "api.no_method": _("这个地址只接受 {allowed}。"),
    "api.no_such_move": _("没有「{move}」这一步。"),
    "api.invalid": _("内容有误:{field} {why}"),
    "api.line_cut": _(
        "和数据库的连接断了：可能办成了，也可能没有。请带同一个 Idempotency-Key 再发一次，只会办一遍。"
    ),
    "api.unreadable": _("请求正文读不懂：不是完整的 JSON 或表单。"),
    "api.too_big": _("请求正文太大。"),
    "api.too_often": _("请求太频繁,请 {seconds} 秒后再试。"),
}
