"""What may be done to categories. The whole house shares them: whoever changes one may change settings everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

from shouwen.cases.models import Category
from shouwen.estate.actions import SETTING
from shouwen.estate.saving import everywhere, put, save
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.kernel.text import clean_line, full_width_to_half, pinyin_key

_BETWEEN = re.compile(r"[\s,、，;；]+")


def add_category(
    *, actor: Actor, name: str, kind: str, trade: str, words: str = "", urgent: bool = False
) -> Category:
    """A new category of a kind; its code is made of the name's pinyin and never changes.

    It stands beside the last of its kind, and by its code before it: the last one takes in what nothing else fits.
    """
    with frame(actor):
        _allow(actor)
        row = Category(kind=kind, trade=trade, urgent=urgent, words=heard(words), name=clean_line(name))
        last = Category.objects.filter(kind=kind).values_list("sort", flat=True).last()
        row.sort = row.sort if last is None else last
        _only_one(row)
        row.code = _free_code(f"{kind}-{pinyin_key(row.name).replace(' ', '')}")
        save(row)
        record("category:added", row, kind=kind, trade=trade)
    return row


def edit_category(
    code: str, *, actor: Actor, name: str, trade: str, words: str, urgent: bool, sort: int
) -> Category:
    """Change a category. Its kind stays: cases were counted under it."""
    with frame(actor):
        row = _locked(code, actor)
        values = {
            "name": clean_line(name),
            "trade": trade,
            "words": heard(words),
            "urgent": urgent,
            "sort": sort,
        }
        if fields := put(row, values):
            _only_one(row)
            save(row)
            record("category:changed", row, fields=fields)
    return row


def deactivate_category(code: str, *, actor: Actor) -> Category:
    """Take a category out of the choices; its cases keep it. The last one of a kind stays."""
    with frame(actor):
        # All of the kind, in one order: two hands cannot each switch off one of the last two, nor wait for each other.
        kind = Category.objects.filter(pk=code).values("kind")
        active = Category.objects.filter(kind__in=kind, active=True).order_by("pk").select_for_update()
        others = set(active.values_list("pk", flat=True)) - {code}
        row = _locked(code, actor)
        if not others:
            raise Refused("category.last", kind=row.get_kind_display())
        return _switch(row, "category:closed", active=False)


def reactivate_category(code: str, *, actor: Actor) -> Category:
    with frame(actor):
        return _switch(_locked(code, actor), "category:opened", active=True)


def heard(words: str) -> str:
    """Recognition words as the table keeps them: each once, a space between."""
    return " ".join(dict.fromkeys(filter(None, _BETWEEN.split(clean_line(words)))))


def may_edit(actor: Actor, communities: Iterable[int] | None = None) -> bool:
    """Whether the actor may change settings in every community of the house."""
    return everywhere(actor, SETTING, communities)


def _allow(actor: Actor) -> None:
    if not may_edit(actor):
        raise NotAllowed("category.everywhere")


def _locked(code: str, actor: Actor) -> Category:
    row = Category.objects.select_for_update().filter(pk=code).first()
    if row is None:
        raise NotFound("not_found")
    _allow(actor)
    return row


def _switch(row: Category, verb: str, *, active: bool) -> Category:
    if put(row, {"active": active}):
        save(row)
        record(verb, row)
    return row


def _only_one(row: Category) -> None:
    """Two categories of one name in one kind: nobody could tell which was chosen."""
    if Category.objects.filter(kind=row.kind, name=row.name).exclude(pk=row.code).exists():
        raise Refused("category.name", name=row.name)


def _free_code(wanted: str) -> str:
    stem = re.sub(r"[^a-z0-9-]", "", full_width_to_half(wanted).lower())[:34]
    taken = set(Category.objects.filter(pk__startswith=stem).values_list("pk", flat=True))
    return next(
        code for n in range(1, len(taken) + 2) if (code := stem if n == 1 else f"{stem}-{n}") not in taken
    )
