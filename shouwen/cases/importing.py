"""Cases from elsewhere: a workbook or CSV of another system, a hotline or a mailbox, with their original times.

Rows become cases to be worked on (their clocks start now), or with ``history`` closed ones that only count as past.
Every bad row is reported with its reason; the same file again changes nothing, since each row keeps its reference.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from shouwen.cases.models import Case, Category, Kind, State
from shouwen.cases.recognise import other, suggest
from shouwen.estate.imports import heads
from shouwen.estate.imports.heads import Columns
from shouwen.estate.models import Unit
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import Refused
from shouwen.kernel.sheets import Row
from shouwen.kernel.text import clean, clean_line
from shouwen.people import who

BATCH = 500

COLUMNS: dict[str, tuple[str, ...]] = {
    "ref": ("单号", "留言编号", "工单编号", "编号", "order", "ref", "id"),
    "title": ("标题", "留言主题", "主题", "事项", "title"),
    "words": ("原话", "留言详情", "内容", "详情", "描述", "text", "words"),
    "happened_at": ("发生时间", "留言时间", "受理时间", "来电时间", "时间", "received_at", "created_at"),
    "kind": ("类型", "工单类型", "诉求类型", "request_type", "kind"),
    "category": ("分类", "一级标签", "topic_1", "category"),
    "place": ("房号", "地点", "地址", "place", "unit"),
    "asker": ("来电人", "留言用户", "姓名", "asker"),
    "answered_at": ("答复时间", "办结时间", "answered_at", "closed_at"),
}
"""Our field, and the headers under which other systems keep it; the first is what we call it."""
HEADS = [(name, words[0]) for name, words in COLUMNS.items()]

KIND_WORDS: tuple[tuple[str, str], ...] = (
    ("投诉", Kind.COMPLAINT), ("举报", Kind.COMPLAINT), ("咨询", Kind.INQUIRY), ("建议", Kind.SUGGESTION),
    ("反馈", Kind.SUGGESTION), ("报修", Kind.REPAIR), ("维修", Kind.REPAIR), ("紧急", Kind.REPAIR),
)  # fmt: skip

FORMATS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d",
    "%Y-%m-%d",
)


@dataclass
class Outcome:
    """What an import did or would do: cases added, rows already here, and bad rows with their reasons."""

    added: int = 0
    known: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)


def columns_of(headers: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """What every column is taken for: as chosen (fields by header), else recognised. Refuses when there is neither title
    nor words.
    """
    heads.check(chosen, HEADS)
    columns = heads.columns_of(headers, COLUMNS, chosen)
    if not {"title", "words"} & set(columns.values()):
        raise Refused("import.columns")
    return columns


def import_cases(
    rows: Iterable[Row],
    columns: Columns,
    community_id: int,
    *,
    actor: Actor,
    history: bool = False,
    dry: bool = False,
) -> Outcome:
    """Add the good rows, in batches of 500 that each commit whole; report the bad ones."""
    reader = _Reader(community_id, columns, history)
    outcome, waiting, seen = Outcome(), [], set()
    for row in rows:
        try:
            case = reader.case(row)
        except ValueError as error:
            outcome.bad.append((row.number, str(error)))
            continue
        if case.ref in seen or case.ref in reader.known:
            outcome.known += 1
            continue
        seen.add(case.ref)
        waiting.append(case)
        if len(waiting) == BATCH:
            outcome.added += _write(waiting, community_id, actor, history, dry)
            waiting = []
    outcome.added += _write(waiting, community_id, actor, history, dry)
    return outcome


class _Reader:
    """Turns rows into cases; everything it needs from the database was read once."""

    def __init__(self, community_id: int, columns: Columns, history: bool) -> None:
        self.community_id, self.history = community_id, history
        self.headers = {field: header for header, field in columns.items() if field}
        self.responder = who.fallback_of(community_id)
        self.categories = list(Category.objects.filter(active=True))
        self.units = dict(
            Unit.objects.filter(community_id=community_id, retired_on=None).values_list("code", "pk")
        )
        self.known = set(
            Case.objects.filter(community_id=community_id).exclude(ref="").values_list("ref", flat=True)
        )

    def case(self, row: Row) -> Case:
        """One row as a case; ValueError with the reason when it can't be one."""
        words, title = clean(self._text(row, "words")), clean_line(self._text(row, "title"))
        if not (title or words):
            raise ValueError(_("没有标题也没有内容"))
        title = (title or words.replace("\n", " "))[:120]
        happened = _moment(self._value(row, "happened_at"))
        place = clean_line(self._text(row, "place"))[:80]
        category = self._category(row, f"{title}\n{words}")
        repair = category.kind == Kind.REPAIR
        case = Case(
            community_id=self.community_id,
            kind=category.kind,
            category=category,
            channel=Case.Channel.IMPORT,
            unit_id=self.units.get(place),
            place=place or _("未写明地点"),
            asker=clean_line(self._text(row, "asker"))[:60],
            title=title,
            words=words,
            urgent=category.urgent and repair,
            first_responder_id=self.responder,
            handler_id=None if repair else self.responder,
            happened_at=happened,
            recorded_at=clock.now(),
            opened_at=happened,
            ref=self._ref(row, title, happened),
        )
        if self.history:
            self._close(case, self._value(row, "answered_at"))
        return case

    def _close(self, case: Case, answered: Any) -> None:
        """History is closed without a word from the resident: counted apart, never as satisfied."""
        case.state, case.closed_at = State.UNCONFIRMED, case.happened_at
        if answered not in (None, ""):
            case.answered_at = case.done_at = case.closed_at = max(_moment(answered), case.happened_at)

    def _value(self, row: Row, name: str) -> Any:
        return row.cells.get(self.headers[name]) if name in self.headers else None

    def _text(self, row: Row, name: str) -> str:
        value = self._value(row, name)
        return "" if value is None else str(value)

    def _ref(self, row: Row, title: str, happened: datetime) -> str:
        given = clean_line(self._text(row, "ref"))[:80]
        return given or hashlib.sha256(f"{title}\n{happened.isoformat()}".encode()).hexdigest()[:40]

    def _category(self, row: Row, text: str) -> Category:
        """By the kind that the row names, then by the words of the text; the catch-all of the kind at last."""
        said = self._text(row, "kind")
        kind = next((k for word, k in KIND_WORDS if word in said), "")
        named = next(
            (c for c in self.categories if c.name == self._text(row, "category") and kind in ("", c.kind)),
            None,
        )
        pool = [c for c in self.categories if c.kind == kind] if kind else self.categories
        guess = suggest(text, pool)
        found = named or (guess.category if guess else None) or other(kind or Kind.INQUIRY, self.categories)
        if found is None:
            raise ValueError(_("没有可用的分类"))
        return found


