"""What Ctrl+K does beside finding: the legal moves of the open case, a new matter, the pages and views of the rail.

Found by its words in the reader's language, in Chinese, or by pinyin and its initials.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from shouwen.cases.models import Case, Kind
from shouwen.front import desk, look
from shouwen.front.caseview import KIND_ICONS, moves_of
from shouwen.front.doors import community, may, viewer
from shouwen.front.frame import MANAGEMENT, PAGES, at
from shouwen.front.queues import QUEUES
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import fold, pinyin_forms
from shouwen.people.models import SavedView

SHOWN = 6
_SOURCE = "zh-hans"


@dataclass(frozen=True)
class Command:
    """Something to be pressed: its words here and in Chinese, where it leads, and the key that does the same."""

    words: str
    chinese: str
    url: str
    icon: str
    key: str = ""


def palette(request: HttpRequest, text: str) -> tuple[look.HitGroup, ...]:
    """The commands that ``text`` may mean, in groups; without a text what is nearest."""
    here = getattr(request, "htmx", None) and request.htmx.current_url_abs_path  # type: ignore[attr-defined]
    case = _open_case(request, here or "")
    groups = (
        (
            _("办理 %s") % case.place if case else "",
            "bolt",
            _moves(request, case, here or "") if case else (),
        ),
        (_("登记"), "plus", tuple(_intakes(request))),
        (_("打开"), "arrow-right", tuple(_pages(request))),
    )
    found = ((name, icon, [c for c in some if _means(c, text)]) for name, icon, some in groups)
    return tuple(
        look.HitGroup(
            name, icon, tuple(look.Hit("", c.words, c.url, icon=c.icon, key=c.key) for c in some[:SHOWN])
        )
        for name, icon, some in found
        if some
    )


def _open_case(request: HttpRequest, path: str) -> Case | None:
    """The case that the page in front of the viewer shows, if they may see it."""
    path, _mark, query = path.partition("?")
    try:
        match = resolve(path)
    except Resolver404:
        return None
    key = match.kwargs.get("key") if match.url_name == "case" else QueryDict(query).get("case")
    if not isinstance(key, str | UUID) or match.url_name not in ("case", "desk"):
        return None
    try:
        return desk.fetch(request, key)
    except NotFound:
        return None


def _moves(request: HttpRequest, case: Case, here: str) -> tuple[Command, ...]:
    """The moves that stand as buttons below the case, with the same addresses."""
    shown = moves_of(case, viewer(request), here)
    with translation.override(_SOURCE):
        chinese = moves_of(case, viewer(request), here)
    return tuple(
        Command(a.label, b.label, a.url, a.icon, a.key)
        for a, b in zip(shown, chinese, strict=True)
        if not a.refused
    )


def _intakes(request: HttpRequest) -> Iterator[Command]:
    if not may(request, "case.register"):
        return
    for kind in Kind:
        with translation.override(_SOURCE):
            chinese = _("登记%s") % kind.label
        yield Command(
            _("登记%s") % kind.label, chinese, f"{reverse('intake')}?kind={kind.value}", KIND_ICONS[kind]
        )


def _pages(request: HttpRequest) -> Iterator[Command]:
    """Queues, pages and saved views, as the rail has them."""
    me, here = viewer(request), community(request).pk
    rows = [(q.name, at("desk", args=(q.code,)), q.icon) for q in QUEUES if me.may(q.right, here)]
    rows += [
        (words, at(name), icon)
        for right, name, icon, words in (*MANAGEMENT, *PAGES)
        if not right or any(me.may(one, here) for one in right.split())
    ]
    with translation.override(_SOURCE):
        chinese = [str(words) for words, _url, _icon in rows]
    for (words, url, icon), source in zip(rows, chinese, strict=True):
        yield Command(str(words), source, url, icon)
    for view in SavedView.objects.filter(staff_id=me.id):
        yield Command(view.name, view.name, view.path, "star")


def _means(command: Command, text: str) -> bool:
    wanted = fold(text)
    if not wanted:
        return True
    forms = _forms(command.chinese)
    return wanted in fold(command.words) or wanted in forms[0] or any(f.startswith(wanted) for f in forms[1:])


@lru_cache(maxsize=512)
def _forms(chinese: str) -> tuple[str, ...]:
    """The words themselves, then their initials and pinyin in every reading."""
    return (fold(chinese), *pinyin_forms(chinese))
