"""What the pages of settings share: buttons, a confirming press, two versions side by side, a secret shown once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

from django import forms
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.front import look
from shouwen.front.doors import page, viewer
from shouwen.front.forming import Act, Typed, both_versions, form_view, version_of
from shouwen.kernel.journal import frame
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import fold, initials, joined, pinyin_key, seeded
from shouwen.people import actions
from shouwen.people.models import Department, Grant, Post, Staff

Values = dict[str, Any]
Make = Callable[..., forms.Form]


class Shifted(Exception):
    """The row is no longer what the form showed."""


def settings_link() -> look.Link:
    return look.Link(_("设置"), reverse("settings"))


class Found(forms.Select):
    """A select of many: a script puts a box above it that narrows it by words, pinyin or initials."""

    def __init__(self) -> None:
        super().__init__(attrs={"data-find": gettext_lazy("输入名称或拼音首字母来找")})

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        said = str(option["label"])
        option["attrs"]["data-say"] = f"{pinyin_key(said).replace(' ', '')} {initials(said)}"
        return option


def post_choices(empty: str, rows: QuerySet[Post]) -> list[tuple[Any, Any]]:
    """These posts under their departments, after the words for none."""
    held: dict[str, list[tuple[str, str]]] = {code: [] for code in Department.values}
    for code, name, department in rows.values_list("code", "name", "department"):
        held[department].append((code, seeded(name)))
    groups = [(str(Department(code).label), found) for code, found in held.items() if found]
    return [("", empty), *groups]


def said_so(rows: QuerySet[Any], text: str) -> Q:
    """Rows whose name says the text as it is kept, or as the house says it to the reader."""
    names = rows.order_by().values_list("name", flat=True)
    return Q(name__contains=text) | Q(name__in=[name for name in names if fold(text) in fold(seeded(name))])


def said_as(name: str) -> str:
    """Under the field of a name that the house gave, where the reader's language shows another."""
    return (
        ""
        if seeded(name) == name
        else _("本系统自带的名称，这里显示为“%s”；改了就按改的显示。") % seeded(name)
    )


def button(
    name: str, words: str, url: str, icon: str, *, refused: str = "", primary: bool = False
) -> look.Action:
    """A button that leads to a form; with ``refused`` it stays and says why not."""
    return look.Action(name, words, url, icon=icon, refused=refused, primary=primary)


def table(
    title: str, columns: Sequence[str], rows: Sequence[look.TableRow], *, empty: str = "", **more: Any
) -> look.TableList:
    """A table of a detail page."""
    return look.TableList(
        title=title, columns=tuple(map(look.Column, columns)), rows=tuple(rows), empty=empty, **more
    )


def seen_as(values: Values) -> int:
    """The values of a row that keeps no version, as a number that differs when they do."""
    return crc32(json.dumps(values, sort_keys=True, default=str).encode()) % 10**9


def unchanged(request: HttpRequest, values: Values) -> None:
    """Raise Shifted when the form was drawn from other values than these."""
    drawn = version_of(request)
    if drawn is not None and drawn != seen_as(values):
        raise Shifted


def edit_view(
    request: HttpRequest,
    make: Make,
    values: Callable[[], Values],
    act: Act,
    *,
    lock: QuerySet[Any],
    home: str,
    **drawn: Any,
) -> HttpResponse:
    """A form over values that stand: pressed only if they are still what it showed, else both versions, 409."""

    def pressed(typed: Typed) -> tuple[str, str]:
        with frame(viewer(request)):
            list(lock.select_for_update())
            unchanged(request, values())
            return act(typed)

    def draw(data: Any, _files: Any) -> forms.Form:
        return make(data, initial=values())

    posted = request.method == "POST"
    version = version_of(request) if posted else seen_as(values())
    try:
        return form_view(request, draw, pressed, version=version, home=home, **drawn)
    except Shifted:
        now = values()
        return both_versions(request, make(request.POST, initial=now), now, seen_as(now), home)


def secret(
    request: HttpRequest, *, title: str, lead: str, shown: Sequence[tuple[str, str]], home: look.Link
) -> HttpResponse:
    """What is told once and kept nowhere; no cache may keep the page either."""
    context = {"title": title, "lead": lead, "shown": tuple(shown), "home": home}
    part = (
        "front/settings/parts/secret.html"
        if getattr(request, "htmx", False)
        else "front/settings/secret.html"
    )
    response = page(request, part, context)
    response["Cache-Control"] = "no-store"
    return response


def fetch_staff(request: HttpRequest, key: int) -> Staff:
    """The colleague of this key, in a community of the viewer or without any grant; NotFound otherwise."""
    row = known(request).filter(pk=key).first()
    if row is None:
        raise NotFound("not_found")
    return row


def known(request: HttpRequest) -> QuerySet[Staff]:
    """Colleagues in a community of the viewer, and accounts that have no post yet."""
    nobody_yet = ~Exists(Grant.objects.filter(staff=OuterRef("pk")))
    seen = Staff.objects.visible_to(viewer(request)).values("pk")
    return Staff.objects.filter(Q(pk__in=seen) | nobody_yet)


def trouble(request: HttpRequest, row: Staff) -> str:
    """Why the viewer may not manage this colleague, empty if they may: the action's own answer."""
    try:
        with transaction.atomic():
            actions.colleague(row.pk, viewer(request))
    except Refused as refusal:
        return str(refusal)
    return ""


def colleagues(community_id: int) -> list[tuple[int, str]]:
    """Active staff with a post in the community, to choose from: key and name with posts."""
    grants = Grant.objects.reaching([community_id]).filter(staff__is_active=True)
    posts: dict[tuple[str, int, str], list[str]] = {}
    for pinyin, key, name, post in grants.order_by("post__sort").values_list(
        "staff__pinyin", "staff", "staff__name", "post__name"
    ):
        posts.setdefault((pinyin, key, name), []).append(seeded(post))
    return [
        (key, _("%(name)s（%(posts)s）") % {"name": name, "posts": joined(dict.fromkeys(held))})
        for (_pinyin, key, name), held in sorted(posts.items())
    ]
