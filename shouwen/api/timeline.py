"""The timeline of a case for machines: facts with their sentence and the words that belong to them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as lazy

from shouwen.cases.calling.times import hours_words
from shouwen.cases.models import Case, FollowUp, Kind, Note
from shouwen.kernel.journal import verb
from shouwen.kernel.models import Entry
from shouwen.people import who
from shouwen.people.models import Staff
from shouwen.works.models import Pause

MOST = 1000
PEOPLE = ("handler", "technician", "first_responder", "follow_up_by", "about", "left", "heir")
_CODES: dict[str, dict[Any, Any]] = {
    "kind": dict(Kind.choices),
    "outcome": dict(FollowUp.Outcome.choices),
    "reason": dict(Pause.choices),
    "urgent": {True: lazy("紧急"), False: lazy("一般")},
    "satisfied": {True: lazy("满意"), False: lazy("不满意")},
}


def timeline(case: Case) -> list[dict[str, Any]]:
    """Everything on record about the case, oldest first; four queries whatever its length."""
    entries = list(Entry.objects.filter(matter_id=case.pk).order_by("id")[:MOST])
    staff = {e.actor_id for e in entries if e.actor_kind == "staff"}
    staff |= {e.data.get(name) for e in entries for name in PEOPLE}
    names = dict(Staff.objects.filter(pk__in=staff - {None}).values_list("pk", "name"))
    words, residents = _words(case), who.residents_of(entries)
    return [_told(entry, who.actor_name(entry, names, residents), names, words) for entry in entries]


def _told(entry: Entry, actor: str, names: dict[int, str], words: dict[UUID, str]) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "at": entry.at,
        "recorded_at": entry.recorded_at,
        "verb": entry.verb,
        "sentence": _sentence(entry, actor or who.machine_name(entry), names),
        "actor_kind": entry.actor_kind,
        "actor_id": entry.actor_id,
        "actor": actor,
        "was": entry.was,
        "now": entry.now,
        "data": entry.data,
        "words": words.get(entry.pk, ""),
    }


def _sentence(entry: Entry, actor: str, names: dict[int, str]) -> str:
    said: dict[str, Any] = dict.fromkeys(verb(entry.verb).fields, "")
    said |= {name: _CODES.get(name, {}).get(value, value) for name, value in entry.data.items()}
    said |= {name: names.get(said[name], "") for name in PEOPLE if name in said}
    if hours := entry.data.get("hours"):
        said["hours"] = hours_words(hours)
    actor_id = entry.actor_id if entry.actor_kind == "staff" else None
    return verb(entry.verb).spoken(actor_id, entry.data, PEOPLE).format(**said | {"actor": actor})


def _words(case: Case) -> dict[UUID, str]:
    """The words of each fact: notes, and what the resident said when called back."""
    said: dict[Any, list[str]] = defaultdict(list)
    for rows in (Note.objects.filter(case=case), FollowUp.objects.filter(case=case).exclude(words="")):
        for entry_id, words in rows.exclude(entry_id=None).order_by("id").values_list("entry_id", "words"):
            said[entry_id].append(words)
    return {entry_id: "\n".join(words) for entry_id, words in said.items()}
