"""Calendar feeds at the door: the addresses of one's own, made and ended here; and the file that a telephone fetches."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from shouwen.duties import feeds
from shouwen.duties.models import Feed
from shouwen.front import look
from shouwen.front.doors import Answer, community, done, may, page, staff_door, viewer
from shouwen.front.settings_parts import secret as told_once
from shouwen.front.settings_parts import table
from shouwen.kernel import clock, limits
from shouwen.people.viewers import StaffActor

OFTEN = 30, timedelta(hours=1)
GUESSES = 20, timedelta(hours=1)


@require_GET
@staff_door()
def feed_list(request: HttpRequest) -> HttpResponse:
    """The addresses of one's own that hold, and what each tells."""
    me, here = viewer(request), community(request)
    actions = [
        look.Action("mine", _("订阅我的应办"), reverse("feed_new"), icon="plus", post=True, primary=True,
                    hidden=(("scope", "mine"),)),
    ]  # fmt: skip
    if may(request, feeds.RIGHT):
        words = _("订阅%s的应办") % here.name
        actions.append(
            look.Action(
                "here", words, reverse("feed_new"), icon="plus", post=True, hidden=(("scope", "here"),)
            )
        )
    context = {
        "title": _("手机日历订阅"),
        "lead": _("把地址加进手机或电脑的日历，到期的应办就在日历里。地址等于钥匙，不要转给别人。"),
        "back": look.Link(_("应办日历"), reverse("calendar")),
        "actions": tuple(actions),
        "tables": (_feeds(me),),
    }
    return page(request, "front/detail.html", context)


def _feeds(me: StaffActor) -> look.TableList:
    rows = [
        look.TableRow(
            cells=(
                look.Cell(_name(row), strong=True),
                look.Cell(f"{clock.local(row.made_at):%Y-%m-%d %H:%M}", dim=True, nowrap=True),
                look.Cell(
                    f"{clock.local(row.read_at):%Y-%m-%d %H:%M}" if row.read_at else _("还没有读过"), dim=True
                ),
            ),
            actions=(
                look.Action(
                    f"end-{row.pk}", _("停用"), reverse("feed_end", args=[row.pk]), icon="x", post=True
                ),
            ),
        )
        for row in feeds.mine(me)
    ]
    empty = _("还没有订阅。订阅后，地址只显示一次。")
    return table(_("在用的地址"), (_("内容"), _("建立"), _("最近读取")), rows, empty=empty)


def _name(row: Feed) -> str:
    return _("%s的应办") % row.place.name if row.place else _("我的应办")


@require_POST
@staff_door()
def feed_new(request: HttpRequest) -> HttpResponse:
    """A new address, shown here and nowhere again; it takes the place of the one before."""
    place = community(request).pk if request.POST.get("scope") == "here" else None
    row, words = feeds.issue(actor=viewer(request), community_id=place)
    url = f"{_site(request)}{reverse('feed', args=[words])}"
    return told_once(
        request, title=_("订阅地址"),
        lead=_("地址只显示这一次。在日历里选“添加订阅日历”，贴上这个地址；换手机时再建一个，旧的就停用。"),
        shown=((_("内容"), _name(row)), (_("地址"), url)), home=look.Link(_("记下了"), reverse("feed_list")),
    )  # fmt: skip


@require_http_methods(["POST"])
@staff_door()
def feed_end(request: HttpRequest, key: int) -> HttpResponse:
    """Make an address worthless."""
    row = feeds.end(key, actor=viewer(request))
    return done(request, reverse("feed_list"), _("%s的订阅地址已停用") % _name(row))


@require_safe
def feed(request: HttpRequest, secret: str) -> Answer:
    """The file itself: who holds the address needs no sign-in. Guessing and fetching too often are slowed down."""
    address = request.META.get("REMOTE_ADDR", "")
    if not limits.hit(f"feed:{secret}", *OFTEN):
        return HttpResponse(status=429, headers={"Retry-After": "3600"})
    row = feeds.opened(secret)
    if row is None:
        if not limits.hit(f"feed-guess:{address}", *GUESSES):
            return HttpResponse(status=429, headers={"Retry-After": "3600"})
        return HttpResponse(status=404)
    with translation.override(row.staff.language or settings.LANGUAGE_CODE):
        body = feeds.calendar_of(row, _site(request))
    headers = {"Content-Disposition": 'inline; filename="shouwen.ics"', "Cache-Control": "private, no-store"}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


def _site(request: HttpRequest) -> str:
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"
