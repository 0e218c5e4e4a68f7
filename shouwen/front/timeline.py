"""The timeline of a case: its journal told in sentences, with the words and pictures that belong to each fact."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from string import Formatter
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases.calling.times import hours_words
from shouwen.cases.models import LEVELS, Case, Category, FollowUp, Kind, Note, Photo
from shouwen.front import look
from shouwen.front.clocks import clause_words, pause_words
from shouwen.kernel import clock
from shouwen.kernel.journal import verb
from shouwen.kernel.models import Entry
from shouwen.kernel.text import dotted
from shouwen.people import who
from shouwen.people.models import Staff

HIDDEN = frozenset({"case:started", "case:waiting", "order:opened", "case:done"})
"""Facts that only repeat in other words what the line above says."""

TALK = frozenset(
    {
        "case:registered", "case:noted", "case:promised", "case:urged", "case:said", "case:confirmed", "case:answered",
        "case:replied", "follow_up:tried", "rating:linked", "case:phone_shown", "order:phone_shown",
    }
)  # fmt: skip
"""Facts in which somebody said something to somebody; all others are work."""

HEARD_LATE = timedelta(minutes=2)


def _choice(choices: Any) -> Callable[[Any], str]:
    words = dict(choices)
    return lambda value: str(words.get(value, value))


FIELDS: dict[str, Callable[[Any], str]] = {
    "kind": _choice(Kind.choices),
    "due": lambda value: _moment(str(value)),
    "hours": lambda value: hours_words(str(value)),
    "case": lambda value: str(Case.objects.filter(pk=value).values_list("number", flat=True).first() or ""),
    "category": lambda value: str(Category.objects.filter(pk=value).first() or value),
    "level": lambda value: str(LEVELS.get(value, value)),
    "severity": _choice(Case.Severity.choices),
    "outcome": _choice(FollowUp.Outcome.choices),
    "reason": pause_words,
    "by": lambda value: {"resident": _("住户要求"), "centre": _("中心取消")}.get(value, str(value)),
    "clause": lambda value: clause_words(str(value)),
    "satisfied": lambda value: _("满意") if value else _("不满意"),
    "urgent": lambda value: _("紧急") if value else _("一般"),
    "passed": lambda value: _("合格") if value else _("不合格"),
}
"""How a code in a fact's data is said in words; staff keys are said as names."""

PEOPLE = frozenset({"handler", "technician", "first_responder", "follow_up_by", "left", "heir"})


def timeline(case: Case) -> tuple[look.TimelineItem, ...]:
    """Everything on record about the case and those merged into it, oldest first; six queries whatever its length."""
    told = {c.pk: c for c in (case, *case.merged.all())}
    entries = list(Entry.objects.filter(matter_id__in=list(told)).order_by("id")[:500])
    names, notes, photos = _names(entries), _notes(list(told)), _photos(list(told))
    residents = who.residents_of(entries)
    items, day = [], clock.today()
    for entry in entries:
        if entry.verb in HIDDEN or (entry.verb == "case:merged" and entry.matter_id != case.pk):
            continue
        local = clock.local(entry.at)
        item = _item(
            entry,
            case,
            told[entry.matter_id],
            names,
            residents,
            notes.get(entry.pk, ""),
            photos.get(entry.pk, ()),
        )
        shown = "" if local.date() == day else clock.said_day(local.date())
        day = local.date()
        items.append(
            look.TimelineItem(**(item | {"day": shown, "at": f"{local:%H:%M}", "iso": entry.at.isoformat()}))
        )
    return tuple(items)


def _item(
    entry: Entry,
    case: Case,
    told: Case,
    names: dict[int, str],
    residents: dict[int, str],
    words: str,
    photos: tuple[look.Photo, ...],
) -> dict[str, Any]:
    actor = who.actor_name(entry, names, residents)
    is_first = entry.actor_kind == "staff" and entry.actor_id == case.first_responder_id
    if entry.verb == "case:registered":
        words = told.words if told.words.strip() != told.title else ""
        words = words if told is case else f"{told.title}\n{words}".strip()
    ours = actor if entry.actor_kind == "staff" else ""
    mark = (look.seal(ours) if is_first else look.hand(ours)) if ours else None
    declared = verb(entry.verb)
    return {
        "sentence": (
            *sentence(entry, actor or who.machine_name(entry), names),
            *_hurried(entry),
            *_heard_late(entry),
            *_proposed(entry),
            *_other(case, told),
        ),
        "mark": mark,
        "icon": declared.icon or "note",
        "talk": entry.verb in TALK,
        "quote": words,
        "photos": photos,
        "photos_words": _photo_words(photos),
        "tone": "hold" if entry.verb in ("order:paused", "order:resumed") else "plain",
    }


def _heard_late(entry: Entry) -> tuple[look.Part, ...]:
    """What waited on a telephone, or on paper, says when it reached us."""
    if entry.recorded_at - entry.at < HEARD_LATE:
        return ()
    then, now = clock.local(entry.at), clock.local(entry.recorded_at)
    shown = f"{now:%H:%M}" if now.date() == then.date() else clock.said(entry.recorded_at)
    return (look.Part(_("（%s 收到）") % shown),)


