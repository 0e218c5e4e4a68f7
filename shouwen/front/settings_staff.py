"""Colleagues: the list, the page of one, their accounts, passwords, sessions and one-time codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.forming import Typed, confirm, fields_of, form_view
from shouwen.front.record_forms import CleanForm
from shouwen.front.settings_grants import GrantForm, place_of, places
from shouwen.front.settings_parts import Values, button, edit_view, fetch_staff, known, secret
from shouwen.front.tables import Export, Facet, each, listing
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import joined
from shouwen.people import absences, actions, sign_in
from shouwen.people.models import Area, Grant, Post, SignIn, Staff, TotpReset, Trade
from shouwen.people.who import lacks_fallback

MANAGE = "staff.manage"


# --- the list ---------------------------------------------------------------------------------------------------------


@require_GET
@staff_door(MANAGE)
def staff_list(request: HttpRequest) -> HttpResponse:
    """Everybody with a post here, and accounts that have none yet."""
    here = community(request)
    reached = Grant.objects.reaching([here.pk])
    nobody_yet = ~Exists(Grant.objects.filter(staff=OuterRef("pk")))
    rows = Staff.objects.filter(Q(pk__in=reached.values("staff")) | nobody_yet)
    posts = [(post.pk, str(post)) for post in Post.objects.filter(pk__in=reached.values("post"))]
    return listing(  # type: ignore[return-value]
        request,
        title=_("员工"),
        lead=_("还没有兜底负责人") if lacks_fallback(here.pk) else "",
        rows=rows.prefetch_related(*_beside(here)),
        keys=("pinyin", "id"),
        search=_search,
        search_hint=_("姓名、拼音、登录名、电话"),
        facets=(
            Facet(
                "state",
                _("状态"),
                _in_state,
                (("in", _("在职")), ("out", _("停用")), ("none", _("没有岗位"))),
            ),
            Facet(
                "post",
                _("岗位"),
                lambda found, v: found.filter(pk__in=reached.filter(post=v).values("staff")),
                posts,
            ),
            Facet("trade", _("工种"), lambda found, v: found.filter(skills__trade=v), Trade.choices),
        ),
        columns=(_("姓名"), _("岗位"), _("工种"), _("责任楼栋"), _("电话"), _("状态")),
        cells=_rows,
        export=Export(
            (_("登录名"), _("姓名"), _("岗位"), _("工种"), _("责任楼栋"), _("电话"), _("在职")), each(_values)
        ),
        actions=(button("new", _("新建员工"), reverse("staff_new"), "user-plus", primary=True),),
        empty=_("还没有员工。"),
    )


def _beside(here: Community) -> tuple[Any, ...]:
    """What stands beside a name, for a whole page at once."""
    grants = Grant.objects.reaching([here.pk]).select_related("post").order_by("post__sort").distinct()
    areas = Area.objects.filter(community=here).select_related("building").order_by("building__sort")
    return (
        Prefetch("grants", grants, to_attr="here_grants"), Prefetch("areas", areas, to_attr="here_areas"), "skills",
    )  # fmt: skip


def _search(rows: QuerySet[Staff], text: str) -> QuerySet[Staff]:
    letters = text.lower().replace(" ", "")
    return rows.filter(
        Q(name__contains=text) | Q(username__startswith=letters) | Q(initials__startswith=letters)
        | Q(pinyin__startswith=text.lower()) | Q(phone__contains=text)
    )  # fmt: skip


def _in_state(rows: QuerySet[Staff], state: str) -> QuerySet[Staff]:
    if state == "none":
        return rows.filter(grants=None)
    return rows.filter(is_active=state == "in")


def _rows(people: list[Staff]) -> list[look.TableRow]:
    away = set(absences.away_today(s.pk for s in people))
    return [
        look.TableRow(
            url=reverse("staff", args=[s.pk]),
            cells=(
                look.Cell(s.name, sub=s.username, strong=s.is_active, dim=not s.is_active, nowrap=True),
                look.Cell(_posts(s)),
                look.Cell(_trades(s)),
                look.Cell(_areas(s)),
                look.Cell(s.phone, nowrap=True),
                _state(s, away=s.pk in away),
            ),
        )
        for s in people
    ]


def _posts(s: Staff) -> str:
    grants: Sequence[Grant] = s.here_grants  # type: ignore[attr-defined]
    return joined(dict.fromkeys(str(g.post) for g in grants))


def _areas(s: Staff) -> str:
    areas: Sequence[Area] = s.here_areas  # type: ignore[attr-defined]
    return joined(str(a.building) for a in areas)


def _trades(s: Staff) -> str:
    return joined(str(skill.get_trade_display()) for skill in s.skills.all())


def _state(s: Staff, *, away: bool) -> look.Cell:
    if not s.is_active:
        return look.Cell(tag=_("停用"))
    if away:
        return look.Cell(tag=_("今天请假"))
    if not s.here_grants:  # type: ignore[attr-defined]
        return look.Cell(tag=_("没有岗位"), tag_tone="soon")
    return look.Cell(tag=_("待首次登录") if s.must_change else "")


def _values(s: Staff) -> tuple[Any, ...]:
    return (
        s.username, s.name, _posts(s), _trades(s), _areas(s), s.phone, _("是") if s.is_active else _("否"),
    )  # fmt: skip


# --- a new colleague, and their particulars ---------------------------------------------------------------------------


class StaffForm(CleanForm):
    locals().update(fields_of(Staff, "name", "phone", "email"))


class NewStaffForm(StaffForm, GrantForm):
    username = forms.RegexField(
        r"^[A-Za-z0-9._-]+$",
        label=gettext_lazy("登录名"),
        max_length=60,
        help_text=gettext_lazy("字母、数字、点、横线；以后不能改。"),
        error_messages={"invalid": gettext_lazy("登录名只能用字母、数字、点和横线。")},
    )
    field_order = ("name", "username", "phone", "email", "post", "place")


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_new(request: HttpRequest) -> HttpResponse:
    """A new account with its first post; the one-time password is shown here and nowhere again."""
    me, home = viewer(request), reverse("staff_list")
    offered = places(me)
    made: list[tuple[Staff, str]] = []

    def pressed(typed: Typed) -> tuple[str, str]:
        place = place_of(typed.pop("place"), me)
        made.append(actions.add_staff(actor=me, place=place, **typed))
        return home, ""

    def draw(data: Any, _files: Any) -> NewStaffForm:
        return NewStaffForm(data, offered=offered, initial={"place": f"community:{community(request).pk}"})

    answer = form_view(
        request, draw, pressed, title=_("新建员工"), submit=_("新建员工"), home=home,
        lead=_("建好后给出一次性密码，第一次登录要换掉。"), back=look.Link(_("员工"), home),
    )  # fmt: skip
    return _password(request, *made[0], _("员工已新建")) if made else answer


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Name, telephone and e-mail."""
    row, home = fetch_staff(request, key), reverse("staff", args=[key])
    rows = Staff.objects.filter(pk=key)

    def values() -> Values:
        return dict(rows.values("name", "phone", "email").get())

    def pressed(typed: Typed) -> tuple[str, str]:
        actions.edit_staff(key, actor=viewer(request), **typed)
        return home, _("%s的资料已保存") % typed["name"]

    return edit_view(
        request, StaffForm, values, pressed, lock=rows, home=home,
        title=_("修改%s的资料") % row.name, submit=_("保存资料"), back=look.Link(row.name, home),
    )  # fmt: skip