def _moment(value: Any) -> datetime:
    """A time as other systems write it, on the community's wall clock; ValueError when it is none."""
    if isinstance(value, datetime):
        return clock.at(value.date(), value.time()) if value.tzinfo is None else value
    if isinstance(value, date):
        return clock.start_of_day(value)
    text = clean_line(str(value or ""))
    if not text:
        raise ValueError(_("没有时间"))
    for pattern in FORMATS:
        try:
            read = datetime.strptime(text, pattern)  # noqa: DTZ007 - it is the wall clock of the zone
        except ValueError:
            continue
        moment = clock.at(read.date(), read.time())
        if moment > clock.now() + timedelta(days=1):
            raise ValueError(_("时间在将来：%s") % text)
        return moment
    raise ValueError(_("看不懂的时间：%s") % text[:40])


def _write(cases: list[Case], community_id: int, actor: Actor, history: bool, dry: bool) -> int:
    """One transaction: numbers, rows and facts."""
    if dry or not cases:
        return len(cases)
    with frame(actor) as opened:
        _number(cases, community_id)
        for case in cases:
            opened.insert(case)
            if not history:
                _registered(case)
        _batch_fact(cases, history)
    return len(cases)


def _number(cases: list[Case], community_id: int) -> None:
    """The next numbers of each original day; the counters stay locked until the batch commits."""
    days: dict[date, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda c: c.happened_at):
        days[clock.local(case.happened_at).date()].append(case)
    sql = """insert into kernel_counter (community_id, series, day, last)
             select %s, 'case', d, n from unnest(%s::date[], %s::int[]) as t(d, n) order by d
             on conflict (community_id, series, day) do update set last = kernel_counter.last + excluded.last
             returning day, last"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [community_id, list(days), [len(c) for c in days.values()]])
        for day, last in cursor.fetchall():
            for turn, case in enumerate(days[day], last - len(days[day]) + 1):
                case.turn, case.number = turn, f"{day:%y%m%d}-{turn:03d}"


def _registered(case: Case) -> None:
    record(
        "case:registered",
        case,
        at=case.happened_at,
        now=case.state,
        kind=case.kind,
        category=case.category_id,
        trade=case.category.trade,
        channel=case.channel,
        urgent=case.urgent,
        first_responder=case.first_responder_id,
        handler=case.handler_id,
        back_entry=False,
    )


def _batch_fact(cases: list[Case], history: bool) -> None:
    """One fact for the batch, about the community that received it."""
    community = cases[0].community
    record("cases:imported", community, rows=len(cases), history=history)