def _other(case: Case, told: Case) -> tuple[look.Part, ...]:
    """Which of the merged cases a fact belongs to, where it is not this one's."""
    return () if told is case else (look.Part(f"（{told.number} {told.place}）", dim=True),)


def _moment(text: str) -> str:
    """A moment or a day of a fact, as the wall clock has it."""
    if len(text) <= 10:
        return clock.said_day(date.fromisoformat(text))
    return clock.said(datetime.fromisoformat(text))


def _proposed(entry: Entry) -> tuple[look.Part, ...]:
    """Whose idea it was, where a person took the house's."""
    return (look.Part(_("（采纳建议）"), dim=True),) if entry.data.get("suggested") else ()


def _hurried(entry: Entry) -> tuple[look.Part, ...]:
    """Another urgency that came with another category or kind."""
    if "urgent" not in entry.data or "category" not in entry.data or entry.verb == "case:registered":
        return ()
    return (look.Part(_("，紧急程度改为%s") % words_of_field("urgent", entry.data["urgent"], {})),)


def _photo_words(photos: Sequence[look.Photo]) -> str:
    """修前 2 张, and with pictures of another stage beside them 修前 2 张 • 修后 1 张."""
    counted = Counter(photo.stage for photo in photos)
    said = _("%(stage)s %(n)s 张")
    return dotted(*(said % {"stage": Photo.Stage(stage).label, "n": n} for stage, n in counted.items()))


def sentence(entry: Entry, actor: str, names: Mapping[Any, str]) -> tuple[look.Part, ...]:
    """The verb's sentence with its fields filled in; names stand out, all else is one text with the spaces it has.

    ``names`` has staff by key and posts by code.
    """
    parts: list[look.Part] = []
    actor_id = entry.actor_id if entry.actor_kind == "staff" else None
    spoken = verb(entry.verb).spoken(actor_id, entry.data, PEOPLE)
    for text, name, _spec, _conversion in Formatter().parse(spoken):
        _say(parts, text)
        if name == "actor":
            parts.append(look.Part(actor, strong=True))
        elif name in PEOPLE:
            parts.append(look.Part(words_of_field(name, entry.data.get(name), names), strong=True))
        elif name:
            _say(parts, words_of_field(name, entry.data.get(name), names))
    return tuple(part for part in parts if part.text.strip())


def _say(parts: list[look.Part], text: str) -> None:
    """Go on with the text that was begun, unless a name stands between."""
    if parts and not parts[-1].strong:
        text = parts.pop().text + text
    parts.append(look.Part(text))


def words_of_field(name: str, value: Any, names: Mapping[Any, str]) -> str:
    """A field of a fact's data as it is said; ``names`` has staff by key and posts by code."""
    if value is None:
        return _("未定")
    if name in PEOPLE:
        return names.get(value, _("已离职员工"))
    if name == "post":
        return names.get(value, str(value))
    return FIELDS[name](value) if name in FIELDS else str(value)


def _names(entries: Sequence[Entry]) -> dict[int, str]:
    staff = {e.actor_id for e in entries if e.actor_kind == "staff"}
    staff |= {e.data.get(field) for e in entries for field in PEOPLE}
    return dict(Staff.objects.filter(pk__in=staff - {None}).values_list("pk", "name"))


def _notes(cases: Sequence[UUID]) -> dict[UUID | None, str]:
    """The words of each fact: notes, and what the resident said when called back."""
    said: dict[UUID | None, list[str]] = defaultdict(list)
    for entry_id, words in (
        Note.objects.filter(case__in=cases).order_by("id").values_list("entry_id", "words")
    ):
        said[entry_id].append(words)
    for entry_id, words in (
        FollowUp.objects.filter(case__in=cases).exclude(words="").values_list("entry_id", "words")
    ):
        said[entry_id].append(words)
    return {entry_id: "\n".join(words) for entry_id, words in said.items()}


def _photos(cases: Sequence[UUID]) -> dict[UUID | None, tuple[look.Photo, ...]]:
    found: dict[UUID | None, list[look.Photo]] = defaultdict(list)
    registered: dict[UUID, UUID] = {}
    for photo in Photo.objects.filter(case__in=cases).order_by("id"):
        if photo.entry_id is None and not registered:
            rows = Entry.objects.filter(matter_id__in=cases, verb="case:registered")
            registered = dict(rows.values_list("matter_id", "pk"))  # type: ignore[arg-type]  # every one has its matter
        caption = f"{photo.get_stage_display()} {clock.local(photo.at):%H:%M}"
        found[photo.entry_id or registered.get(photo.case_id)].append(
            look.Photo(
                url=reverse("photo", args=[photo.pk, "screen"]),
                thumb_url=reverse("photo", args=[photo.pk, "thumb"]),
                alt=caption,
                caption=caption,
                stage=photo.stage,
            )
        )
    return {entry_id: tuple(photos) for entry_id, photos in found.items()}
