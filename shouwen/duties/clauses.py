"""Clauses: the obligations of the manuals as data. Loaded once, checked completely, compiled to look-up tables.

A clause that could raise while a fact is written is refused here, at load: unknown keys, verbs, fields, posts,
durations or policies never reach `absorb`.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from shouwen.duties.grammar import (
    OWNER_FIELDS,
    Clause,
    ClauseError,
    Matter,
    PolicySeed,
    Where,
    only,
    read_clause,
    read_matter,
    read_policy,
)
from shouwen.kernel import journal

ESCALATED = "duty:escalated"
FOLDER = Path(__file__).resolve().parent.parent.parent / "clauses"


@dataclass
class Effects:
    """What a fact of one verb does to duties, compiled."""

    births: list[Clause] = field(default_factory=list)
    ends: list[tuple[Clause, Where]] = field(default_factory=list)
    voids: list[str] = field(default_factory=list)
    pauses: list[str] = field(default_factory=list)
    resumes: list[str] = field(default_factory=list)
    owners: tuple[str, ...] = ()
    releases: list[str] = field(default_factory=list)
    opens: bool = False
    anchored: list[str] = field(default_factory=list)
    opening: str = ""


@dataclass(frozen=True)
class Book:
    """All clauses, all policies, the words of facts, and for each verb what it does."""

    clauses: dict[str, Clause]
    policies: dict[str, PolicySeed]
    facts: dict[str, str]
    values: dict[str, dict[str, str]]
    effects: dict[str, Effects]

    def clause(self, code: str) -> Clause | None:
        """The clause of a duty; None if it was taken out of the manuals since."""
        return self.clauses.get(code)


@lru_cache(maxsize=1)
def book() -> Book:
    """The clauses of the house, read once. The roof asks for it when it connects, so that a fault stops the start."""
    return load(FOLDER)


def load(folder: Path) -> Book:
    """Read, check and compile all files of a folder; ClauseError names what is wrong."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}
    return compile_book(texts)


def compile_book(texts: Mapping[str, str]) -> Book:
    """Compile TOML texts by name. ``book.toml`` holds matters and words, the others clauses and policies."""
    files: dict[str, dict[str, Any]] = {}
    for name, text in texts.items():
        try:
            files[name] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ClauseError(f"{name}: {error}") from error
    head = files.pop("book.toml", {})
    only(head, {"matter", "facts", "values"}, "book.toml")
    matters = {kind: read_matter(kind, raw) for kind, raw in head.get("matter", {}).items()}
    policies: dict[str, PolicySeed] = {}
    clauses: dict[str, Clause] = {}
    for name, file in files.items():
        only(file, {"chapter", "matter", "policy", "clause"}, name)
        for raw in file.get("policy", []):
            _add(policies, read_policy(raw, name), name)
        for raw in file.get("clause", []):
            _add(clauses, read_clause(raw, file.get("matter", ""), name), name)
    made = Book(clauses, policies, head.get("facts", {}), head.get("values", {}), {})
    _check(made, matters)
    made.effects.update(_effects(made, matters))
    return made


def _add(known: dict[str, Any], new: PolicySeed | Clause, name: str) -> None:
    key = new.key if isinstance(new, PolicySeed) else new.code
    if key in known:
        raise ClauseError(f"{name}: {key} stands twice")
    known[key] = new


def _check(made: Book, matters: dict[str, Matter]) -> None:
    """What only the whole can tell: matters, policies with a preset, owners that some fact names, words of facts."""
    declared = {name for verb in journal.verbs() for name in verb.fields}
    for clause in made.clauses.values():
        place = f"clause {clause.code}"
        if clause.matter not in matters:
            raise ClauseError(f"{place}: the file names no matter of book.toml")
        if clause.owner in OWNER_FIELDS and clause.owner not in declared:
            raise ClauseError(f"{place}: no fact names a {clause.owner}")
        for limit in (clause.within, clause.limit):
            # The bare key is the answer for a field value that nobody thought of: so birth can't fail.
            if limit and limit.key and limit.key not in made.policies:
                raise ClauseError(f"{place}: policy {limit.key} has no preset")
        for verb in verbs_of(clause):
            if not made.facts.get(verb):
                raise ClauseError(f"{place}: book.toml has no words for {verb}")
    if len(matters) > 1:
        raise ClauseError("book.toml: one kind of matter so far")


def verbs_of(clause: Clause) -> set[str]:
    """Every verb that the clause listens to."""
    pairs = {verb for pair in clause.pause for verb in pair}
    return {*clause.after, *(p.verb for p in clause.until), *clause.void, *pairs}


def _effects(made: Book, matters: dict[str, Matter]) -> dict[str, Effects]:
    effects: dict[str, Effects] = defaultdict(Effects)
    for clause in made.clauses.values():
        _listen(effects, clause)
    for matter in matters.values():
        effects[matter.opens].opens = True
        if matter.confirm:
            anchored = [c.code for c in made.clauses.values() if set(c.after) & set(matter.anchors)]
            effects[matter.confirm].anchored, effects[matter.confirm].opening = anchored, matter.opens
        for owner, verbs in matter.releases.items():
            for verb in verbs:
                effects[verb].releases.append(owner)
    owned = {clause.owner for clause in made.clauses.values()} & set(OWNER_FIELDS)
    for declared in journal.verbs():
        if names := tuple(name for name in declared.fields if name in owned):
            effects[declared.name].owners = names
    return dict(effects)


def _listen(effects: dict[str, Effects], clause: Clause) -> None:
    for verb in clause.after:
        effects[verb].births.append(clause)
    for proof in clause.until:
        effects[proof.verb].ends.append((clause, proof.where))
    for verb in clause.void:
        effects[verb].voids.append(clause.code)
    for stops, goes_on in clause.pause:
        effects[stops].pauses.append(clause.code)
        effects[goes_on].resumes.append(clause.code)
