"""The frame around every page of the staff door: top bar, rail of queues with counts, tab bar of the telephone."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from shouwen.duties.clauses import book
from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.queues import QUEUES, counts
from shouwen.kernel.text import joined, seeded
from shouwen.notices.models import Notice
from shouwen.people.models import SavedView
from shouwen.people.viewers import StaffActor

MANAGEMENT: tuple[tuple[str, str, str, Promise], ...] = (
    ("report.see", "overview", "gauge", lazy("今日总览")),
    ("duty.see", "compliance", "shield-check", lazy("规程执行")),
    ("report.see", "kpi_list", "chart-line", lazy("指标")),
)
PAGES: tuple[tuple[str, str, str, Promise], ...] = (
    ("case.see", "case_list", "list-details", lazy("全部事项")),
    ("order.see", "board", "layout-kanban", lazy("派工台")),
    ("order.work", "my_orders", "tool", lazy("我的派工单")),
    ("case.see order.see estate.see", "duty_list", "checklist", lazy("我的应办")),
    ("case.see order.see estate.see", "calendar", "calendar", lazy("应办日历")),
    ("estate.see", "unit_list", "building", lazy("房屋")),
    ("estate.see", "person_list", "users", lazy("住户")),
    ("billing.see", "payment_list", "receipt", lazy("缴费记录")),
    ("billing.see", "meter_list", "droplet-bolt", lazy("水电表")),
    ("material.see", "material_list", "packages", lazy("物品")),
    ("case.answer", "answer_list", "help-circle", lazy("常见问答")),
    ("", "manual", "book", lazy("手册")),
    ("setting.edit staff.manage", "settings", "settings", lazy("设置")),
)
"""Pages beside the queues: the rights of which one shows them (none: all staff), URL name, icon, words."""


@lru_cache(maxsize=256)
def at(name: str, *, args: tuple[object, ...] = ()) -> str:
    """The address of a page that all pages link to; looked up once a process."""
    return reverse(name, args=args)


def frame_of(request: HttpRequest, viewer: StaffActor, here: Community) -> look.Frame:
    """What stands around the page for this viewer in this community."""
    groups = (
        *_queues(request, viewer, here),
        _pages(request, viewer, here, _("管理"), MANAGEMENT),
        _pages(request, viewer, here, _("业务"), PAGES),
        *_views(request, viewer),
    )
    return look.Frame(
        community=here.name,
        post=joined(map(seeded, viewer.post_names.get(here.pk, ())[:2])),
        person=viewer.name,
        groups=tuple(g for g in groups if g.items),
        tabs=_tabs(request, viewer, here),
        communities=_communities(request, viewer, here),
        menu=(
            look.Link(_("我的请假"), at("my_absences"), "user-off"),
            look.Link(_("登录会话"), at("sessions"), "devices"),
            look.Link(_("修改密码"), at("change_password"), "key"),
        ),
        notices=Notice.objects.filter(staff_id=viewer.id, read_at=None)[:100].count(),
        notices_url=at("notice_list"),
        search_url=at("search"),
        search_hint=_search_hint(viewer, here),
        sign_out_url=at("sign_out"),
        language_url=at("set_language"),
        home_url=at("home"),
        field=bool(viewer.where("order.work")),
        warning=_warning(viewer, here),
    )


def _warning(viewer: StaffActor, here: Community) -> str:
    """What is wrong with the clause files, for whoever may set what they say."""
    fault = book().fault
    if fault is None or not viewer.may("setting.edit", here.pk):
        return ""
    where = {"where": f"{fault.file}:{fault.line}", "why": fault.sentence}
    return _("条款文件 %(where)s 有错：%(why)s。现在沿用上次的条款，改好后重新启动。") % where


def _queues(request: HttpRequest, viewer: StaffActor, here: Community) -> list[look.RailGroup]:
    numbers = counts(viewer, here.pk)
    groups = []
    for name, queues in groupby(QUEUES, key=lambda q: q.group):
        items = tuple(
            look.RailItem(
                name=str(q.name),
                url=(url := at("desk", args=(q.code,))),
                icon=q.icon,
                count=numbers[q.code],
                tone=q.tone if numbers[q.code] else "plain",  # type: ignore[arg-type]
                current=request.path == url,
            )
            for q in queues
            if q.code in numbers
        )
        groups.append(look.RailGroup(str(name), items))
    return groups


def _pages(
    request: HttpRequest,
    viewer: StaffActor,
    here: Community,
    group: str,
    pages: tuple[tuple[str, str, str, Promise], ...],
) -> look.RailGroup:
    items = (
        look.RailItem(str(words), at(name), icon, current=request.path == at(name))
        for right, name, icon, words in pages
        if not right or any(viewer.may(one, here.pk) for one in right.split())
    )
    return look.RailGroup(group, tuple(items))


def _views(request: HttpRequest, viewer: StaffActor) -> list[look.RailGroup]:
    saved = SavedView.objects.filter(staff_id=viewer.id)
    here = request.get_full_path()
    items = tuple(look.RailItem(v.name, v.path, "star", current=here == v.path) for v in saved)
    return [look.RailGroup(_("视图"), items)]


def _tabs(request: HttpRequest, viewer: StaffActor, here: Community) -> tuple[look.RailItem, ...]:
    """Four tabs at the thumb: what a technician or somebody from the desk needs on the way."""
    wanted = (
        ("order.work", "my_orders", "tool", _("工单")),
        ("case.see", "home", "clipboard-check", _("应办")),
        ("case.register", "intake", "plus", _("登记")),
        ("order.see", "board", "layout-kanban", _("派工台")),
        ("", "notice_list", "bell", _("提醒")),
        ("", "sessions", "user", _("我的")),
    )
    items = (
        look.RailItem(words, at(name), icon, current=request.path == at(name))
        for right, name, icon, words in wanted
        if not right or viewer.may(right, here.pk)
    )
    return tuple(items)[:4]


def _communities(request: HttpRequest, viewer: StaffActor, here: Community) -> tuple[look.Link, ...]:
    if len(viewer.communities) < 2:
        return ()
    mine = Community.objects.visible_to(viewer).order_by("name")[:50]
    return tuple(look.Link(c.name, at("switch", args=(c.pk,)), "building", c.pk == here.pk) for c in mine)


def _search_hint(viewer: StaffActor, here: Community) -> str:
    """What the search box finds for this viewer; empty where it finds nothing."""
    matters = viewer.may("case.see", here.pk) or viewer.may("order.see", here.pk)
    if viewer.may("estate.see", here.pk):
        return _("房号、姓名拼音、电话、车牌、单号") if matters else _("房号、姓名拼音、电话、车牌")
    return _("单号、房号、事项") if matters else ""
