"""Staff and posts: accounts, grants, trades, buildings, second factors, and what every post may do."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwen.estate.models import Branch, Building, Community, Company
from shouwen.front import look
from shouwen.front.doors import community, done, page, staff_door, viewer
from shouwen.front.forming import Typed, form_view
from shouwen.front.record_parts import button
from shouwen.front.settings_forms import (
    AreasForm,
    GrantForm,
    PostForm,
    SkillsForm,
    StaffEditForm,
    StaffForm,
)
from shouwen.front.tables import Facet, listing
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound
from shouwen.people import actions, posts, sign_in
from shouwen.people.models import Area, Grant, Post, SignIn, Staff, TotpReset, Trade
from shouwen.people.rights import RIGHTS, holds

MANAGE = "staff.manage"


def fetch_staff(request: HttpRequest, key: int) -> Staff:
    """The colleague of this key in a community where the viewer manages staff; NotFound otherwise."""
    mine = Grant.objects.reaching(viewer(request).where(MANAGE)).values("staff")
    row = Staff.objects.filter(Q(pk__in=mine) | Q(grants__isnull=True), pk=key).first()
    if row is None:
        raise NotFound("not_found")
    return row


def _home(row: Staff) -> str:
    return reverse("staff", args=[row.pk])


@require_GET
@staff_door(MANAGE)
def staff_list(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Everybody who holds a post in this community."""
    here = community(request)
    held = Grant.objects.reaching([here.pk]).values("staff")
    return listing(
        request,
        title=_("员工"),
        rows=Staff.objects.filter(pk__in=held),
        keys=("pinyin", "id"),
        search=lambda rows, text: rows.filter(
            Q(name__contains=text) | Q(username__startswith=text.lower()) | Q(initials__startswith=text.lower())
        ),
        search_hint=_("姓名、登录名、拼音首字母"),
        facets=(
            Facet("trade", gettext_lazy("工种"), lambda rows, v: rows.filter(skills__trade=v), Trade.choices),
            Facet("post", gettext_lazy("岗位"), _in_post, [(p.pk, p.name) for p in Post.objects.all()]),
            Facet("left", gettext_lazy("只看已停用"), lambda rows, _v: rows.filter(is_active=False), kind="check"),
        ),
        columns=(_("姓名"), _("登录名"), _("岗位"), _("工种"), _("电话")),
        cells=lambda rows: _staff_rows(rows, here.pk),
        heads=[_("姓名"), _("登录名"), _("电话"), _("在职")],
        values=lambda s: (s.name, s.username, s.phone, _("是") if s.is_active else _("否")),
        actions=(
            button(_("新建员工"), reverse("staff_new"), "plus"),
            button(_("岗位和权限"), reverse("post_list"), "key"),
        ),
    )


def _in_post(rows: QuerySet[Staff], code: str) -> QuerySet[Staff]:
    return rows.filter(pk__in=Grant.objects.filter(post_id=code).values("staff"))


def _staff_rows(people: list[Staff], here: int) -> list[look.TableRow]:
    held: dict[int, list[str]] = {}
    for grant in Grant.objects.reaching([here]).filter(staff__in=people).select_related("post").distinct():
        held.setdefault(grant.staff_id, []).append(grant.post.name)
    trades: dict[int, list[str]] = {}
    names = dict(Trade.choices)
    for person in Staff.objects.filter(pk__in=[p.pk for p in people]).prefetch_related("skills"):
        trades[person.pk] = [str(names[s.trade]) for s in person.skills.all()]
    return [
        look.TableRow(
            url=_home(p),
            cells=(
                look.Cell(p.name, strong=True, tag="" if p.is_active else _("已停用")),
                look.Cell(p.username),
                look.Cell("、".join(dict.fromkeys(held.get(p.pk, ())))),
                look.Cell("、".join(trades.get(p.pk, ()))),
                look.Cell(p.phone, nowrap=True),
            ),
        )
        for p in people
    ]


