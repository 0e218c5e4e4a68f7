"""The book of clauses: the obligations of the manuals as data, checked completely and compiled to look-up tables.

A clause that could raise while a fact is written is refused here, at load: unknown keys, verbs, fields, posts,
durations or policies never reach `absorb`. A file with a fault is refused whole, with file, line and sentence, and the
clauses that the house kept last stay in force (`kept.keep_book`).
"""

from __future__ import annotations

import json
import logging
import os
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from shouwen.duties.book import tables
from shouwen.duties.book.checks import check
from shouwen.duties.book.clause import read_clause
from shouwen.duties.book.places import ClauseError, Places, written_badly
from shouwen.duties.grammar import (
    OWNER_FIELDS,
    Clause,
    Matter,
    OccasionSpec,
    PolicySeed,
    SetSpec,
    Where,
)
from shouwen.kernel import journal

__all__ = ["Book", "ClauseError", "Effects", "book", "compile_book", "load", "texts_of"]

FOLDER = Path(os.environ.get("SHOUWEN_CLAUSES") or Path(__file__).resolve().parent.parent.parent / "clauses")
HEAD = "book.toml"
logger = logging.getLogger("shouwen.duties")


@dataclass
class Effects:
    """What a fact of one verb does to duties, compiled.

    ``ends`` and ``voids`` find duties by their matter, ``proves``, ``tallies`` and ``clears`` by their community.
    """

    births: list[Clause] = field(default_factory=list)
    ends: list[tuple[Clause, Where]] = field(default_factory=list)
    voids: list[str] = field(default_factory=list)
    proves: list[tuple[Clause, Where]] = field(default_factory=list)
    tallies: list[tuple[Clause, Where]] = field(default_factory=list)
    pools: list[tuple[Clause, Where]] = field(default_factory=list)
    clears: list[Clause] = field(default_factory=list)
    joins: list[tuple[SetSpec, Where]] = field(default_factory=list)
    leaves: list[tuple[SetSpec, Where, tuple[str, ...]]] = field(default_factory=list)
    pauses: list[str] = field(default_factory=list)
    resumes: list[str] = field(default_factory=list)
    owners: tuple[str, ...] = ()
    releases: list[str] = field(default_factory=list)
    opens: bool = False
    anchored: list[str] = field(default_factory=list)
    opening: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """All clauses, policies, sets, occasions and matters, the words of facts, and for each verb what it does.

    ``fault`` is what is wrong with the files, if these are the clauses that were kept before.
    """

    clauses: dict[str, Clause] = field(default_factory=dict)
    policies: dict[str, PolicySeed] = field(default_factory=dict)
    sets: dict[str, SetSpec] = field(default_factory=dict)
    occasions: dict[str, OccasionSpec] = field(default_factory=dict)
    matters: dict[str, Matter] = field(default_factory=dict)
    chapters: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    effects: dict[str, Effects] = field(default_factory=dict)
    fault: ClauseError | None = None

    def clause(self, code: str) -> Clause | None:
        """The clause of a duty; None if it was taken out of the manuals since."""
        return self.clauses.get(code)

    @property
    def periodic(self) -> tuple[Clause, ...]:
        """The clauses that periods bear."""
        return tuple(c for c in self.clauses.values() if c.periodic)


@lru_cache(maxsize=1)
def book() -> Book:
    """The clauses of the house, read once a process, when it starts.

    If a file has a fault, the clauses that were kept last stay; ClauseError if there are none.
    """
    try:
        return load(FOLDER)
    except ClauseError as error:
        if (texts := _kept_last()) is None:
            raise
        logger.error(  # noqa: TRY400 - the place in the file says more than a traceback
            "条款文件有错，沿用上次的条款 / a clause file has a fault, the last good clauses stay: %s", error
        )
        return replace(compile_book(texts), fault=error)


