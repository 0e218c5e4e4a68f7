"""What Django itself refuses or breaks, as pages of the house. Named in ``site.urls`` and the settings.

Drawn without the request: no session, no database, so that the page of a fault cannot fault.
"""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from shouwen.kernel import faults


def page(request: HttpRequest, code: int, words: str = "") -> HttpResponse:
    """A fault as a page, or as a part of one for a script."""
    context = {"code": code, "words": words, "error_id": getattr(request, "id", "") if code >= 500 else ""}
    if request.headers.get("HX-Request"):
        return HttpResponse(render_to_string("front/parts/error_body.html", context), status=code)
    return HttpResponse(render_to_string("front/error.html", context), status=code)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a link or a form that cannot be read."""
    return page(request, 400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the post does not carry the right."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page, or none that this person may know of."""
    return page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault; the id finds the log line. 503: the line to the database was cut. 507: the disk's."""
    error = sys.exc_info()[1]
    if faults.line_cut(error):
        return page(request, 503, _cut(request))
    if faults.disk_full(error):
        return page(
            request, 507, _("服务器的磁盘满了，刚才的没有保存。请告诉管理员腾出空间，然后返回再提交一次。")
        )
    return page(request, 500)


def _cut(request: HttpRequest) -> str:
    if request.method == "GET":
        return _("和数据库的连接断了。请稍等片刻再刷新；一直这样，请告诉管理员。")
    return _(
        "和数据库的连接断了：刚才的可能办成了，也可能没有。请返回再提交一次；登记和办理，再提交也只办一遍。"
    )


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of the forgery check: nearly always a page that lay open since before a sign-in."""
    return page(request, 403, _("这一页打开得太久，或在别的窗口里重新登录过。请返回刷新，再提交一次。"))


def too_many(request: HttpRequest, retry_after: int = 0) -> HttpResponse:
    """429: the same address or account asked too often."""
    response = page(request, 429)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response
