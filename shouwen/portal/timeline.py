"""What happened to a matter, as the household may read it: public sentences, public words, their own pictures.

Nothing is shown unless it was written for residents: a verb without a ``public`` sentence, a note of an internal kind
and every picture taken by staff stay inside the house.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases.models import Case, Note, Photo
from shouwen.kernel import clock
from shouwen.kernel.journal import verb, verbs
from shouwen.kernel.models import Entry
from shouwen.people.models import Staff
from shouwen.portal.progress import day_words
from shouwen.works.models import Pause

PEOPLE = frozenset({"handler", "technician", "first_responder"})


@dataclass(frozen=True)
class Item:
    """One line of the timeline."""

    at: str
    day: str
    iso: str
    words: str
    icon: str
    quote: str
    photos: tuple[str, ...]


def timeline(case: Case) -> tuple[Item, ...]:
    """Newest first; four queries whatever its length."""
    shown = [v.name for v in verbs() if v.public]
    entries = list(Entry.objects.filter(matter_id=case.pk, verb__in=shown).order_by("-id")[:100])
    names, notes, photos = _names(entries), _notes(case), _photos(case)
    items, today = [], clock.local(clock.now()).date()
    for entry in entries:
        local = clock.local(entry.at)
        first = entry.verb == "case:registered"
        items.append(
            Item(
                at=f"{local:%H:%M}",
                day="" if local.date() == today else clock.said_day(local.date()),
                iso=entry.at.isoformat(),
                words=_sentence(entry, names),
                icon=verb(entry.verb).icon,
                quote=case.words if first and case.words != case.title else notes.get(entry.pk, ""),
                photos=photos.get(None if first else entry.pk, ()),
            )
        )
    return tuple(items)


def _sentence(entry: Entry, names: dict[int, str]) -> str:
    parts = []
    for text, name, _spec, _conversion in Formatter().parse(str(verb(entry.verb).public)):
        parts.append(text)
        if name:
            parts.append(_field(name, entry.data.get(name), names))
    return "".join(parts)


def _field(name: str, value: Any, names: dict[int, str]) -> str:
    if name in PEOPLE:
        return names.get(value, "")
    if name == "reason":
        return str(dict(Pause.choices).get(value, _("等消息")))
    return day_words(date.fromisoformat(value)) if name == "on" else str(value)


def _names(entries: list[Entry]) -> dict[int, str]:
    staff = {e.data.get(field) for e in entries for field in PEOPLE}
    return dict(Staff.objects.filter(pk__in=staff - {None}).values_list("pk", "name"))


def _notes(case: Case) -> dict[UUID | None, str]:
    found: dict[UUID | None, list[str]] = defaultdict(list)
    for entry_id, words in Note.objects.public(case).order_by("id").values_list("entry_id", "words"):
        found[entry_id].append(words)
    return {entry_id: "\n".join(words) for entry_id, words in found.items()}


def photos_of(case: Case) -> QuerySet[Photo]:
    """Pictures that came with the matter, and those that residents added."""
    brought = Q(entry_id__isnull=True, stage=Photo.Stage.INTAKE)
    return Photo.objects.filter(brought | Q(file__created_by_kind="resident"), case=case)


def _photos(case: Case) -> dict[UUID | None, tuple[str, ...]]:
    found: dict[UUID | None, list[str]] = defaultdict(list)
    for key, entry_id in photos_of(case).order_by("id").values_list("pk", "entry_id"):
        found[entry_id].append(reverse("portal:photo", args=[key, "screen"]))
    return {entry_id: tuple(urls) for entry_id, urls in found.items()}
