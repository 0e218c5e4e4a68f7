"""When the centre serves: the hours of a week, the community's own holidays and workdays, the days to come."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate import hours as estate
from shouwen.estate.models import CalendarDay, Community
from shouwen.estate.public import Row, rows_of
from shouwen.front import look
from shouwen.front.doors import community, page, staff_door, viewer
from shouwen.front.forming import Typed, both_versions, confirm, form_view, version_of
from shouwen.front.settings_holidays import years_table
from shouwen.front.settings_parts import (
    Shifted,
    Values,
    button,
    settings_link,
    table,
)
from shouwen.kernel import clock
from shouwen.kernel.calendar import ALL_DAY, Hours, ServiceCalendar
from shouwen.kernel.doors import Day
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import full_width_to_half, joined, seeded

RIGHT = "setting.edit"
DAYS = 14
MOST = 6
WEEK = estate.WEEKDAYS[:7]
_INTERVAL = re.compile(r"(\d{1,2})(?::?(\d{2}))?\s*[-~–—－～至到]+\s*(\d{1,2})(?::?(\d{2}))?")
_BETWEEN = re.compile(r"[\s,、，;；]+")
_AROUND_DASH = re.compile(r"\s*([-~–—－～至到]+)\s*")


def hours_words(hours: Hours) -> str:
    """The intervals of a day as a person writes them."""
    if hours == ALL_DAY:
        return _("全天")
    return joined(_interval(*one) for one in hours) or _("休息")


def _interval(start: time, end: time) -> str:
    words = f"{start:%H:%M}–{end:%H:%M}"
    return words if end > start else _("%s（次日）") % words


def read_hours(text: str) -> Hours:
    """Intervals as somebody typed them: ``8:30-12:00，14:00-18:00``; an end before the start is the next morning."""
    text = full_width_to_half(text).replace("：", ":").replace("–", "-")
    pieces = [p for p in _BETWEEN.split(_AROUND_DASH.sub(r"\1", text)) if p]
    if len(pieces) > MOST:
        raise forms.ValidationError(_("一天最多写 %s 段。") % MOST)
    return tuple(_read_interval(piece) for piece in pieces)


def _read_interval(piece: str) -> tuple[time, time]:
    found = _INTERVAL.fullmatch(piece)
    wrong = forms.ValidationError(_("看不懂“%s”，请写成 08:30-12:00，几段之间用逗号。") % piece[:20])
    if found is None:
        raise wrong
    try:
        return _clock_time(found[1], found[2]), _clock_time(found[3], found[4])
    except ValueError as error:
        raise wrong from error


def _clock_time(hour: str, minute: str | None) -> time:
    """24:00 is the midnight that ends the day."""
    if (int(hour), int(minute or 0)) == (24, 0):
        return time.min
    return time(int(hour), int(minute or 0))


class HoursForm(forms.Form):
    """One line a weekday; an empty line is a day off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(estate.WEEKDAYS):
            self.fields[f"day{number}"] = forms.CharField(label=name, required=False, max_length=120)
        self.fields["day0"].help_text = _(
            "例：08:30-12:00，14:00-18:00；22:00-06:00 到第二天早上；00:00-24:00 是全天；空着是休息。"
        )
        self.fields[f"day{estate.FEAST}"].help_text = _(
            "法定假日和自己加的休息日，在平时的时段里只开这些；空着是不开。"
        )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        for name, text in list(typed.items()):
            try:
                read_hours(text)
            except forms.ValidationError as error:
                self.add_error(name, error)
        return self.cleaned_data


class DayForm(forms.Form):
    on = Day(label=gettext_lazy("日期"))
    kind = forms.ChoiceField(
        label=gettext_lazy("安排"),
        choices=CalendarDay.Kind.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("上班：那一天的时段，是一周各天的时段合起来。"),
    )

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if not clock.today() - timedelta(days=366) <= on <= clock.today() + timedelta(days=731):
            raise forms.ValidationError(_("请填前后两年以内的日期。"))
        return on


@require_GET
@staff_door(RIGHT)
def hours(request: HttpRequest) -> HttpResponse:
    """The week as it stands, the days kept differently, and what that makes of the next fourteen days."""
    here = community(request)
    calendar = estate.calendar_of(here)
    week = (*calendar.week, calendar.holiday_hours)
    context = {
        "title": _("服务时间"),
        "back": settings_link(),
        "facts": (
            *((str(name), look.Cell(hours_words(week[n]))) for n, name in enumerate(estate.WEEKDAYS)),
            (_("改动"), look.Cell(_("只对以后产生的时限起效，正在走的按产生时的承诺。"), dim=True)),
        ),
        "actions": (
            button("hours-edit", _("修改服务时间"), reverse("hours_edit"), "pencil", primary=True),
            button("hours-day", _("加休息日或上班日"), reverse("hours_day"), "calendar-plus"),
        ),
        "tables": (_preview(here), _own_days(here), years_table(here)),
    }
    return page(request, "front/detail.html", context)


def _preview(here: Community) -> look.TableList:
    calendar, today = estate.calendar_of(here), clock.today(here.zone)
    days = [today + timedelta(days=n) for n in range(DAYS)]
    own = dict(
        CalendarDay.objects.filter(community=here, on__range=(days[0], days[-1])).values_list("on", "kind")
    )
    years = {day.year for day in days} | {days[-1].year + 1}
    public = {row.on: row for year in years for row in rows_of(here.pk, year)[0]}
    rows = [
        look.TableRow(
            cells=(
                look.Cell(
                    f"{day:%m-%d}",
                    sub=_("%s，今天") % WEEK[day.weekday()] if day == today else str(WEEK[day.weekday()]),
                    nowrap=True,
                ),
                look.Cell(
                    hours_words(calendar.hours(day)),
                    strong=calendar.is_open(day),
                    dim=not calendar.is_open(day),
                ),
                look.Cell(_reason(day, own, public, calendar), dim=True),
            )
        )
        for day in days
    ]
    return table(_("今后 14 天"), (_("日期"), _("服务时间"), _("为什么")), rows)


