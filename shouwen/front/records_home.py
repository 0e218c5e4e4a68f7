"""The residents' door of one home, as the desk sees it: slips handed out, telephones signed in."""

from __future__ import annotations

from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from shouwen.estate.household import members_of
from shouwen.estate.models import Unit
from shouwen.front import look
from shouwen.front.doors import done, page, staff_door, viewer
from shouwen.front.record_parts import button
from shouwen.front.records import fetch_unit
from shouwen.front.records_people import home_of
from shouwen.kernel import clock
from shouwen.kernel.text import joined
from shouwen.people import home_sign_in
from shouwen.people.models import HomeSignIn, HomeSlip
from shouwen.plant.ports import is_loopback

EDIT = "estate.edit"
LISTED = 20


@require_GET
@staff_door(EDIT)
def home_door(request: HttpRequest, key: int) -> HttpResponse:
    """Who of a home can sign in, which slips were handed out, where somebody is signed in."""
    unit = fetch_unit(request, key)
    context = {
        "title": _("住户自助：%s") % unit.code,
        "lead": _("登录条 15 分钟内有效，只能用一次，只进这一户。请核对本人再打印。"),
        "back": look.Link(unit.code, reverse("unit", args=[unit.pk])),
        "tables": (_members(unit), _slips(unit), _sign_ins(unit)),
    }
    return page(request, "front/detail.html", context)


def _members(unit: Unit) -> look.TableList:
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(m.name, strong=True),
                look.Cell(m.role_words),
                look.Cell(joined(p.masked for p in m.phones), nowrap=True),
            ),
            actions=(
                button(
                    _("打印登录条"), reverse("home_slip", args=[unit.pk, m.person_id]), "qrcode", post=True
                ),
            ),
        )
        for m in members_of(unit)
    )
    columns = tuple(map(look.Column, (_("姓名"), _("身份"), _("电话"))))
    return look.TableList(title=_("住户"), columns=columns, rows=rows, empty=_("还没有登记住户。"))


def _slips(unit: Unit) -> look.TableList:
    found = HomeSlip.objects.filter(unit=unit).select_related("person", "issued_by").order_by("-issued_at")
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(clock.said(s.issued_at), nowrap=True, dim=True),
                look.Cell(str(s.person), strong=True),
                look.Cell(s.issued_by.name if s.issued_by else _("系统")),
                look.Cell(tag=_state(s)),
            ),
            actions=(button(_("作废"), reverse("home_slip_void", args=[s.pk]), "x", post=True),)
            if _is_open(s)
            else (),
        )
        for s in found[:LISTED]
    )
    columns = tuple(map(look.Column, (_("打印时间"), _("给谁"), _("谁打的"), _("状态"))))
    return look.TableList(title=_("登录条"), columns=columns, rows=rows, empty=_("还没有打印过登录条。"))


def _is_open(s: HomeSlip) -> bool:
    return s.used_at is None and s.voided_at is None and s.expires_at > clock.now()


def _state(s: HomeSlip) -> str:
    if s.used_at:
        return _("已用 %s") % f"{clock.local(s.used_at):%H:%M}"
    if s.voided_at:
        return _("已作废")
    return _("等着用") if _is_open(s) else _("已过期")


def _sign_ins(unit: Unit) -> look.TableList:
    live = members_of(unit)
    rows = HomeSignIn.objects.filter(
        community_id=unit.community_id, ended_at=None, expires_at__gt=clock.now()
    )
    here = rows.filter(unit=unit) | rows.filter(unit=None, person_id__in=[m.person_id for m in live])
    found = tuple(
        look.TableRow(
            cells=(
                look.Cell(f"{clock.local(s.at):%Y-%m-%d %H:%M}", nowrap=True, dim=True),
                look.Cell(str(s.person), strong=True),
                look.Cell(s.get_by_display()),
                look.Cell(s.agent[:60], dim=True),
            ),
            actions=(button(_("结束"), reverse("home_sign_in_end", args=[s.pk]), "x", post=True),),
        )
        for s in here.select_related("person").order_by("-at")[:LISTED]
    )
    columns = tuple(map(look.Column, (_("登录时间"), _("谁"), _("怎么登录的"), _("浏览器"))))
    return look.TableList(title=_("已登录的手机"), columns=columns, rows=found, empty=_("没有人登录。"))


@never_cache
@require_POST
@staff_door(EDIT)
def home_slip(request: HttpRequest, key: int, person: int) -> HttpResponse:
    """Print a slip for one member of the household. Its link is shown this once."""
    unit = fetch_unit(request, key)
    row, secret = home_sign_in.issue_slip(unit.pk, actor=viewer(request), person_id=person)
    url = site(request) + reverse("portal:slip", args=[secret])
    context = {
        "title": _("住户登录条"),
        "community": unit.community,
        "unit": unit,
        "person": row.person,
        "until": f"{clock.local(row.expires_at):%H:%M}",
        "printed": f"{clock.local(row.issued_at):%Y-%m-%d %H:%M} {viewer(request).name}",
        "url": url,
        "only_here": only_here(url),
        "qr": segno.make(url, error="m").svg_inline(border=4, omitsize=True),
        "back": reverse("home_door", args=[unit.pk]),
    }
    return render(request, "front/slip.html", context)


def site(request: HttpRequest) -> str:
    """Where residents reach this house: its public address, else the one that the desk uses."""
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"


def only_here(url: str) -> bool:
    """Whether an address to be handed out leads nowhere but to the computer of the desk itself."""
    return is_loopback(urlsplit(url).hostname or "")


@require_POST
@staff_door(EDIT)
def home_slip_void(request: HttpRequest, key: int) -> HttpResponse:
    """Take a slip back that was not used."""
    row = home_sign_in.void_slip(key, actor=viewer(request))
    return done(request, reverse("home_door", args=[row.unit_id]), _("登录条已作废"))


@require_POST
@staff_door(EDIT)
def home_sign_in_end(request: HttpRequest, key: int) -> HttpResponse:
    """End a telephone's sign-in: whoever holds it needs a new slip."""
    row = home_sign_in.end_sign_in(key, actor=viewer(request))
    home = reverse("home_door", args=[row.unit_id]) if row.unit_id else home_of(row.person)
    return done(request, home, _("%s 在那部手机上的登录已结束") % row.person.name)
