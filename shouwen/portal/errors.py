"""What Django itself refuses or breaks below ``/my/``, as pages of the residents' door: its look, its words, its letters.

``site.errors`` names them. What was typed stands on the page; after a stale form it is sent again with one press.
"""

from __future__ import annotations

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from shouwen.kernel import faults
from shouwen.portal.doors import MODE, at_home, page
from shouwen.portal.typed import typed


def bad_request(request: HttpRequest) -> HttpResponse:
    """400: a link or a form that cannot be read."""
    return _page(request, 400, _("这个链接不完整，请回首页再找。"))


def not_allowed(request: HttpRequest) -> HttpResponse:
    """403: nothing that one may do here."""
    return _page(request, 403, _("这里不能办这件事，请联系服务中心。"))


def not_found(request: HttpRequest) -> HttpResponse:
    """404: no such page, or none of this home."""
    return _page(request, 404, _("没有这一页，请回首页再找。"))


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault; 503: the line to the database was cut; 507: the disk's. Drawn without the database."""
    error, later = sys.exc_info()[1], _("请过一会儿再试一次；急的事请打电话给服务中心。")
    if faults.line_cut(error):
        doubt = _("刚才的可能送到了，也可能没有。请过一会儿回首页看一看，没有再送。")
        cut = _("系统的连接断了")
        return _page(request, 503, cut, later if request.method == "GET" else doubt, alone=True)
    if faults.disk_full(error):
        return _page(request, 507, _("系统的磁盘满了，刚才的没有保存"), later, alone=True, again=True)
    return _page(request, 500, _("系统出了点问题，刚才的没有生效"), later, alone=True, again=True)


def stale_form(request: HttpRequest) -> HttpResponse:
    """403 of the forgery check: a page that lay open since before a sign-in."""
    advice = _("您写的还在下面，再送一次就行。") if typed(request) else _("请回首页再试一次。")
    return _page(request, 403, _("这一页打开得太久了，刚才的没有送出"), advice, again=True)


def _page(
    request: HttpRequest,
    code: int,
    title: str,
    advice: str = "",
    *,
    alone: bool = False,
    again: bool = False,
) -> HttpResponse:
    """``alone``: as for a stranger, and without a question to the database. ``again``: what was typed can be sent."""
    context: dict[str, Any] = {"title": title, "advice": advice, "typed": typed(request), "again": again}
    if not alone:
        answer = page(request, "error.html", context, at_home(request), status=code)
        answer["Cache-Control"] = "no-store, private"
        return answer
    context |= {
        "request": request,
        "elder": request.COOKIES.get(MODE) == "elder",
        "csrf_token": get_token(request),
    }
    context["error_id"] = getattr(request, "id", "")
    return HttpResponse(render_to_string("portal/error.html", context), status=code)