def _reason(day: date, own: dict[date, str], public: dict[date, Row], calendar: ServiceCalendar) -> str:
    """What makes a day different from its weekday, empty where nothing does."""
    if day in own:
        return _("本项目安排休息") if own[day] == CalendarDay.Kind.HOLIDAY else _("本项目安排上班")
    if found := public.get(day):
        return (
            _("%s调休上班") % seeded(found.name)
            if found.kind == CalendarDay.Kind.WORKDAY
            else seeded(found.name) or _("法定假日")
        )
    return "" if day.year in calendar.years else _("这一年的假日还没公布，按平日算")


def _own_days(here: Community) -> look.TableList:
    rows = [
        look.TableRow(
            cells=(
                look.Cell(f"{day.on:%Y-%m-%d}", sub=str(WEEK[day.on.weekday()]), nowrap=True),
                look.Cell(tag=str(day.get_kind_display())),
            ),
            actions=(button(f"day-{day.pk}", _("取消"), reverse("hours_day_end", args=[day.pk]), "x"),),
        )
        for day in CalendarDay.objects.filter(community=here, on__gte=clock.today(here.zone)).order_by("on")[
            :100
        ]
    ]
    empty = _("没有。法定假日和调休按国家公布的走，不用在这里填。")
    return table(_("本项目自己的休息日和上班日"), (_("日期"), _("安排")), rows, empty=empty)


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def hours_edit(request: HttpRequest) -> HttpResponse:
    """The hours of the whole week at once; somebody else's change in between is shown beside mine."""
    here = community(request)

    def draw(data: Any, _files: Any) -> HoursForm:
        return HoursForm(data, initial=_lines(here))

    def pressed(typed: Typed) -> tuple[str, str]:
        *week, feast = (read_hours(typed[f"day{number}"]) for number in range(8))
        given = {"week": week, "feast": feast, "version": version_of(request)}
        _current(estate.set_hours, here.pk, actor=viewer(request), **given)
        return reverse("hours"), _("服务时间已修改")

    return _at_version(request, here, draw, pressed, title=_("修改服务时间"), submit=_("保存服务时间"))


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def hours_day(request: HttpRequest) -> HttpResponse:
    """Keep one day differently from the week and from the national calendar."""
    here = community(request)

    def draw(data: Any, _files: Any) -> DayForm:
        return DayForm(data)

    def pressed(typed: Typed) -> tuple[str, str]:
        _current(estate.set_day, here.pk, actor=viewer(request), version=version_of(request), **typed)
        words = {"day": f"{typed['on']:%Y-%m-%d}", "kind": CalendarDay.Kind(typed["kind"]).label}
        return reverse("hours"), _("%(day)s %(kind)s") % words

    return _at_version(request, here, draw, pressed, title=_("加休息日或上班日"), submit=_("保存这一天"))


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def hours_day_end(request: HttpRequest, key: int) -> HttpResponse:
    """Keep a day as everybody does again."""
    here = community(request)
    day = CalendarDay.objects.visible_to(viewer(request)).filter(community=here, pk=key).first()
    if day is None:
        raise NotFound("not_found")

    def act() -> str:
        estate.set_day(here.pk, actor=viewer(request), on=day.on, kind=None)
        return _("%s 按平日安排") % f"{day.on:%Y-%m-%d}"

    words = {"day": f"{day.on:%Y-%m-%d}", "kind": day.get_kind_display()}
    return confirm(
        request, act, title=_("取消这一天的安排"), lead=_("%(day)s 现在是%(kind)s，取消后按星期和法定假日走。") % words,
        submit=_("取消安排"), home=reverse("hours"), icon="x",
    )  # fmt: skip


def _current(action: Any, *args: Any, **inputs: Any) -> None:
    try:
        action(*args, **inputs)
    except Refused as refusal:
        if refusal.code == "calendar_changed":
            raise Shifted from refusal
        raise


def _at_version(request: HttpRequest, here: Community, draw: Any, pressed: Any, **drawn: Any) -> HttpResponse:
    """A form over the calendar at the version that was shown."""
    version = version_of(request) if request.method == "POST" else here.calendar_version
    try:
        return form_view(
            request,
            draw,
            pressed,
            version=version,
            home=reverse("hours"),
            back=look.Link(_("服务时间"), reverse("hours")),
            **drawn,
        )
    except Shifted:
        here.refresh_from_db()
        form = draw(request.POST, None)
        now = _lines(here) if isinstance(form, HoursForm) else _kept(here, form)
        return both_versions(request, form, now, here.calendar_version, reverse("hours"))


def _lines(here: Community) -> Values:
    """The week as the form shows it."""
    calendar = estate.calendar_of(here)
    return {f"day{n}": _typed(day) for n, day in enumerate((*calendar.week, calendar.holiday_hours))}


def _typed(intervals: Sequence[tuple[time, time]]) -> str:
    if tuple(intervals) == ALL_DAY:
        return "00:00-24:00"
    return "，".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in intervals)


def _kept(here: Community, form: forms.Form) -> Values:
    """How the day that was typed is kept now."""
    form.is_valid()
    on = form.cleaned_data["on"]
    return {
        "on": on,
        "kind": CalendarDay.objects.filter(community=here, on=on).values_list("kind", flat=True).first(),
    }
