"""The calendar: what is due when, holidays and festivals; a month of days, or a year of small months."""

from __future__ import annotations

from calendar import Calendar
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwen.duties.agenda import Heap, Planned, heaps, planned
from shouwen.duties.clauses import book
from shouwen.duties.models import Duty, DutyQuerySet
from shouwen.duties.words import clause_words, owner_words, said
from shouwen.estate.hours import MONTHS, WEEKDAYS, calendar_of
from shouwen.estate.models import CalendarDay, Community, Unit
from shouwen.estate.public import Row, rows_of
from shouwen.front import look
from shouwen.front.clocks import chip
from shouwen.front.doors import community, may, page, staff_door, viewer
from shouwen.front.settings_parts import colleagues, table
from shouwen.kernel import clock, lunar
from shouwen.kernel.calendar import ServiceCalendar, add_months
from shouwen.kernel.text import joined, seeded
from shouwen.people.models import Post, Staff
from shouwen.people.viewers import StaffActor

ALL = "duty.see"
LINES, MOST = 4, 100
YEARS = range(2000, 2101)


@dataclass(frozen=True)
class Whose:
    """Whose duties are shown: mine, all, those of a post or of a colleague; ``posts`` None is every post."""

    code: str
    rows: DutyQuerySet
    posts: frozenset[str] | None


@require_GET
@staff_door()
def calendar(request: HttpRequest) -> HttpResponse:
    """A month or a year of the community; mine for everybody, others' with the right to see them."""
    here = community(request)
    today = clock.today(here.zone)
    whose = _whose(request, here)
    chosen = _day(request.GET.get("day", ""))
    sheet = Sheet(here, whose, chosen, today)
    year = request.GET.get("year", "")
    if year.isdecimal() and int(year) in YEARS:
        shown = _year(sheet, int(year))
    else:
        shown = _month(sheet, _day(f"{request.GET.get('month', '')}-01") or (chosen or today).replace(day=1))
    filters = (look.Filter("who", _("谁的"), options=_choices(request, here, whose.code)),)
    context = shown | {
        "weekdays": [str(name) for name in WEEKDAYS[:7]],
        "table": look.TableList("", (), (), filters=filters),
        "keep": tuple((k, v) for k in ("month", "year", "day") if (v := request.GET.get(k))),
        "feeds": look.Link(_("手机日历订阅"), reverse("feed_list"), "device-mobile"),
        "due": _due(sheet, chosen) if chosen else None,
    }
    return page(request, "front/calendar.html", context)


def _whose(request: HttpRequest, here: Community) -> Whose:
    me, code = viewer(request), request.GET.get("who", "")
    rows = Duty.objects.visible_to(me).filter(community_id=here.pk)
    kind, _colon, key = code.partition(":")
    if not may(request, ALL):
        kind = ""
    if kind == "all":
        return Whose(code, rows, None)
    if kind == "post":
        return Whose(code, rows.filter(owner_role=key, owner_id=None), frozenset({key}))
    staff = (
        Staff.objects.visible_to(me).filter(pk=key).first() if kind == "staff" and key.isdecimal() else None
    )
    who = StaffActor.of(staff) if staff else me
    posts = who.posts.get(here.pk, frozenset())
    return Whose(code if staff else "", rows.owed_by(who, posts), posts)


def _choices(request: HttpRequest, here: Community, chosen: str) -> tuple[look.Option, ...]:
    found = [("", _("我的"))]
    if may(request, ALL):
        owing = {clause.owner for clause in book().clauses.values()}
        posts = Post.objects.filter(code__in=owing).values_list("code", flat=True)
        found.append(("all", _("全项目")))
        found += [(f"post:{code}", owner_words(code)) for code in posts]
        found += [(f"staff:{key}", name) for key, name in colleagues(here.pk)]
    return tuple(look.Option(value, words, chosen=value == chosen) for value, words in found)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


# --- days ---------------------------------------------------------------------------------------------------------


@dataclass
class Sheet:
    """What the days of a page are drawn from."""

    here: Community
    whose: Whose
    chosen: date | None
    today: date

    @cached_property
    def calendar(self) -> ServiceCalendar:
        return calendar_of(self.here)

    @cached_property
    def own(self) -> Mapping[date, str]:
        return dict(CalendarDay.objects.filter(community=self.here).values_list("on", "kind"))

    def url(self, **asked: object) -> str:
        who = {"who": self.whose.code} if self.whose.code else {}
        return f"{reverse('calendar')}?{urlencode(who | asked)}"

    def public(self, year: int) -> dict[date, Row]:
        """The public days of a year, the last days of which the next year's announcement may have."""
        return {row.on: row for each in (year, year + 1) for row in rows_of(self.here.pk, each)[0]}


