"""From TOML to `grammar`: every table is read key by key, and every fault names file, line and sentence.

What only the whole book can tell (policies, sets, words) is checked in `clauses`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, get_args

from django.utils.translation import gettext as _

from shouwen.duties.book import syntax
from shouwen.duties.book.places import ClauseError, Places
from shouwen.duties.book.syntax import DayPoints, Edge, Limit, Period, Point, Range, Rung
from shouwen.duties.book.values import KINDS, OFF, PolicySeed
from shouwen.duties.grammar import (
    ATTRIBUTES,
    OWNER_FIELDS,
    STOCK_SETS,
    STOCKS,
    Condition,
    Draw,
    Matter,
    OccasionSpec,
    Only,
    Proof,
    Quota,
    SetSpec,
    Where,
)
from shouwen.kernel import journal
from shouwen.kernel.calendar import Clock, Roll
from shouwen.kernel.clock import Span, parse_duration
from shouwen.kernel.text import joined

T = TypeVar("T")
_NAME = re.compile(r"[a-z][a-z_]{2,39}")
_CODE = re.compile(r"[a-z][a-z0-9_.]{2,39}")
_SOURCE = re.compile(r"[A-E]-[A-Za-z0-9.]+")


class Table:
    """One table of a file, read key by key."""

    def __init__(self, raw: Any, places: Places, name: str, number: int) -> None:
        self.places, self.name, self.number = places, name, number
        self.raw: dict[str, Any] = raw if isinstance(raw, dict) else {}
        if self.raw is not raw:
            raise self.fault("", _("这里要写一张表"))

    def fault(self, key: str, sentence: str) -> ClauseError:
        who = self.raw.get("code") or self.raw.get("key") or self.raw.get("name") or self.name
        return self.places.fault(self.name, self.number, key, f"{who}：{sentence}")

    def only(self, allowed: Iterable[str]) -> None:
        for key in self.raw:
            if key not in allowed:
                raise self.fault(key, _("没有“%(key)s”这个写法") % {"key": key})

    def text(self, key: str, default: str | None = None) -> str:
        value = self.raw.get(key, default)
        if not isinstance(value, str) or not (value.strip() or value == default):
            raise self.fault(key, _("“%(key)s”要写一段文字") % {"key": key})
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(self._text(key, value) for value in _list(self.raw.get(key, [])))

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self.raw.get(key, default)
        if not isinstance(value, bool):
            raise self.fault(key, _("“%(key)s”只能是 true 或 false") % {"key": key})
        return value

    def parsed(self, key: str, parse: Callable[[str], T], value: Any = None) -> T:
        """A small word by its parser, whose complaint becomes a fault with its line."""
        try:
            return parse(self._text(key, self.raw[key] if value is None else value))
        except ClauseError:
            raise
        except ValueError as error:
            raise self.fault(key, str(error)) from error

    def maybe(self, key: str, parse: Callable[[str], T]) -> T | None:
        return self.parsed(key, parse) if key in self.raw else None

    def verb(self, key: str, value: Any) -> str:
        try:
            return journal.verb(value).name
        except (KeyError, TypeError):
            raise self.fault(key, _("没有哪个模块会写“%(verb)s”这个事实") % {"verb": value}) from None

    def verbs(self, key: str) -> tuple[str, ...]:
        return tuple(self.verb(key, value) for value in _list(self.raw.get(key, [])))

    def fields(self, key: str, names: Iterable[str], verbs: Iterable[str]) -> None:
        """Every one of these verbs declares every one of these fields."""
        for verb in verbs:
            for name in names:
                if name not in journal.verb(verb).fields:
                    raise self.fault(
                        key, _("“%(verb)s”没有“%(field)s”这个字段") % {"verb": verb, "field": name}
                    )

    def post(self, key: str, value: Any) -> str:
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise self.fault(key, _("“%(who)s”既不是岗位代码，也不是事实里的人") % {"who": value})
        return value

    def where(self, key: str, raw: Any, verbs: tuple[str, ...]) -> Where:
        if not isinstance(raw, dict):
            raise self.fault(key, _("where 要写成 { 字段 = 值 }"))
        self.fields(key, raw, verbs)
        values = {name: tuple(_list(value)) for name, value in raw.items()}
        if any(not isinstance(v, str | int | bool) for many in values.values() for v in many):
            raise self.fault(key, _("where 只能比较文字、整数和 true、false"))
        return tuple(Condition(name, many) for name, many in values.items())

    def proof(self, key: str, raw: Any) -> Proof:
        if isinstance(raw, dict):
            if set(raw) - {"fact", "where"}:
                raise self.fault(key, _("这里只能写 fact 和 where"))
            verb = self.verb(key, raw.get("fact"))
            return Proof(verb, self.where(key, raw.get("where", {}), (verb,)))
        return Proof(self.verb(key, raw))

    def proofs(self, key: str) -> tuple[Proof, ...]:
        return tuple(self.proof(key, raw) for raw in _list(self.raw.get(key, [])))

    def _text(self, key: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.fault(key, _("“%(key)s”要写一段文字") % {"key": key})
        return value


def forward(text: str) -> Span:
    """A duration that does not lie in the past."""
    span = parse_duration(text)
    if min(span.months, span.days, span.business_days, span.seconds) < 0:
        raise ValueError(_("“%(text)s”在过去，时限要往后数") % {"text": text})
    return span


def forward_limit(text: str) -> Limit:
    limit = syntax.parse_limit(text)
    if limit.span is not None:
        forward(text)
    return limit


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# --- tables of book.toml ------------------------------------------------------------------------------------------


def read_matter(kind: str, raw: Any, places: Places) -> Matter:
    table = Table(raw, places, f"matter.{kind}", 0)
    table.only({"opens", "confirm", "anchors", "releases"})
    given = table.raw.get("releases", {})
    releases = {name: tuple(table.verb("releases", v) for v in _list(verbs)) for name, verbs in given.items()}
    if strange := set(releases) - set(OWNER_FIELDS):
        raise table.fault("releases", _("“%(who)s”不是事实里的人") % {"who": joined(sorted(strange))})
    confirm = table.raw.get("confirm", "")
    return Matter(
        kind,
        table.verbs("opens"),
        confirm and table.verb("confirm", confirm),
        table.verbs("anchors"),
        releases,
    )


def read_occasion(kind: str, raw: Any, places: Places) -> OccasionSpec:
    table = Table(raw, places, f"occasion.{kind}", 0)
    table.only({"title", "unit", "planned", "closes"})
    return OccasionSpec(
        kind, table.text("title"), table.flag("unit"), table.text("planned", ""), table.text("closes", "")
    )


def read_set(raw: Any, places: Places, number: int) -> SetSpec:
    table = Table(raw, places, "set", number)
    table.only({"name", "title", "opens", "closes", "key", "stock", "policy"})
    stock, policy = table.text("stock", ""), table.text("policy", "")
    opens, closes = table.proofs("opens"), table.proofs("closes")
    if [bool(stock), bool(policy), bool(opens and closes)].count(True) != 1:
        raise table.fault("name", _("一个集合要么写 opens 和 closes，要么写 stock，要么写 policy"))
    if stock and stock not in STOCK_SETS:
        raise table.fault("stock", _("没有“%(name)s”这个集合") % {"name": stock})
    key = table.text("key", "unit")
    if key != "unit":
        table.fields("key", [key], [p.verb for p in (*opens, *closes)])
    return SetSpec(table.text("name"), table.text("title"), opens, closes, key, stock, policy)


def read_policy(raw: Any, places: Places, number: int) -> PolicySeed:
    table = Table(raw, places, "policy", number)
    table.only({"key", "title", "source", "preset", "kind", "unit", "presets", "options"})
    kind = table.text("kind", "span")
    if kind not in KINDS:
        raise table.fault("kind", _("没有“%(kind)s”这种取值") % {"kind": kind})
    options = _words(table, "options")
    if bool(options) != (kind in ("choice", "list")):
        raise table.fault("options", _("只有 choice 和 list 要写 options"))
    seed = PolicySeed(
        table.text("key"), table.text("title"), table.parsed("source", source), table.text("preset"), kind,  # type: ignore[arg-type]
        table.text("unit", ""), _words(table, "presets"), options,
    )  # fmt: skip
    if not _CODE.fullmatch(seed.key):
        raise table.fault("key", _("“%(code)s”不是代码，例：complaint.reply") % {"code": seed.key})
    for letter, text in (("", seed.preset), *seed.presets.items()):
        if letter and letter not in tuple("ABCDE"):
            raise table.fault("presets", _("预设只有 A 到 E"))
        table.parsed("presets" if letter else "preset", seed.read, text)
    return seed


def _words(table: Table, key: str) -> dict[str, str]:
    raw = table.raw.get(key, {})
    if not isinstance(raw, dict) or not all(isinstance(v, str) and v for v in raw.values()):
        raise table.fault(key, _('“%(key)s”要写成 { 代码 = "文字" }') % {"key": key})
    return dict(raw)


def source(text: str) -> str:
    """The id of a clause of the manuals: ``E-1.5.2``."""
    if not _SOURCE.fullmatch(text):
        raise ValueError(_("“%(text)s”不是出处，例：E-1.5.2") % {"text": text})
    return text


# --- parts of a clause --------------------------------------------------------------------------------------------


def code_of(table: Table, key: str = "code") -> str:
    code = table.text(key)
    if not _CODE.fullmatch(code):
        raise table.fault(key, _("“%(code)s”不是代码，例：complaint.reply") % {"code": code})
    return code


def version_of(table: Table) -> int:
    version = table.raw.get("version")
    if type(version) is not int or not 0 < version < 2**15:
        raise table.fault("version", _("版本是从 1 起的整数"))
    return version


def choice_of(table: Table, key: str, literal: Any, default: str) -> Any:
    value = table.raw.get(key, default)
    if value not in get_args(literal):
        words = {"key": key, "value": value, "list": joined(get_args(literal))}
        raise table.fault(key, _("“%(key)s”不能是“%(value)s”，只能是 %(list)s") % words)
    return value


def clock_of(table: Table) -> Clock:
    clock: Clock = choice_of(table, "clock", Clock, "service")
    return clock


def roll_of(table: Table) -> Roll:
    roll: Roll = choice_of(table, "roll", Roll, "none")
    return roll


def period_of(table: Table) -> Period | None:
    return table.maybe("every", syntax.parse_period)


def point_of(table: Table, key: str = "due") -> Point | None:
    return table.maybe(key, syntax.parse_point)


def windows_of(table: Table) -> DayPoints | tuple[Edge, Edge] | None:
    """``windows = ["am", "pm"]`` or ``window = ["end -PT1H", "end -PT30M"]``."""
    if "windows" in table.raw:
        halves = table.texts("windows")
        if not halves or set(halves) - {"am", "pm"}:
            raise table.fault("windows", _("windows 只能写 am、pm"))
        return DayPoints(halves)
    if "window" not in table.raw:
        return None
    ends = [table.parsed("window", _edge, text) for text in _list(table.raw["window"])]
    if len(ends) != 2:
        raise table.fault("window", _("window 要写开始和结束两个时点"))
    return ends[0], ends[1]


def _edge(text: str) -> Edge:
    """An edge, or days before and after a festival: ``-P7D`` is that long before its first day."""
    if text[:1] in "+-P":
        return Edge(end=False, offset=parse_duration(text))
    if isinstance(point := syntax.parse_point(text), Edge):
        return point
    raise ValueError(_("“%(text)s”不是一段时间的端点，例：end -PT1H") % {"text": text})


def quota_of(table: Table) -> Quota | None:
    """``count``, ``share`` with ``over`` or ``of``, ``sum``, ``distinct``."""
    if not {"count", "share", "sum"} & set(table.raw):
        if strange := {"over", "of", "distinct"} & set(table.raw):
            raise table.fault(min(strange), _("没有 count、share 或 sum，就不能写它"))
        return None
    count, count_key = _amount(table, "count")
    share, share_key = _amount(table, "share")
    of, over = table.proofs("of"), table.text("over", "")
    has_share = "share" in table.raw
    if has_share == ("count" in table.raw) or has_share != bool(of or over) or (of and over):
        raise table.fault("share", _("份额要写 share 加 over 或 of，数量只写 count"))
    if over and over not in STOCKS:
        raise table.fault("over", _("没有“%(name)s”这个基数") % {"name": over})
    quota = Quota(
        count or 1, count_key, share, share_key, over, of, table.text("sum", ""), table.text("distinct", "")
    )
    verbs = [p.verb for p in table.proofs("until")]
    table.fields("distinct", [f for f in (quota.distinct,) if f not in ("", "unit")], verbs)
    table.fields("sum", [f for f in (quota.sum,) if f], verbs)
    return quota


def draw_of(table: Table) -> Draw | None:
    if "draw" not in table.raw:
        return None
    inner = Table(table.raw["draw"], table.places, table.name, table.number)
    inner.only({"share", "of", "by"})
    share, share_key = _amount(inner, "share")
    if "share" not in inner.raw or "of" not in inner.raw:
        raise table.fault("draw", _("抽查要写 share 和 of"))
    of, by = inner.proof("of", inner.raw["of"]), inner.text("by", "")
    inner.fields("by", [by] if by else [], [of.verb])
    return Draw(of, share, share_key, by)


def _amount(table: Table, key: str) -> tuple[int, str]:
    """A number, a percentage, or the policy key that gives it."""
    value = table.raw.get(key)
    if value is None:
        return 0, ""
    if isinstance(value, str) and value.startswith("@"):
        return 0, table.parsed(key, syntax.parse_limit).key
    if key == "share" and isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal():
        if 0 < int(value[:-1]) <= 100:
            return int(value[:-1]), ""
    elif key == "count" and type(value) is int and 0 < value < 10**6:
        return value, ""
    raise table.fault(key, _("“%(key)s”要写数量，例：25、20%% 或 @interview.small") % {"key": key})


def only_of(table: Table) -> tuple[Only, ...]:
    """``only = { households = "..1000", "charge.mode" = "remuneration" }``."""
    raw = table.raw.get("only", {})
    if not isinstance(raw, dict):
        raise table.fault("only", _("only 要写成 { 属性 = 范围或值 }"))
    return tuple(_one_only(table, name, value) for name, value in raw.items())


def _one_only(table: Table, name: str, value: Any) -> Only:
    if name in ATTRIBUTES and name != "place":
        given: Range = table.parsed("only", syntax.parse_range, value)
        if given.months != (name == "since_handover"):
            raise table.fault("only", _("“%(name)s”的范围写法不对") % {"name": name})
        return Only(name, range=given)
    values = tuple(_list(value))
    if not values or not all(isinstance(v, str) and v and v != OFF for v in values):
        raise table.fault("only", _("“%(name)s”要写成文字") % {"name": name})
    return Only(name, values)


def rungs_of(table: Table, *, periodic: bool) -> tuple[Rung, ...]:
    """``warn`` and ``ladder``; the steps of a periodic duty are few, since a digest tells of them."""
    warn = table.raw.get("warn", None if periodic else "80%")
    steps = _list(table.raw.get("ladder", ["100%"] if periodic else ["100%", "150%"]))
    rungs = [_rung(table, raw) for raw in ([warn] if warn is not None else []) + steps]
    try:
        made = syntax.ladder(rungs)
    except ValueError as error:
        raise table.fault("ladder" if "ladder" in table.raw else "warn", str(error)) from error
    if warn is not None and made[0].order > 0:
        raise table.fault("warn", _("提醒本人不能晚于到期"))
    return made


def _rung(table: Table, raw: Any) -> Rung:
    if isinstance(raw, dict):
        inner = Table(raw, table.places, table.name, table.number)
        inner.only({"at", "to"})
        to = tuple(table.post("ladder", post) for post in _list(inner.raw.get("to", [])))
        return table.parsed("ladder", lambda text: syntax.parse_rung(text, to), inner.raw.get("at", ""))
    return table.parsed("ladder", syntax.parse_rung, raw if isinstance(raw, str) else "")