# --- account, password, sessions, codes -------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_password(request: HttpRequest, key: int) -> HttpResponse:
    """A new one-time password for somebody who forgot theirs."""
    row = fetch_staff(request, key)
    made: list[str] = []

    def act() -> str:
        made.append(actions.reset_password(key, actor=viewer(request)))
        return ""

    answer = confirm(
        request, act, title=_("重置%s的密码") % row.name, submit=_("重置密码"), icon="key",
        home=reverse("staff", args=[key]), lead=_("现在的密码马上失效，所有登录都会结束；新的一次性密码只显示一次。"),
    )  # fmt: skip
    return _password(request, row, made[0], _("%s的密码已重置") % row.name) if made else answer


def _password(request: HttpRequest, row: Staff, password: str, title: str) -> HttpResponse:
    return secret(
        request,
        title=title,
        lead=_("一次性密码只显示这一次，请当面或打电话告诉本人；第一次登录要换掉。"),
        shown=((_("姓名"), row.name), (_("登录名"), row.username), (_("一次性密码"), password)),
        home=look.Link(_("记下了，看%s") % row.name, reverse("staff", args=[row.pk])),
    )


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_session_end(request: HttpRequest, key: int) -> HttpResponse:
    """Sign a colleague out of one browser."""
    row = SignIn.objects.filter(pk=key, staff__in=known(request).values("pk")).select_related("staff").first()
    if row is None:
        raise NotFound("not_found")

    def act() -> str:
        sign_in.end_session(key, actor=viewer(request))
        return _("%s那里的登录已结束") % row.staff.name

    return confirm(
        request, act, title=_("结束%s的一处登录") % row.staff.name, submit=_("结束登录"), icon="logout",
        home=reverse("staff", args=[row.staff_id]), lead=_("%s 上要重新登录。") % (row.agent[:80] or row.address or ""),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def totp_ask(request: HttpRequest, key: int) -> HttpResponse:
    """First of two persons: ask to forget the telephone that shows a colleague's codes."""
    row = fetch_staff(request, key)

    def act() -> str:
        sign_in.ask_totp_reset(key, actor=viewer(request))
        return _("已申请，等另一位同事批准")

    return confirm(
        request, act, title=_("申请重置%s的动态口令") % row.name, submit=_("申请重置"), icon="shield-question",
        home=reverse("staff", args=[key]),
        lead=_("换了或丢了手机才需要。要另一位有权限的同事批准，批准后下次登录重新绑定。"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def totp_approve(request: HttpRequest, key: int) -> HttpResponse:
    """Second of two persons, never the one who asked."""
    row = (
        TotpReset.objects.filter(pk=key, staff__in=known(request).values("pk"))
        .select_related("staff", "asked_by")
        .first()
    )
    if row is None:
        raise NotFound("not_found")

    def act() -> str:
        sign_in.approve_totp_reset(key, actor=viewer(request))
        return _("%s的动态口令已重置") % row.staff.name

    words = {"asker": row.asked_by.name, "name": row.staff.name}
    return confirm(
        request, act, title=_("批准重置%s的动态口令") % row.staff.name, submit=_("批准重置"), icon="shield-check",
        home=reverse("staff", args=[row.staff_id]),
        lead=_("%(asker)s 申请的。请先向 %(name)s 本人核实；批准后所有登录结束，下次登录重新绑定。") % words,
    )  # fmt: skip
