"""The page of a colleague: what they may do where, what they know, where they are signed in, what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from shouwen.front import look
from shouwen.front.doors import community, page, staff_door, viewer
from shouwen.front.settings_absences import absence_table
from shouwen.front.settings_grants import place_words
from shouwen.front.settings_parts import button, fetch_staff, table, trouble
from shouwen.front.timeline import sentence
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.text import joined
from shouwen.people import sign_in
from shouwen.people.holdings import held_by
from shouwen.people.models import Area, Fallback, Grant, Post, SignIn, Staff, TotpReset

MANAGE = "staff.manage"
LINES = 20
# Every sign-in is on record; here they would hide who changed what.
DAILY = ("staff:signed_in", "staff:signed_out")


@require_GET
@staff_door(MANAGE)
def staff(request: HttpRequest, key: int) -> HttpResponse:
    """One colleague; what the viewer may not do stays on the page and says why."""
    row = fetch_staff(request, key)
    why = trouble(request, row)
    context = {
        "title": row.name,
        "back": look.Link(_("员工"), reverse("staff_list")),
        "tags": _tags(row),
        "facts": _facts(request, row),
        "actions": _actions(request, row, why),
        "tables": (_grants(request, row, why), absence_table(row, why), *(() if why else (_sessions(row),))),
        "timeline": _history(row),
        "timeline_title": _("改动记录"),
    }
    return page(request, "front/detail.html", context)


def _tags(row: Staff) -> tuple[str, ...]:
    tags = [] if row.is_active else [_("停用")]
    tags += [_("待首次登录")] if row.is_active and row.must_change else []
    named = Fallback.objects.filter(staff=row).values_list("community__name", flat=True)
    return (*tags, *(_("%s 兜底负责人") % name for name in named))


def _facts(request: HttpRequest, row: Staff) -> tuple[tuple[str, look.Cell], ...]:
    areas = Area.objects.visible_to(viewer(request)).filter(staff=row).select_related("building")
    here = areas.filter(community=community(request)).order_by("building__sort")
    trades = joined(str(skill.get_trade_display()) for skill in row.skills.all())
    return (
        (_("登录名"), look.Cell(row.username)),
        (_("工作电话"), look.Cell(row.phone or _("没有填"), dim=not row.phone)),
        (_("邮箱"), look.Cell(row.email or _("没有填"), dim=not row.email)),
        (_("工种"), look.Cell(trades or _("没有"), dim=not trades)),
        (_("责任楼栋"), look.Cell(joined(str(a.building) for a in here) or _("没有"), dim=not here)),
        (_("动态口令"), look.Cell(_code_words(row))),
    )


def _code_words(row: Staff) -> str:
    if sign_in.enrolled(row):
        return _("已启用")
    return _("岗位要求，下次登录时绑定") if sign_in.needs_totp(row) else _("岗位不要求")


def _actions(request: HttpRequest, row: Staff, why: str) -> tuple[look.Action, ...]:
    """Everything that is done to a colleague, most used first."""
    key, own = (
        [row.pk],
        _("不能这样处理自己的账号，请让另一位有权限的同事来做。") if row.pk == viewer(request).id else "",
    )
    access = (
        button("leave", _("停用"), reverse("staff_leave", args=key), "user-off", refused=own or why)
        if row.is_active
        else button("return", _("恢复"), reverse("staff_return", args=key), "user-check", refused=own or why)
    )
    passing = button(
        "hand_over", _("转交手上的事"), reverse("staff_hand_over", args=key), "arrow-right", refused=why
    )
    return (
        button("edit", _("修改资料"), reverse("staff_edit", args=key), "pencil", refused=why),
        button("skills", _("工种"), reverse("staff_skills", args=key), "tool", refused=why),
        button("areas", _("责任楼栋"), reverse("staff_areas", args=key), "building", refused=why),
        button("password", _("重置密码"), reverse("staff_password", args=key), "key", refused=own or why),
        *_code_actions(request, row, own or why),
        *((passing,) if held_by(row) else ()),
        access,
    )


def _code_actions(request: HttpRequest, row: Staff, why: str) -> tuple[look.Action, ...]:
    """Asking for a new one-time code, or approving what somebody else asked."""
    if not sign_in.enrolled(row):
        return ()
    asked = TotpReset.objects.filter(staff=row, done_at=None).select_related("asked_by").first()
    if asked is None:
        words, url = _("申请重置动态口令"), reverse("totp_ask", args=[row.pk])
        return (button("totp", words, url, "shield-question", refused=why),)
    if asked.asked_by_id == viewer(request).id:
        why = why or _("是你申请的，要另一位同事批准。")
    words = _("批准重置动态口令")
    return (
        button(
            "totp",
            words,
            reverse("totp_approve", args=[asked.pk]),
            "shield-check",
            refused=why,
            primary=not why,
        ),
    )


def _grants(request: HttpRequest, row: Staff, why: str) -> look.TableList:
    """The posts that the viewer can see of this colleague."""
    if row.pk == viewer(request).id:
        why = _("不能修改自己的岗位或授权，请让另一位有权限的同事来做。")
    held = Grant.objects.visible_to(viewer(request)).filter(staff=row).order_by("post__sort", "pk").distinct()
    rows = [
        look.TableRow(
            cells=(look.Cell(str(g.post), strong=True), look.Cell(place_words(g))),
            actions=(
                button(f"grant-{g.pk}", _("收回"), reverse("grant_end", args=[g.pk]), "x", refused=why),
            ),
        )
        for g in held.select_related("post", "community", "branch", "company")
    ]
    return table(
        _("岗位"), (pgettext("one", "岗位"), _("在哪里")), rows, empty=_("没有岗位，登录后什么也看不到。"),
        actions=(button("grant", _("授予岗位"), reverse("grant_new", args=[row.pk]), "plus", refused=why),),
    )  # fmt: skip


def _sessions(row: Staff) -> look.TableList:
    """Where the colleague is signed in now."""
    rows = [
        look.TableRow(
            cells=(
                look.Cell(f"{clock.local(s.at):%Y-%m-%d %H:%M}", nowrap=True),
                look.Cell(s.address or "", nowrap=True),
                look.Cell(sign_in.device(s.agent), dim=True),
            ),
            actions=(
                button(f"session-{s.pk}", _("结束"), reverse("staff_session_end", args=[s.pk]), "logout"),
            ),
        )
        for s in SignIn.objects.filter(staff=row, ended_at=None).order_by("-at")[:50]
    ]
    return table(_("登录会话"), (_("登录时间"), _("地址"), _("浏览器")), rows, empty=_("现在没有登录。"))


def _names(entries: Sequence[Entry]) -> dict[Any, str]:
    """Everybody and every post that these facts name; two queries."""
    keys = {e.actor_id for e in entries if e.actor_kind == "staff"} | {e.data.get("heir") for e in entries}
    posts = {e.data["post"] for e in entries if "post" in e.data}
    staff = Staff.objects.filter(pk__in=keys - {None}).values_list("pk", "name")
    return {**dict(staff), **{post.pk: str(post) for post in Post.objects.filter(pk__in=posts)}}


def _history(row: Staff) -> tuple[look.TimelineItem, ...]:
    """Who changed what about this account, newest first."""
    told = Entry.objects.filter(subject_kind="staff", subject_id=str(row.pk)).exclude(verb__in=DAILY)
    entries = list(told.order_by("-id")[:LINES])
    names = _names(entries)
    items, day = [], ""
    for entry in entries:
        local = clock.local(entry.at)
        shown, day = (f"{local:%Y-%m-%d}" if f"{local:%Y-%m-%d}" != day else ""), f"{local:%Y-%m-%d}"
        actor = names.get(entry.actor_id or 0, "") if entry.actor_kind == "staff" else ""
        items.append(
            look.TimelineItem(
                at=f"{local:%H:%M}",
                day=shown,
                iso=entry.at.isoformat(),
                sentence=sentence(entry, actor or _("系统"), names),
                mark=look.hand(actor) if actor else None,
            )
        )
    return tuple(items)