@require_GET
@staff_door(MANAGE)
def staff(request: HttpRequest, key: int) -> HttpResponse:
    """A colleague: posts, trades, buildings, where they are signed in."""
    row = fetch_staff(request, key)
    here = community(request)
    names = dict(Trade.choices)
    areas = Area.objects.filter(staff=row, community=here).select_related("building")
    facts = (
        (_("登录名"), look.Cell(row.username)),
        (_("工作电话"), look.Cell(row.phone)),
        (_("工种"), look.Cell("、".join(str(names[s.trade]) for s in row.skills.all()))),
        (_("责任楼栋"), look.Cell("、".join(str(a.building) for a in areas))),
        (_("动态口令"), look.Cell(_("已启用") if sign_in.enrolled(row) else _("没有启用"))),
        (_("上次登录"), look.Cell(f"{clock.local(row.last_login):%Y-%m-%d %H:%M}" if row.last_login else "")),
    )
    context = {
        "title": row.name,
        "back": look.Link(_("员工"), reverse("staff_list")),
        "tags": () if row.is_active else (_("已停用"),),
        "facts": facts,
        "actions": _staff_actions(row),
        "tables": (_grants(row), *_resets(row, viewer(request).id), _sessions(row)),
    }
    return page(request, "front/detail.html", context)


def _staff_actions(row: Staff) -> tuple[look.Action, ...]:
    args = [row.pk]
    if not row.is_active:
        return (button(_("恢复账号"), reverse("staff_return", args=args), "login", post=True),)
    return (
        button(_("修改"), reverse("staff_edit", args=args), "pencil"),
        button(_("工种"), reverse("staff_skills", args=args), "tool"),
        button(_("责任楼栋"), reverse("staff_areas", args=args), "building"),
        button(_("重置密码"), reverse("staff_password", args=args), "key", post=True),
        *(
            (button(_("申请重置动态口令"), reverse("totp_ask", args=args), "lock", post=True),)
            if sign_in.enrolled(row)
            else ()
        ),
        button(_("停用账号"), reverse("staff_leave", args=args), "logout", post=True),
    )


def _grants(row: Staff) -> look.TableList:
    held = row.grants.select_related("post", "company", "branch", "community").order_by("pk")
    rows = tuple(
        look.TableRow(
            cells=(look.Cell(g.post.name, strong=True), look.Cell(str(g.company or g.branch or g.community))),
            actions=(button(_("收回"), reverse("grant_revoke", args=[g.pk]), "x", post=True),),
        )
        for g in held
    )
    return look.TableList(
        title=_("岗位"),
        columns=tuple(map(look.Column, (_("岗位"), _("在哪里")))),
        rows=rows,
        actions=(button(_("授予岗位"), reverse("grant_new", args=[row.pk]), "plus"),),
        empty=_("没有岗位,登录后什么也看不到。"),
    )


def _resets(row: Staff, me: int) -> tuple[look.TableList, ...]:
    """A reset of the second factor that waits for another colleague."""
    waiting = TotpReset.objects.filter(staff=row, done_at=None).select_related("asked_by")
    rows = tuple(
        look.TableRow(
            cells=(look.Cell(r.asked_by.name), look.Cell(f"{clock.local(r.asked_at):%Y-%m-%d %H:%M}")),
            actions=(
                look.Action(
                    "approve", _("批准"), reverse("totp_approve", args=[r.pk]), icon="check", post=True,
                    refused=_("申请人不能自己批准。") if r.asked_by_id == me else "",
                ),
            ),
        )
        for r in waiting
    )  # fmt: skip
    columns = tuple(map(look.Column, (_("申请人"), _("时间"))))
    return (look.TableList(title=_("重置动态口令的申请"), columns=columns, rows=rows),) if rows else ()


def _sessions(row: Staff) -> look.TableList:
    open_ones = SignIn.objects.filter(staff=row, ended_at=None).order_by("-at")[:20]
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(f"{clock.local(s.at):%Y-%m-%d %H:%M}", nowrap=True),
                look.Cell(s.address or ""),
                look.Cell(s.agent[:60], dim=True),
            ),
            actions=(
                look.Action(
                    "end", _("结束"), reverse("session_end", args=[s.pk]), icon="x", post=True, hidden=(("next", _home(row)),)
                ),
            ),
        )
        for s in open_ones
    )
    columns = tuple(map(look.Column, (_("登录时间"), _("地址"), _("浏览器"))))
    return look.TableList(title=_("登录会话"), columns=columns, rows=rows, empty=_("现在没有登录。"))