def _month(sheet: Sheet, first: date) -> dict[str, Any]:
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    span = weeks[0][0], weeks[-1][-1]
    found: dict[date, list[Heap]] = defaultdict(list)
    for heap in heaps(sheet.whose.rows, *span, sheet.here.zone):
        found[heap.day].append(heap)
    ahead: dict[date, list[Planned]] = defaultdict(list)
    for one in planned(sheet.here.pk, *span, sheet.whose.posts):
        ahead[clock.local(one.due, sheet.here.zone).date()].append(one)
    public = sheet.public(span[0].year) | sheet.public(span[1].year)
    drawn = tuple(
        tuple(
            _drawn(sheet, day, public, found[day], ahead[day], outside=day.month != first.month)
            for day in week
        )
        for week in weeks
    )
    name = _("%(year)d 年 %(month)d 月") % {"year": first.year, "month": first.month}
    month = look.CalendarMonth(name, "", drawn, _note(sheet, first.year))
    before, after = add_months(first, -1), add_months(first, 1)
    return _head(sheet, name, f"month={before:%Y-%m}", f"month={after:%Y-%m}", look.Link(
        _("看全年"), sheet.url(year=first.year), "calendar")) | {"month": month}  # fmt: skip


def _head(sheet: Sheet, name: str, before: str, after: str, other: look.Link) -> dict[str, Any]:
    def link(words: str, asked: str, icon: str) -> look.Link:
        key, value = asked.split("=")
        return look.Link(words, sheet.url(**{key: value}), icon)

    return {
        "title": name,
        "before": link(_("往前"), before, "chevron-left"),
        "after": link(_("往后"), after, "chevron-right"),
        "now": look.Link(_("今天"), sheet.url(day=sheet.today.isoformat())),
        "other": other,
    }


def _lines(found: Sequence[Heap], ahead: Sequence[Planned]) -> list[look.DayLine]:
    lines = [
        look.DayLine(
            clause_words(h.clause), look.capped(h.total) if h.total > 1 else "", *_tone(h.owed, h.late)
        )
        for h in found
    ]
    coming: Counter[str] = Counter()
    for one in ahead:
        coming[one.clause.code] += one.duties
    return lines + [
        look.DayLine(clause_words(code), str(n) if n > 1 else "", planned=True) for code, n in coming.items()
    ]


def _tone(owed: int, late: int) -> tuple[look.Tone, str]:
    if late:
        return "over", "alert-octagon"
    return ("running", "clock") if owed else ("done", "check")


def _drawn(
    sheet: Sheet,
    day: date,
    public: Mapping[date, Row],
    found: Sequence[Heap],
    ahead: Sequence[Planned],
    *,
    outside: bool,
) -> look.CalendarDay:
    feast, kind = _kept(sheet, day, public)
    lines = _lines(found, ahead)
    count, total = len(lines), sum(heap.total for heap in found) + sum(one.duties for one in ahead)
    tone, _icon = _tone(sum(h.owed for h in found), sum(h.late for h in found)) if found else ("plain", "")
    told = _("%(date)s，%(n)d 种应办") % {"date": f"{day:%Y-%m-%d}", "n": count}
    return look.CalendarDay(
        number=day.day, url=f"{sheet.url(day=day.isoformat())}#due", lines=tuple(lines[:LINES]),
        label=joined(filter(None, (told, feast, str(_KINDS.get(kind, "")))), "，"),
        more=_("还有 %d 种") % (count - LINES) if count > LINES else "", feast=feast, kind=kind,
        count=look.capped(total, 99) if total else "", tone=tone, chosen=day == sheet.chosen,
        closed=not sheet.calendar.is_open(day), outside=outside, today=day == sheet.today,
    )  # fmt: skip


_KINDS = {"休": CalendarDay.Kind.HOLIDAY.label, "班": CalendarDay.Kind.WORKDAY.label}


def _kept(sheet: Sheet, day: date, public: Mapping[date, Row]) -> tuple[str, str]:
    """What the day is called, and whether it is kept as a day off (休) or of work (班) against its weekday."""
    row = public.get(day)
    own = sheet.own.get(day)
    kind = own or (row.kind if row else "")
    names = [
        said(book().policies["festivals"].options.get(code, ""))
        for code, on in _festivals(day.year)
        if on == day
    ]
    feast = names[0] if names else seeded(row.name) if row and row.kind == CalendarDay.Kind.HOLIDAY else ""
    if own:
        feast = feast or _("本项目安排")
    return feast, "" if not kind else "休" if kind == CalendarDay.Kind.HOLIDAY else "班"


def _festivals(year: int) -> list[tuple[str, date]]:
    return list(lunar.festivals(year).items())


def _note(sheet: Sheet, year: int) -> str:
    if year in sheet.calendar.years or year < min(sheet.calendar.years, default=year):
        return ""
    return _("%d 年的法定假日还没公布，这里暂按平日算，公布后会变。") % year


# --- a year -------------------------------------------------------------------------------------------------------


