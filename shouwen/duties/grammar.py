"""The grammar of clauses: what one clause, policy or matter of a TOML file may say, and its compiled form.

Of `docs/duties.md` only the ``after`` forms are carried out so far; every other key is refused as "not yet".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from shouwen.kernel import journal
from shouwen.kernel.calendar import Clock
from shouwen.kernel.clock import Span, parse_duration
from shouwen.kernel.journal import Data

OWNER_FIELDS = ("first_responder", "handler", "follow_up_by", "technician")

_KEYS = frozenset({
    "code", "source", "title", "owner", "copy", "version", "after", "where", "within", "clock", "until", "void",
    "pause", "limit", "hold", "warn", "ladder",
})  # fmt: skip
_MUST = ("code", "source", "title", "owner", "version", "after", "within", "until")
_NOT_YET = frozenset({
    "every", "per", "due", "window", "windows", "not_before", "grace", "from", "roll", "count", "share", "over", "sum",
    "of", "distinct", "draw", "basis", "carry", "remind", "only", "step", "set", "presets", "surprise", "opens",
    "closes", "key",
})  # fmt: skip
_POST = re.compile(r"[a-z][a-z_]{2,39}")
_CODE = re.compile(r"[a-z][a-z0-9_.]{2,39}")
_PERCENT = re.compile(r"([1-9]\d{0,2})%")
_POLICY = re.compile(r"@([a-z][a-z0-9_.]*?)(?:\.\{([a-z_]+)\})?")


class ClauseError(ValueError):
    """A clause file that says something this house can't do; the sentence names file, clause and key."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``where``: a data field of a fact has one of these values."""

    field: str
    values: tuple[str | int | bool, ...]

    def holds(self, data: Data) -> bool:
        value = data.get(self.field)
        # True == 1 in Python, but a level of 1 is not "yes".
        return any(value == v and isinstance(value, bool) == isinstance(v, bool) for v in self.values)


Where = tuple[Condition, ...]


def holds(where: Where, data: Data) -> bool:
    """Whether all conditions hold for the data of a fact."""
    return all(condition.holds(data) for condition in where)


@dataclass(frozen=True, slots=True)
class Proof:
    """A fact that ends a duty, under conditions."""

    verb: str
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """A duration that is written, or a policy key with its optional field: ``@complaint.solve.{level}``."""

    span: Span | None
    key: str = ""
    field: str = ""

    def keys(self, data: Data) -> tuple[str, ...]:
        """The policy keys to look under, the closest first."""
        value = data.get(self.field) if self.field else None
        return (self.key,) if value is None else (f"{self.key}.{value}", self.key)


@dataclass(frozen=True, slots=True)
class PolicySeed:
    """A policy key: what it sets, the clause that it comes from, and the value that holds where nothing is chosen."""

    key: str
    title: str
    source: str
    preset: Span