@never_cache
@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_new(request: HttpRequest) -> HttpResponse:
    """A new account; the one-time password is shown this once."""
    here = community(request)
    form = StaffForm(request.POST or None, posts=_grantable(request, here))
    if request.method == "POST" and form.is_valid():
        from shouwen.kernel.refusals import Refused  # noqa: PLC0415

        try:
            row, password = actions.add_staff(actor=viewer(request), place=here, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _secret(request, row, password)
    context = {
        "title": _("新建员工"), "form": form, "submit": _("建立账号"), "cancel_url": reverse("staff_list"),
        "back": look.Link(_("员工"), reverse("staff_list")),
    }  # fmt: skip
    return page(request, "front/form.html", context, status=422 if form.is_bound else 200)


def _secret(request: HttpRequest, row: Staff, password: str) -> HttpResponse:
    context = {
        "title": _("%s 的一次性密码") % row.name,
        "secret": password,
        "lead": _("登录名 %s。第一次登录时要换成自己的密码。") % row.username,
        "back": look.Link(row.name, _home(row)),
    }
    return page(request, "front/settings/secret.html", context)


def _grantable(request: HttpRequest, here: Community) -> list[tuple[Any, str]]:
    """The posts that the viewer may give here: none with a right that they lack."""
    me = viewer(request)
    return [(p.pk, p.name) for p in Post.objects.all() if all(holds(me, r, here.pk) for r in p.rights)]


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Another name or telephone."""
    row = fetch_staff(request, key)

    def act(typed: Typed) -> tuple[str, str]:
        saved = actions.edit_staff(row.pk, actor=viewer(request), **typed)
        return _home(saved), _("%s 已保存") % saved.name

    initial = {"name": row.name, "phone": row.phone}
    return form_view(
        request, lambda data, _files: StaffEditForm(data, initial=initial), act,
        title=_("修改 %s") % row.name, submit=_("保存员工"), home=_home(row),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_skills(request: HttpRequest, key: int) -> HttpResponse:
    """The trades that a colleague can be sent for."""
    row = fetch_staff(request, key)

    def act(typed: Typed) -> tuple[str, str]:
        actions.set_skills(row.pk, actor=viewer(request), trades=typed["trades"])
        return _home(row), _("%s 的工种已保存") % row.name

    initial = {"trades": list(row.skills.values_list("trade", flat=True))}
    return form_view(
        request, lambda data, _files: SkillsForm(data, initial=initial), act,
        title=_("%s 的工种") % row.name, submit=_("保存工种"), home=_home(row),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_areas(request: HttpRequest, key: int) -> HttpResponse:
    """The buildings that a colleague looks after."""
    row, here = fetch_staff(request, key), community(request)
    buildings: list[tuple[Any, str]] = [(b.pk, str(b)) for b in Building.objects.filter(community=here)]

    def act(typed: Typed) -> tuple[str, str]:
        actions.set_areas(
            row.pk, actor=viewer(request), community_id=here.pk, building_ids=typed["buildings"]
        )
        return _home(row), _("%s 的责任楼栋已保存") % row.name

    initial = {"buildings": list(row.areas.filter(community=here).values_list("building_id", flat=True))}
    return form_view(
        request, lambda data, _files: AreasForm(data, buildings=buildings, initial=initial), act,
        title=_("%s 的责任楼栋") % row.name, submit=_("保存责任楼栋"), home=_home(row),
    )  # fmt: skip


@never_cache
@require_POST
@staff_door(MANAGE)
def staff_password(request: HttpRequest, key: int) -> HttpResponse:
    """A new one-time password, shown this once."""
    row = fetch_staff(request, key)
    return _secret(request, row, actions.reset_password(row.pk, actor=viewer(request)))


@require_POST
@staff_door(MANAGE)
def staff_leave(request: HttpRequest, key: int) -> HttpResponse:
    """Close an account."""
    row = actions.deactivate(fetch_staff(request, key).pk, actor=viewer(request))
    return done(request, _home(row), _("%s 已停用") % row.name)


@require_POST
@staff_door(MANAGE)
def staff_return(request: HttpRequest, key: int) -> HttpResponse:
    """Open an account again."""
    row = actions.reactivate(fetch_staff(request, key).pk, actor=viewer(request))
    return done(request, _home(row), _("%s 已恢复") % row.name)


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def grant_new(request: HttpRequest, key: int) -> HttpResponse:
    """Give a post in the community, its branch or its company."""
    row, here = fetch_staff(request, key), community(request)
    places: dict[str, Company | Branch | Community] = {
        "community": here, "branch": here.branch, "company": here.branch.company,
    }  # fmt: skip

    def act(typed: Typed) -> tuple[str, str]:
        actions.grant(row.pk, actor=viewer(request), post=typed["post"], place=places[typed["place"]])
        return _home(row), _("已授予 %s 岗位") % row.name

    choices: list[tuple[Any, str]] = [(name, str(place)) for name, place in places.items()]
    posts_here = _grantable(request, here)
    return form_view(
        request, lambda data, _files: GrantForm(data, posts=posts_here, places=choices), act,
        title=_("授予岗位:%s") % row.name, submit=_("授予岗位"), home=_home(row),
        lead=_("只列出你自己有其全部权限的岗位。"),
    )  # fmt: skip


@require_POST
@staff_door(MANAGE)
def grant_revoke(request: HttpRequest, key: int) -> HttpResponse:
    """Take a post back."""
    row = actions.revoke(key, actor=viewer(request))
    return done(request, _home(row), _("已收回 %s 的岗位") % row.name)


@require_POST
@staff_door(MANAGE)
def totp_ask(request: HttpRequest, key: int) -> HttpResponse:
    """First of two persons."""
    row = fetch_staff(request, key)
    sign_in.ask_totp_reset(row.pk, actor=viewer(request))
    return done(request, _home(row), _("已申请,等另一位同事批准"))


@require_POST
@staff_door(MANAGE)
def totp_approve(request: HttpRequest, key: int) -> HttpResponse:
    """Second of two persons."""
    row = sign_in.approve_totp_reset(key, actor=viewer(request))
    return done(request, reverse("staff", args=[row.staff_id]), _("动态口令已重置,下次登录时重新绑定"))


# --- posts --------------------------------------------------------------------------------------------------------


@require_GET
@staff_door(MANAGE)
def post_list(request: HttpRequest) -> HttpResponse:
    """Every post with its superior and rights."""
    rows = tuple(
        look.TableRow(
            url=reverse("post", args=[p.pk]),
            cells=(
                look.Cell(p.name, strong=True, tag=_("动态口令") if p.totp else ""),
                look.Cell(str(p.reports_to or "")),
                look.Cell("、".join(str(RIGHTS.get(r, r)) for r in p.rights), dim=True),
            ),
        )
        for p in Post.objects.select_related("reports_to")
    )
    table = look.TableList(
        title=_("岗位和权限"),
        columns=tuple(map(look.Column, (_("岗位"), _("上级"), _("权限")))),
        rows=rows,
        pager=look.Pager(total=len(rows)),
        actions=(button(_("新建岗位"), reverse("post_new"), "plus"),),
        lead=_("岗位在全公司通用"),
    )
    return page(request, "front/list.html", {"table": table})


def _post_choices() -> list[tuple[Any, str]]:
    return [(p.pk, p.name) for p in Post.objects.all()]


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def post_new(request: HttpRequest) -> HttpResponse:
    """A post that the manuals don't have."""

    def act(typed: Typed) -> tuple[str, str]:
        row = posts.add_post(actor=viewer(request), **typed)
        return reverse("post_list"), _("%s 已建立") % row.name

    return form_view(
        request, lambda data, _files: PostForm(data, posts=_post_choices(), known=False), act,
        title=_("新建岗位"), submit=_("建立岗位"), home=reverse("post_list"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def post(request: HttpRequest, code: str) -> HttpResponse:
    """What a post may do; nobody adds what they don't have."""
    row = Post.objects.filter(pk=code).first()
    if row is None:
        raise NotFound("not_found")
    initial = {"name": row.name, "reports_to": row.reports_to_id or "", "rights": row.rights, "totp": row.totp}

    def act(typed: Typed) -> tuple[str, str]:
        saved = posts.edit_post(code, actor=viewer(request), **typed)
        return reverse("post_list"), _("%s 已保存") % saved.name

    return form_view(
        request,
        lambda data, _files: PostForm(data, posts=_post_choices(), known=True, initial=initial),
        act,
        title=row.name,
        submit=_("保存岗位"),
        lead=_("改动对所有有这个岗位的同事立即生效。"),
        home=reverse("post_list"),
        back=look.Link(_("岗位和权限"), reverse("post_list")),
    )