def _year(sheet: Sheet, year: int) -> dict[str, Any]:
    counted: dict[date, list[Heap]] = defaultdict(list)
    for heap in heaps(sheet.whose.rows, date(year, 1, 1), date(year, 12, 31), sheet.here.zone):
        counted[heap.day].append(heap)
    ahead: Counter[date] = Counter()
    for one in planned(sheet.here.pk, date(year, 1, 1), date(year, 12, 31), sheet.whose.posts):
        ahead[clock.local(one.due, sheet.here.zone).date()] += one.duties
    public = sheet.public(year)
    months = tuple(_small(sheet, date(year, number, 1), counted, ahead, public) for number in range(1, 13))
    name = _("%d 年") % year
    head = _head(sheet, name, f"year={year - 1}", f"year={year + 1}", look.Link(
        _("看本月"), sheet.url(month=f"{sheet.today:%Y-%m}"), "calendar"))  # fmt: skip
    return head | {"months": months, "note": _note(sheet, year)}


def _small(
    sheet: Sheet,
    first: date,
    counted: Mapping[date, Sequence[Heap]],
    ahead: Mapping[date, int],
    public: Mapping[date, Row],
) -> look.CalendarMonth:
    days = Calendar().monthdatescalendar(first.year, first.month)
    weeks = tuple(
        tuple(
            _dot(
                sheet, day, counted.get(day, ()), ahead.get(day, 0), public, outside=day.month != first.month
            )
            for day in week
        )
        for week in days
    )
    mine = {day for week in days for day in week if day.month == first.month}
    coming = sum(n for day, n in ahead.items() if day in mine)
    note = _("预计 %s 件") % f"{coming:,}" if coming else ""
    return look.CalendarMonth(str(MONTHS[first.month - 1]), sheet.url(month=f"{first:%Y-%m}"), weeks, note)


def _dot(
    sheet: Sheet, day: date, found: Sequence[Heap], ahead: int, public: Mapping[date, Row], *, outside: bool
) -> look.CalendarDay:
    feast, kind = _kept(sheet, day, public)
    total = sum(heap.total for heap in found)
    tone, _icon = _tone(sum(h.owed for h in found), sum(h.late for h in found)) if found else ("plain", "")
    told = _("%(date)s，%(n)d 件应办") % {"date": f"{day:%Y-%m-%d}", "n": total}
    coming = _("预计 %s 件") % f"{ahead:,}" if ahead else ""
    return look.CalendarDay(
        number=day.day, url=f"{sheet.url(day=day.isoformat())}#due", count=look.capped(total, 99) if total else "",
        label=joined(filter(None, (told, coming, feast, str(_KINDS.get(kind, "")))), "，"), tone=tone, feast=feast,
        kind=kind, closed=not sheet.calendar.is_open(day), outside=outside, today=day == sheet.today,
        ahead=look.capped(ahead, 99) if ahead else "",
    )  # fmt: skip


# --- one day ------------------------------------------------------------------------------------------------------


def _due(sheet: Sheet, day: date) -> look.TableList:
    zone = sheet.here.zone
    bounds = clock.start_of_day(day, zone), clock.start_of_day(day + timedelta(days=1), zone)
    found = sheet.whose.rows.filter(due_at__gte=bounds[0], due_at__lt=bounds[1]).exclude(
        state=Duty.State.VOID
    )
    rows = list(found.order_by("due_at", "id")[: MOST + 1])
    units = dict(Unit.objects.filter(pk__in={d.unit_id for d in rows}).values_list("pk", "code"))
    names = dict(Staff.objects.filter(pk__in={d.owner_id for d in rows}).values_list("pk", "name"))
    drawn = [_duty(duty, units, names) for duty in rows[:MOST]]
    drawn += [_coming(one) for one in planned(sheet.here.pk, day, day, sheet.whose.posts)]
    columns = (_("应办"), _("哪里"), _("由谁"), _("期限"))
    words = {"date": f"{day:%Y-%m-%d}", "weekday": WEEKDAYS[day.weekday()]}
    lead = _("只显示最急的 %(n)d 件。") % {"n": MOST} if len(rows) > MOST else ""
    return table(
        _("%(date)s %(weekday)s") % words, columns, drawn, empty=_("这一天没有到期的应办。"), lead=lead
    )


def _duty(duty: Duty, units: Mapping[int, str], names: Mapping[int, str]) -> look.TableRow:
    return look.TableRow(
        cells=(
            look.Cell(clause_words(duty.clause), strong=True),
            look.Cell(units.get(duty.unit_id or 0, ""), nowrap=True),
            look.Cell(names.get(duty.owner_id or 0, "") or owner_words(duty.owner_role)),
            look.Cell(clock=chip(duty)),
        ),
        url=reverse("duty", args=[duty.pk]),
    )


def _coming(one: Planned) -> look.TableRow:
    words = said(one.clause.title), owner_words(one.clause.owner)
    return look.TableRow(
        (
            look.Cell(words[0]),
            look.Cell(_("共 %d 件") % one.duties if one.duties > 1 else ""),
            look.Cell(words[1]),
            look.Cell(_("到时产生"), dim=True),
        )
    )