@dataclass(frozen=True, slots=True)
class Clause:
    """One obligation of the manuals. ``rungs`` are percentages of the time between birth and due."""

    code: str
    version: int
    title: str
    source: tuple[str, ...]
    owner: str
    copy: tuple[str, ...]
    matter: str
    after: tuple[str, ...]
    where: Where
    within: Limit
    clock: Clock
    until: tuple[Proof, ...]
    void: tuple[str, ...]
    pause: tuple[tuple[str, str], ...]
    rungs: tuple[int, ...]
    limit: Limit | None = None
    hold: Span | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of matter: the fact that opens one, the one that confirms its back-entry, what takes an owner away.

    ``anchors`` are the facts of its opening: duties born of them are counted anew once a back-entry is confirmed.
    """

    kind: str
    opens: str
    confirm: str
    anchors: tuple[str, ...]
    releases: Mapping[str, tuple[str, ...]]


def only(table: Mapping[str, Any], allowed: Iterable[str], place: str) -> None:
    if unknown := set(table) - set(allowed):
        raise ClauseError(f"{place}: unknown keys {sorted(unknown)}")


def read_matter(kind: str, raw: dict[str, Any]) -> Matter:
    place = f"book.toml: matter.{kind}"
    only(raw, {"opens", "confirm", "anchors", "releases"}, place)
    releases = {f: tuple(_verb(v, place) for v in verbs) for f, verbs in raw.get("releases", {}).items()}
    only(releases, OWNER_FIELDS, place)
    confirm = raw.get("confirm", "")
    anchors = tuple(_verb(v, place) for v in raw.get("anchors", []))
    return Matter(kind, _verb(raw.get("opens"), place), confirm and _verb(confirm, place), anchors, releases)


def read_policy(raw: dict[str, Any], name: str) -> PolicySeed:
    place = f"{name}: policy {raw.get('key')}"
    only(raw, {"key", "title", "source", "preset"}, place)
    for key in ("key", "title", "source", "preset"):
        _text(raw.get(key), f"{place}: {key}")
    return PolicySeed(raw["key"], raw["title"], raw["source"], _span(raw["preset"], place))


def read_clause(raw: dict[str, Any], matter: str, name: str) -> Clause:
    place = f"{name}: clause {raw.get('code')}"
    if early := _NOT_YET & set(raw):
        raise ClauseError(f"{place}: not yet: {sorted(early)}")
    only(raw, _KEYS, place)
    if missing := [key for key in _MUST if not raw.get(key)]:
        raise ClauseError(f"{place}: lacks {missing}")
    code, version = _text(raw["code"], place), raw["version"]
    if not _CODE.fullmatch(code) or type(version) is not int or not 0 < version < 2**15:
        raise ClauseError(f"{place}: a code like repair.arrive and a version from 1 on")
    clock = raw.get("clock", "service")
    if clock not in get_args(Clock):
        raise ClauseError(f"{place}: clock {clock!r}")
    after = tuple(_verb(v, place) for v in _list(raw["after"]))
    hold = raw.get("hold")
    return Clause(
        code=code,
        version=version,
        title=_text(raw["title"], place),
        source=tuple(_text(s, place) for s in _list(raw["source"])),
        owner=_who(raw["owner"], place),
        copy=tuple(_who(post, place) for post in _list(raw.get("copy", []))),
        matter=matter,
        after=after,
        where=_where(raw.get("where", {}), after, place),
        within=_limit(raw["within"], after, place),
        clock=clock,
        until=tuple(_proof(p, place) for p in _list(raw["until"])),
        void=tuple(_verb(v, place) for v in _list(raw.get("void", []))),
        pause=tuple(_pair(p, place) for p in raw.get("pause", [])),
        rungs=_rungs(raw, place),
        limit=_limit(raw["limit"], after, place) if "limit" in raw else None,
        hold=_span(hold, place) if hold is not None else None,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ClauseError(f"{place}: a text is missing")
    return value


def _verb(name: Any, place: str) -> str:
    try:
        return journal.verb(name).name
    except (KeyError, TypeError):
        raise ClauseError(f"{place}: no room declares the verb {name!r}") from None


def _who(name: Any, place: str) -> str:
    if not isinstance(name, str) or not _POST.fullmatch(name):
        raise ClauseError(f"{place}: {name!r} is neither a field that names a person nor the code of a post")
    return name


def _span(text: Any, place: str) -> Span:
    try:
        span = parse_duration(_text(text, place))
    except ValueError as error:
        raise ClauseError(f"{place}: {error}") from error
    if min(span.months, span.days, span.business_days, span.seconds) < 0:
        raise ClauseError(f"{place}: {text} lies in the past")
    return span


def _limit(text: Any, after: tuple[str, ...], place: str) -> Limit:
    if not isinstance(text, str) or not text.startswith("@"):
        return Limit(_span(text, place))
    found = _POLICY.fullmatch(text)
    if not found:
        raise ClauseError(f"{place}: {text} is no policy key")
    if found[2]:
        _fields({found[2]}, after, place)
    return Limit(None, found[1], found[2] or "")


def _where(raw: Any, verbs: tuple[str, ...], place: str) -> Where:
    if not isinstance(raw, dict):
        raise ClauseError(f"{place}: where is a table of fields")
    _fields(set(raw), verbs, place)
    values = {name: tuple(_list(value)) for name, value in raw.items()}
    if any(not isinstance(v, str | int | bool) for many in values.values() for v in many):
        raise ClauseError(f"{place}: where compares with text, whole numbers and true or false only")
    return tuple(Condition(name, many) for name, many in values.items())


def _fields(names: set[str], verbs: tuple[str, ...], place: str) -> None:
    for verb in verbs:
        if unknown := names - set(journal.verb(verb).fields):
            raise ClauseError(f"{place}: {verb} does not declare {sorted(unknown)}")


def _proof(raw: Any, place: str) -> Proof:
    if isinstance(raw, dict):
        only(raw, {"fact", "where"}, place)
        verb = _verb(raw.get("fact"), place)
        return Proof(verb, _where(raw.get("where", {}), (verb,), place))
    return Proof(_verb(raw, place))


def _pair(raw: Any, place: str) -> tuple[str, str]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise ClauseError(f"{place}: pause is a list of pairs [stops, goes on]")
    return _verb(raw[0], place), _verb(raw[1], place)


def _rungs(raw: dict[str, Any], place: str) -> tuple[int, ...]:
    texts = [raw.get("warn", "80%"), *_list(raw.get("ladder", ["100%", "150%"]))]
    found = [_PERCENT.fullmatch(t) if isinstance(t, str) else None for t in texts]
    rungs = tuple(int(f[1]) for f in found if f)
    if len(rungs) != len(texts) or list(rungs) != sorted(set(rungs)) or rungs[0] > 100 or len(rungs) > 6:
        raise ClauseError(f"{place}: warn and ladder are rising percentages, the first at most 100%: {texts}")
    return rungs