def _kept_last() -> dict[str, str] | None:
    """The files that were kept last; None in a house that never started with good ones, or without a database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select body::text from duties_keptbook order by since desc, id desc limit 1")
            row = cursor.fetchone()
    except DatabaseError:
        return None
    return json.loads(row[0]) if row else None


def load(folder: Path) -> Book:
    """Read, check and compile all files of a folder; ClauseError names what is wrong."""
    return compile_book(texts_of(folder))


def texts_of(folder: Path) -> dict[str, str]:
    """The files of a folder by name; ClauseError for one that is no text."""
    texts = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            texts[path.name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ClauseError(path.name, 1, _("文件读不出来：%(why)s") % {"why": error}) from error
    return texts


def compile_book(texts: Mapping[str, str]) -> Book:
    """Compile TOML texts by name. ``book.toml`` holds matters, sets and words, the others clauses and policies."""
    made = Book()
    files = {name: _parsed(name, text) for name, text in texts.items()}
    places = {name: Places(name, text) for name, text in texts.items()}
    _head(made, files.get(HEAD, {}), places.get(HEAD) or Places(HEAD, ""))
    for name, file in files.items():
        if name != HEAD:
            _chapter(made, file, places[name])
    check(made, places)
    for code, clause in made.clauses.items():
        if clause.per:
            made.clauses[code] = replace(clause, per_key=made.sets[clause.per].key)
    made.effects.update(_effects(made))
    return made


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise written_badly(name, error) from error


def _head(made: Book, raw: dict[str, Any], places: Places) -> None:
    _only(raw, ("matter", "facts", "values", "occasion", "set", "policy"), places)
    made.facts.update(raw.get("facts", {}))
    made.values.update(raw.get("values", {}))
    for kind, table in raw.get("matter", {}).items():
        made.matters[kind] = tables.read_matter(kind, table, places)
    for kind, table in raw.get("occasion", {}).items():
        made.occasions[kind] = tables.read_occasion(kind, table, places)
    for number, table in enumerate(raw.get("set", [])):
        spec = tables.read_set(table, places, number)
        made.sets[spec.name] = spec
    _policies(made, raw, places)


def _chapter(made: Book, raw: dict[str, Any], places: Places) -> None:
    _only(raw, ("chapter", "matter", "policy", "clause"), places)
    name = places.name.removesuffix(".toml")
    if not isinstance(title := raw.get("chapter"), str):
        raise ClauseError(places.name, 1, _("“%(key)s”要写一段文字") % {"key": "chapter"})
    made.chapters[name] = title
    _policies(made, raw, places)
    steps = 0
    for number, table in enumerate(raw.get("clause", [])):
        for clause in read_clause(table, places, number, name, raw.get("matter", ""), steps):
            if clause.code in made.clauses:
                raise places.fault("clause", number, "code", _("“%(code)s”写了两次") % {"code": clause.code})
            made.clauses[clause.code] = clause
        steps += len(table.get("step", []))


def _policies(made: Book, raw: dict[str, Any], places: Places) -> None:
    for number, table in enumerate(raw.get("policy", [])):
        seed = tables.read_policy(table, places, number)
        if seed.key in made.policies:
            raise places.fault("policy", number, "key", _("“%(code)s”写了两次") % {"code": seed.key})
        made.policies[seed.key] = seed


def _only(raw: dict[str, Any], allowed: tuple[str, ...], places: Places) -> None:
    for key in raw:
        if key not in allowed:
            raise places.fault(key, 0, key, _("没有“%(key)s”这个写法") % {"key": key})


# --- what a fact does ---------------------------------------------------------------------------------------------


def _effects(made: Book) -> dict[str, Effects]:
    effects: dict[str, Effects] = defaultdict(Effects)
    for clause in made.clauses.values():
        if clause.every:
            _listen_by_period(effects, clause)
        else:
            _listen_by_matter(effects, clause)
    for spec in made.sets.values():
        _listen_for_members(effects, spec, made)
    for matter in made.matters.values():
        _listen_for_matters(effects, matter, made)
    owned = {clause.owner for clause in made.clauses.values()} & set(OWNER_FIELDS)
    for declared in journal.verbs():
        if names := tuple(name for name in declared.fields if name in owned):
            effects[declared.name].owners = names
    return dict(effects)


def _listen_by_matter(effects: dict[str, Effects], clause: Clause) -> None:
    for verb in clause.after:
        effects[verb].births.append(clause)
    for proof in clause.until:
        effects[proof.verb].ends.append((clause, proof.where))
    for verb in clause.void:
        effects[verb].voids.append(clause.code)
    for stops, goes_on in clause.pause:
        effects[stops].pauses.append(clause.code)
        effects[goes_on].resumes.append(clause.code)


def _listen_by_period(effects: dict[str, Effects], clause: Clause) -> None:
    for proof in clause.until:
        effect = effects[proof.verb]
        (effect.tallies if clause.quota else effect.proves).append((clause, proof.where))
    for proof in clause.quota.of if clause.quota else ():
        effects[proof.verb].pools.append((clause, proof.where))
    for verb in clause.void:
        effects[verb].clears.append(clause)


def _listen_for_members(effects: dict[str, Effects], spec: SetSpec, made: Book) -> None:
    owing = tuple(c.code for c in made.clauses.values() if c.per == spec.name)
    for proof in spec.opens:
        effects[proof.verb].joins.append((spec, proof.where))
    for proof in spec.closes:
        effects[proof.verb].leaves.append((spec, proof.where, owing))


def _listen_for_matters(effects: dict[str, Effects], matter: Matter, made: Book) -> None:
    for verb in matter.opens:
        effects[verb].opens = True
    if matter.confirm:
        anchored = [c.code for c in made.clauses.values() if set(c.after) & set(matter.anchors)]
        effects[matter.confirm].anchored, effects[matter.confirm].opening = anchored, matter.opens
    for owner, verbs in matter.releases.items():
        for verb in verbs:
            effects[verb].releases.append(owner)


# --- texts for translation ----------------------------------------------------------------------------------------

_SPOKEN = frozenset({"title", "chapter", "record", "unit", "planned", "closes"})
_TABLES = frozenset({"facts", "values", "options"})


def spoken(folder: Path = FOLDER) -> Iterator[tuple[str, str]]:
    """Every text of the clause files that a person reads: (file, text), for the catalogue of translations."""
    for name, text in texts_of(folder).items():
        for words in _spoken(tomllib.loads(text)):
            yield name, words


def _spoken(raw: Any, *, all_texts: bool = False) -> Iterator[str]:
    if isinstance(raw, list):
        for one in raw:
            yield from _spoken(one)
    elif isinstance(raw, dict):
        for key, value in raw.items():
            if isinstance(value, str):
                if value and (all_texts or key in _SPOKEN):
                    yield value
            else:
                yield from _spoken(value, all_texts=all_texts or key in _TABLES)
