"""Simple registers as lists: from a declaration of columns come preset, template, check, comparison and writing.

The rows of a register are of one model, with ``community`` and ``run``: the import that brought or last changed them.
A further register is a `Register` of some lines in its room, registered when the room starts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import Any, cast

from django.db import connection, models
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from shouwen.estate.imports.cells import Unreadable, line_of, text_of
from shouwen.estate.imports.columns import Given, Line, Unknown, rows_of
from shouwen.estate.imports.heads import Columns, columns_of
from shouwen.estate.imports.lines import Change, Outcome, Told
from shouwen.estate.imports.match import chunks
from shouwen.estate.imports.plan import Problem
from shouwen.estate.imports.sources import Planned, Progress, Source
from shouwen.estate.keys import plate_key, unit_key
from shouwen.estate.models import Community, ImportRun, Lineage, Unit, Vehicle
from shouwen.estate.saving import sentences
from shouwen.kernel import sheets
from shouwen.kernel.actors import Actor
from shouwen.kernel.sheets import Cell
from shouwen.kernel.text import joined, seeded

Values = dict[str, Any]
_MANY = 1000


class Places:
    """Units and vehicles of a community by what lists call them, also those that were split or merged since: read at most
    once a file.
    """

    def __init__(self, community: Community) -> None:
        self.community = community

    @cached_property
    def _known(self) -> list[tuple[int, str, date | None]]:
        """Every unit there is or was: those that ended by their last day, then those that stand."""
        here = Unit.objects.filter(community=self.community).order_by(F("retired_on").asc(nulls_last=True))
        return list(here.values_list("pk", "code", "retired_on").iterator())

    @cached_property
    def codes(self) -> dict[int, str]:
        return {pk: code for pk, code, _until in self._known}

    @cached_property
    def _units(self) -> dict[str, list[tuple[int, date | None]]]:
        found: dict[str, list[tuple[int, date | None]]] = defaultdict(list)
        for pk, code, until in self._known:
            found[unit_key(code)].append((pk, until))
        return found

    @cached_property
    def _became(self) -> dict[int, tuple[str, date, list[str]]]:
        """How and when a unit ended, and the numbers that it became."""
        found: dict[int, tuple[str, date, list[str]]] = {}
        rows = Lineage.objects.filter(community=self.community).order_by("after__sort", "pk")
        for before, kind, on, code in rows.values_list("before", "kind", "on", "after__code"):
            found.setdefault(before, (kind, on, []))[2].append(code)
        return found

    @cached_property
    def _vehicles(self) -> dict[str, tuple[str, int | None]]:
        here = Vehicle.objects.filter(community=self.community).values_list("plate", "unit_id")
        return {plate_key(plate): (plate, unit) for plate, unit in here.iterator()}

    def unit(self, words: str, on: date | None = None) -> int:
        """The key of what 3-1-1201 was on a day, or is today; MicroCommunity writes a shop 3-0-12 where it has no entrance."""
        key = unit_key(words)
        known = self._units.get(key) or self._units.get(re.sub(r"-0(?=-)", "", key)) or []
        for pk, until in known:
            if until is None or (on is not None and on <= until):
                return pk
        raise Unreadable(self._gone(words, [pk for pk, _until in known]), "unit_id")

    def _gone(self, words: str, known: list[int]) -> str:
        """Why there is no such unit: none was ever known, or it is another one by now."""
        if not known or known[-1] not in self._became:
            return _("没有这套房：%(code)s") % {"code": words[:20]}
        kind, on, into = self._became[known[-1]]
        said = {"code": self.codes[known[-1]], "on": on, "into": joined(into[:5])}
        if kind == Lineage.Kind.SPLIT:
            return _("%(code)s 在 %(on)s 拆分成了 %(into)s：以后的请填现在的房号") % said
        return _("%(code)s 在 %(on)s 并入了 %(into)s：以后的请填现在的房号") % said

    def vehicle(self, words: str) -> tuple[str, int | None]:
        """The plate as it is registered, and the unit that the vehicle belongs to."""
        found = self._vehicles.get(plate_key(words))
        if found is None:
            raise Unreadable(_("没有登记这辆车：%(plate)s") % {"plate": words[:20]}, "plate")
        return found


def _plainly(value: Any, _places: Places) -> str:
    return str(value)


@dataclass(frozen=True)
class Column:
    """``name`` is the attribute of the model, the first of ``headers`` the header of our template.

    ``marks``: a list has this column only when it is one of this register. ``shown`` says a value in words.
    """

    name: str
    headers: tuple[str, ...]
    help: str | Promise
    read: Callable[[Cell, str], Any] = line_of
    needed: bool = False
    marks: bool = False
    exact: bool = False
    shown: Callable[[Any, Places], str] = _plainly

    @property
    def header(self) -> str:
        return self.headers[0]


def _settled(_values: Values, _places: Places) -> None:
    """Nothing has to be looked up."""


def _agreed(_values: Values) -> None:
    """Nothing depends on each other."""


@dataclass(frozen=True)
class Register:
    """``key`` of a row's values tells it from all others; rows that may have it are found by their ``near``.

    ``settle`` turns what cells name (a unit, a plate) into keys and checks what they say together, ``agree`` a row as it
    would stand. What is not written in a line stays as it is; where a register only ``grows``, a line that says otherwise
    is a problem. ``what`` are the columns by which a line is called.
    """

    code: str
    label: str | Promise
    right: str
    page: str
    model: type[models.Model]
    columns: tuple[Column, ...]
    what: tuple[str, ...]
    key: Callable[[Values], Hashable]
    near: str
    settle: Callable[[Values, Places], None] = _settled
    agree: Callable[[Values], None] = _agreed
    grows: bool = False

    def source(self) -> Source:
        """The register as a kind of list that can be imported."""
        return Source(
            self.code, self.label, self.right, self.page, partial(plan, self), write, told, self.template, self.headers, self.fits
        )  # fmt: skip

    def headers(self) -> list[tuple[str, str]]:
        return [(c.name, c.header) for c in self.columns]

    def template(self) -> bytes:
        return sheets.template(
            str(self.label), [sheets.Heading(c.header, c.help, c.needed, c.exact) for c in self.columns]
        )

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """Every header that is known here."""
        return {c.name: c.headers for c in self.columns}

    def fits(self, unknown: Unknown) -> bool:
        return self.marks <= set(columns_of(unknown.headers, self.words).values())

    @property
    def marks(self) -> set[str]:
        return {c.name for c in self.columns if c.marks}

    def named(self, line: Line) -> str:
        return " ".join(filter(None, (text_of(line.cells.get(name)) for name in self.what)))


@dataclass
class Listed:
    """What a list would change in a register: new rows, rows that change with what stands in them, rows as they are."""

    register: Register
    community: Community
    places: Places
    new: list[tuple[Line, Values]] = field(default_factory=list)
    changed: list[tuple[Line, Values, Values]] = field(default_factory=list)
    same: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    columns: Columns = field(default_factory=dict)

    @property
    def refused(self) -> int:
        return len(self.problems)

    @property
    def changes(self) -> int:
        return len(self.new) + len(self.changed)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        found = {"added": len(self.new), "changed": len(self.changed), "unchanged": len(self.same)}
        return {self.register.code: found}


def plan(register: Register, community: Community, given: Given, actor: Actor, progress: Progress) -> Listed:
    """Read every line, leave out what makes no sense, compare the rest with what is registered."""
    made = Listed(register, community, Places(community))
    lines, made.columns = _lines(register, given)
    progress(10)
    reads = list(_readable(made, lines))
    progress(45)
    _compare(made, reads)
    made.problems.sort(key=lambda problem: problem.line.number)
    progress(60)
    return made


def _lines(register: Register, given: Given) -> tuple[list[Line], Columns]:
    table = sheets.read(given.data, given.name)
    columns = columns_of(table.headers, register.words, given.chosen)
    if not register.marks <= set(columns.values()):
        needed = joined(f"“{c.header}”" for c in register.columns if c.marks)
        there = set(sheets.sheet_names(given.data))
        raise Unknown(table, _("表头要有%(needed)s") % {"needed": needed}, there, columns)
    return list(rows_of(table, columns)), columns


def _readable(made: Listed, lines: list[Line]) -> Iterator[tuple[Line, Values]]:
    """The lines that make sense alone."""
    for line in lines:
        try:
            values = _values(made.register, line)
            made.register.settle(values, made.places)
        except Unreadable as error:
            made.problems.append(Problem(line, str(error), error.column))
            continue
        yield line, values


def _values(register: Register, line: Line) -> Values:
    return {column.name: _value(column, line.cells.get(column.name)) for column in register.columns}


def _value(column: Column, cell: Cell) -> Any:
    try:
        value = column.read(cell, seeded(column.header))
    except Unreadable as error:
        error.column = column.name
        raise
    if value is None and column.needed:
        raise Unreadable(_("没有%(label)s") % {"label": seeded(column.header)}, column.name)
    return value


def _compare(made: Listed, reads: list[tuple[Line, Values]]) -> None:
    """The lines beside what is registered and beside those before them."""
    register, first = made.register, dict[Hashable, int]()
    there = {register.key(row): row for row in _there(made, {values[register.near] for _l, values in reads})}
    for line, values in reads:
        key = register.key(values)
        try:
            _once(register, first.get(key))
            _sort(made, line, values, there.get(key))
        except Unreadable as error:
            made.problems.append(Problem(line, str(error), error.column))
        else:
            first[key] = line.number


def _once(register: Register, before: int | None) -> None:
    if before is not None:
        raise Unreadable(_("与第 %(row)d 行重复") % {"row": before}, register.near)


def _sort(made: Listed, line: Line, values: Values, row: Values | None) -> None:
    """A line that is new, changes its row, or says nothing new."""
    if row is None:
        made.register.agree(values)
        made.new.append((line, values))
    elif differ := _differing(made.register, line, values, row):
        made.register.agree(row | differ)
        made.changed.append((line, differ, row))
    else:
        made.same.append(line)


def _differing(register: Register, line: Line, values: Values, row: Values) -> Values:
    """What the line says otherwise than the row; where a register only grows, that is a problem."""
    differ = {name: values[name] for name in line.cells if values[name] not in (None, row[name])}
    if differ and register.grows:
        name = next(iter(differ))
        words = _("已登记过这一笔，%(label)s写的不同；已登记的不会改") % {
            "label": seeded(_column(register, name).header)
        }
        raise Unreadable(words, name)
    return differ


def _there(made: Listed, near: set[Any]) -> Iterator[Values]:
    """What is registered already of the rows that the list may mean."""
    register = made.register
    for part in chunks(near):
        here = {"community": made.community, f"{register.near}__in": part}
        rows = register.model._default_manager.filter(**here)
        yield from rows.values("pk", *(c.name for c in register.columns)).iterator()


def _column(register: Register, name: str) -> Column:
    return next(c for c in register.columns if c.name == name)


def write(planned: Planned, run: ImportRun, progress: Progress) -> None:
    """Put the rows into the database, a statement for each thousand; the caller holds lock and transaction."""
    made = cast(Listed, planned)
    model = made.register.model
    rows = model._default_manager
    names = [c.name for c in made.register.columns]
    fresh = ({n: v for n, v in values.items() if v is not None} for _line, values in made.new)
    with sentences():
        rows.bulk_create((model(community=made.community, run=run, **v) for v in fresh), batch_size=_MANY)
        progress(80)
        rows.bulk_create(
            (model(community=made.community, run=run, **row | differ) for _l, differ, row in made.changed),
            batch_size=_MANY, update_conflicts=True, unique_fields=["id"], update_fields=[*names, "run"],
        )  # fmt: skip
    if (
        made.changes > _MANY
    ):  # until the database has counted what is new, it plans for a table that is nearly empty
        with connection.cursor() as cursor:
            cursor.execute(f"analyze {model._meta.db_table}")


def told(planned: Planned) -> Iterator[Told]:
    """Every line of the list and what comes of it, what is left out first."""
    made = cast(Listed, planned)
    named = made.register.named
    for problem in made.problems:
        yield Told(problem.line, Outcome.REFUSED, named(problem.line), problem.column, problem.why)
    for line, _values in made.new:
        yield Told(line, Outcome.ADDED, named(line), changes=[["new"]])
    for line, differ, row in made.changed:
        changes = [_change(made, name, row[name], now) for name, now in differ.items()]
        yield Told(line, Outcome.CHANGED, named(line), changes=changes)
    for line in made.same:
        yield Told(line, Outcome.SAME, named(line))


def _change(made: Listed, name: str, before: Any, now: Any) -> Change:
    column = _column(made.register, name)
    said = ("" if value is None else column.shown(value, made.places) for value in (before, now))
    return ["set", seeded(column.header), *said]
