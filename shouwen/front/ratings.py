"""The link by which an asker rates a matter, as a slip with a code to scan."""

from __future__ import annotations

from uuid import UUID

import segno
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shouwen.cases import ratings
from shouwen.front import desk
from shouwen.front.doors import page, staff_door, viewer
from shouwen.front.records_home import only_here, site
from shouwen.kernel import clock


@never_cache
@require_http_methods(["GET", "POST"])
@staff_door(ratings.FOLLOW_UP)
def rating_link(request: HttpRequest, key: UUID) -> HttpResponse:
    """GET: what it is. POST: a fresh link, printed or held out to be scanned; it is shown this once."""
    case = desk.fetch(request, key)
    home = reverse("case", args=[case.pk])
    if request.method == "GET":
        context = {
            "title": _("评价二维码：%s") % case.number,
            "lead": _("给报事的人扫：14 天内有效，只能评一次，不预设满意。之前给的会作废。"),
            "form": forms.Form(), "submit": _("生成"), "cancel_url": home,
        }  # fmt: skip
        return page(request, "front/form.html", context)
    row, secret = ratings.make_link(case.pk, actor=viewer(request))
    url = site(request) + reverse("portal:rate", args=[secret])
    context = {
        "case": case, "community": case.community, "until": f"{clock.local(row.expires_at):%Y-%m-%d}", "url": url,
        "printed": f"{clock.local(row.made_at):%Y-%m-%d %H:%M} {viewer(request).name}",
        "qr": segno.make(url, error="m").svg_inline(border=4, omitsize=True), "back": home,
        "only_here": only_here(url),
    }  # fmt: skip
    return render(request, "front/rating_slip.html", context)
