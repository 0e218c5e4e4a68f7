"""The sentences of the residents' door."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.kernel.refusals import Sentence

REFUSALS: dict[str, Sentence] = {
    "portal.nowhere": _("没有这一页，请回首页再找。"),
    "portal.no_sign_in": _("没有这个登录，或已经结束。"),
    "portal.too_many": _("今天报得太多了，急的事请打电话给服务中心。"),
    "portal.no_home": _("没有找到这套房，或您已经迁出。"),
}

LEFT, SENT = "left", ("reported", "known")
"""After these presses nothing is kept of what was typed: by nobody, or of the report."""

SAID: dict[str, Promise] = {
    "welcome": _("登录好了。"),
    "reported": _("报好了，马上有人办。进度都在这里。"),
    "known": _("好的，有事再来。"),
    "left": _("已退出登录。"),
    "urge": _("已替您催了，经办的人会马上收到。"),
    "say": _("已补充，经办的人看得到。"),
    "satisfied": _("谢谢您，这件事办结了。"),
    "reopened": _("知道了，重新给您办。"),
    "letters": _("记下了。"),
    "proof": _("发了一封信到那个邮箱，点开里面的网址才算数；没收到就再填一次。"),
    "ended": _("已结束那里的登录。"),
}
"""What a page says after a press: the address carries the code, never the words."""
