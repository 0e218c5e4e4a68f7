"""What an import says of every line of its file: kept as rows that a screen can page through, told in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from shouwen.estate.imports.columns import Line
from shouwen.estate.imports.match import Somebody
from shouwen.estate.imports.parse import Read
from shouwen.estate.imports.plan import COMPARED, Plan, Problem
from shouwen.estate.models import ImportLine, ImportRun, Occupancy, Unit
from shouwen.kernel import clock, phones
from shouwen.kernel.text import clean_line

Outcome = ImportLine.Outcome
Change = list[str]
"""A kind of change and its words: ``["unit"]``, ``["built_area", "88.00", "90.00"]``, ``["tie", "王小明", "owner"]``.

Of simple registers ``["new"]`` and ``["set", "库存", "20", "18"]``.
"""

KEPT = timedelta(days=30)
_SECRET = {"phone", "id_number"}
_COLUMNS = "community_id run_id outcome sheet number what column value why changes"


@dataclass(slots=True)
class Told:
    """One line of the file and what comes of it."""

    line: Line
    outcome: str
    what: str
    column: str = ""
    why: str = ""
    changes: Sequence[Change] = ()


def told(made: Plan) -> Iterator[Told]:
    """Every line of the file, what is left out first. What several lines bring is told with the first of them."""
    for problem in made.problems:
        yield _problem(problem)
    teller = _Teller(made)
    for one, named in made.kept:
        yield teller.line(one, named)


def _problem(problem: Problem) -> Told:
    cells = problem.line.cells
    room = "-".join(_text(cells.get(name)) for name in ("building", "entrance", "door") if cells.get(name))
    what = " ".join(filter(None, (room, _text(cells.get("name")))))
    outcome = Outcome.WARNED if problem.warning else Outcome.REFUSED
    return Told(problem.line, outcome, what, problem.column, problem.why)


class _Teller:
    """Knows what was told already: a unit with four people stands in four lines and is new once."""

    def __init__(self, made: Plan) -> None:
        self.made = made
        self.units = {*made.new_units, *made.was}
        self.new = {id(s) for s in made.new_persons}
        self.learned = {id(s) for s in made.changed_persons}
        self.ties = {(t.code, id(t.somebody), t.role) for t in made.ties}
        self.plates = {plate: code for plate, (code, _somebody) in made.vehicles.items()}

    def line(self, one: Read, named: list[Somebody]) -> Told:
        changes = [*self._unit(one), *self._people(one, named), *self._cars(one)]
        added = any(change[0] in ("unit", "person") for change in changes)
        outcome = Outcome.ADDED if added else Outcome.CHANGED if changes else Outcome.SAME
        what = " ".join((one.code, *(tie.name for tie in one.people)))
        return Told(one.line, outcome, what, changes=changes)

    def _unit(self, one: Read) -> Iterator[Change]:
        if one.code not in self.units:
            return
        self.units.discard(one.code)
        if one.code in self.made.new_units:
            yield ["unit"]
            return
        now = self.made.changed_units[self.made.unit_ids[one.code]]
        for name, before in self.made.was[one.code].items():
            yield [name, "" if before is None else str(before), str(now[name])]

    def _people(self, one: Read, named: list[Somebody]) -> Iterator[Change]:
        for tie, somebody in zip(one.people, named, strict=True):
            who = id(somebody)
            if who in self.new:
                self.new.discard(who)
                yield ["person", tie.name]
            elif who in self.learned:
                self.learned.discard(who)
                yield from _learned(somebody)
            if (key := (one.code, who, tie.role)) in self.ties:
                self.ties.discard(key)
                yield ["tie", tie.name, str(tie.role)]

    def _cars(self, one: Read) -> Iterator[Change]:
        for plate in one.plates:
            if self.plates.get(plate) == one.code:
                del self.plates[plate]
                yield ["vehicle", plate]


def _learned(somebody: Somebody) -> Iterator[Change]:
    """What the file knows more of somebody who is registered already."""
    if somebody.id_number and not somebody.known_id:
        yield ["id_number", somebody.name]
    if somebody.gender and not somebody.known_gender:
        yield ["gender", somebody.name, somebody.gender]
    for number, whole in somebody.phones.items():
        if whole not in somebody.known_phones:
            yield ["phone", somebody.name, phones.masked(number)]


def keep(run: ImportRun, lines: Iterable[Told]) -> None:
    """Replace what was said of this run before; ``run.outcomes`` counts the lines of each outcome."""
    ImportLine.objects.filter(run=run).delete()
    counts: Counter[str] = Counter()
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{name}"' for name in _COLUMNS.split())
        with cursor.copy(f"copy {ImportLine._meta.db_table} ({columns}) from stdin") as copy:
            for one in lines:
                counts[str(one.outcome)] += 1
                copy.write_row(_row(run, one))
    run.outcomes = dict(counts)


def forget() -> int:
    """Delete what was said of the lines of old imports: what is kept for good is the fact and the counts."""
    old = ImportRun.objects.filter(ended_at__lt=clock.now() - KEPT).values("pk")
    return ImportLine.objects.filter(run__in=old).delete()[0]


def _row(run: ImportRun, one: Told) -> tuple[Any, ...]:
    typed = _text(one.line.cells.get(one.column))
    value = _masked(typed) if one.column in _SECRET else typed
    why = one.why.replace(typed, value) if typed else one.why
    return (
        run.community_id, run.pk, str(one.outcome), one.line.sheet[:60], one.line.number, one.what[:80], one.column, value[:60],
        why[:200], json.dumps(one.changes, ensure_ascii=False),
    )  # fmt: skip


def _masked(text: str) -> str:
    """Of a telephone or an identity number the ends: enough to find the cell in one's own list."""
    return f"{text[:3]}****{text[-2:]}" if len(text) > 6 else text


def _text(value: object) -> str:
    return "" if value is None else clean_line(str(value))


# --- in words ---------------------------------------------------------------------------------------------------------


def change_words(change: Change) -> str:
    """One change, for a screen or a command, in the active language."""
    kind, *rest = change
    if kind in COMPARED:
        before, now = (_unit_words(kind, text) for text in rest)
        label = str(Unit._meta.get_field(kind).verbose_name)  # type: ignore[union-attr]
        return _("%(label)s %(before)s → %(now)s") % {"label": label, "before": before or "—", "now": now}
    if kind == "set":
        return _("%(label)s %(before)s → %(now)s") % {
            "label": rest[0],
            "before": rest[1] or "—",
            "now": rest[2],
        }
    if kind in ("unit", "new"):
        return _("新房屋") if kind == "unit" else _("新登记")
    if kind == "vehicle":
        return _("车辆 %s") % rest[0]
    words = {"name": rest[0], "what": rest[1] if len(rest) > 1 else ""}
    if kind == "tie":
        words["what"] = str(Occupancy.Role(rest[1]).label)
    if kind == "gender":
        words["what"] = _("男") if rest[1] == "m" else _("女")
    sentences = {
        "person": _("登记 %(name)s"), "tie": _("%(name)s 是%(what)s"), "phone": _("%(name)s 补电话 %(what)s"),
        "id_number": _("%(name)s 补证件号码"), "gender": _("%(name)s 补性别 %(what)s"),
    }  # fmt: skip
    return sentences[kind] % words


def _unit_words(name: str, text: str) -> str:
    """A value of a unit as people read it."""
    choices = {"kind": Unit.Kind, "status": Unit.Status}.get(name)
    return str(choices(text).label) if choices and text else text
