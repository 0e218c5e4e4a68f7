"""Service hours and categories at the door: typed as people say them, and that what is set holds."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.forms import ValidationError
from django.test import Client
from django.urls import reverse

from shouwen.cases.category_actions import add_category
from shouwen.cases.models import Category
from shouwen.estate.hours import calendar_of, set_day, set_hours
from shouwen.estate.models import CalendarDay, Community
from shouwen.front.settings_hours import hours_words, read_hours
from shouwen.kernel.actors import System
from shouwen.kernel.calendar import ALL_DAY
from shouwen.kernel.models import Entry
from shouwen.people.models import Grant
from tests.cast import Cast
from tests.front.settings import text, version

pytestmark = pytest.mark.django_db


# --- service hours ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ()),
        ("08:30-12:00，14:00-18:00", ((time(8, 30), time(12)), (time(14), time(18)))),
        ("8:30 – 12:00、13：30至18：00", ((time(8, 30), time(12)), (time(13, 30), time(18)))),
        ("０８３０－１２００", ((time(8, 30), time(12)),)),
        ("9-12 14~17", ((time(9), time(12)), (time(14), time(17)))),
        ("22:00-06:00", ((time(22), time(6)),)),
        ("18:00-24:00", ((time(18), time(0)),)),
        ("00:00-24:00", ALL_DAY),
    ],
)
def test_hours_are_typed_as_people_say_them(typed: str, read: object) -> None:
    assert read_hours(typed) == read


@pytest.mark.parametrize("typed", ["morning", "25:00-26:00", "08:30", "08:30-12:60", ",".join(["1-2"] * 7)])
def test_what_is_no_hour_is_said(typed: str) -> None:
    with pytest.raises(ValidationError):
        read_hours(typed)


def test_hours_are_said_as_people_write_them() -> None:
    assert hours_words(()) == "休息"
    assert hours_words(ALL_DAY) == "全天"
    assert hours_words(((time(8), time(12)), (time(22), time(6)))) == "08:00–12:00、22:00–06:00（次日）"


def week(**more: str) -> dict[str, str]:
    return {f"day{n}": "08:30-12:00，13:30-18:00" for n in range(7)} | more


def test_the_week_is_changed_and_the_next_days_follow(cast: Cast, alice: Client) -> None:
    url = reverse("hours_edit")
    typed = week(day6="", version=version(alice, url))
    assert alice.post(url, typed).status_code == 303
    calendar = calendar_of(Community.objects.get(pk=cast.community.pk))
    assert (len(calendar.week[0]), calendar.week[6]) == (2, ())
    preview = alice.get(reverse("hours")).context["tables"][0]
    assert len(preview.rows) == 14
    sundays = [r.cells for r in preview.rows if r.cells[0].sub.startswith("星期日") and not r.cells[2].words]
    assert {cells[1].words for cells in sundays} <= {"休息"}
    stale = alice.post(url, typed | {"day0": "09:00-17:00"})
    assert stale.status_code == 409
    (difference,) = (d for d in stale.context["differences"] if d.differs)
    assert (difference.mine, difference.theirs) == ("09:00-17:00", "08:30-12:00，13:30-18:00")
    again = dict(stale.context["keep"].hidden)
    assert alice.post(url, again).status_code == 303


def test_wrong_hours_stay_in_the_form(cast: Cast, alice: Client) -> None:
    answer = alice.post(reverse("hours_edit"), week(day2="早上到晚上"))
    assert answer.status_code == 422
    assert "看不懂“早上到晚上”" in text(answer)
    overlap = alice.post(reverse("hours_edit"), week(day2="08:00-12:00，11:00-13:00"))
    assert "星期三的服务时间互相重叠" in text(overlap)
    assert "08:00-12:00，11:00-13:00" in text(overlap)
    assert "每周至少要有一天" in text(alice.post(reverse("hours_edit"), {f"day{n}": "" for n in range(7)}))


def test_a_day_is_kept_differently_and_back(cast: Cast, alice: Client) -> None:
    day = date.today() + timedelta(days=3)  # noqa: DTZ011 - any of the days that are shown
    assert alice.post(reverse("hours_day"), {"on": day.isoformat(), "kind": "holiday"}).status_code == 303
    preview = alice.get(reverse("hours")).context["tables"][0]
    assert "本项目安排休息" in [r.cells[2].words for r in preview.rows]
    row = CalendarDay.objects.get()
    assert alice.post(reverse("hours_day_end", args=[row.pk])).status_code == 303
    assert not CalendarDay.objects.exists()
    assert alice.post(reverse("hours_day"), {"on": "2050-01-01", "kind": "holiday"}).status_code == 422
    drawn = version(alice, reverse("hours_day"))
    set_day(cast.community.pk, actor=cast.actor(cast.alice), on=day, kind="workday")
    answer = alice.post(reverse("hours_day"), {"on": day.isoformat(), "kind": "holiday", "version": drawn})
    assert answer.status_code == 409
    assert ("休息", "上班") in [(d.mine, d.theirs) for d in answer.context["differences"]]


def test_the_hours_of_another_community_stay(cast: Cast, alice: Client) -> None:
    before = Community.objects.get(pk=cast.other.pk).calendar_version
    set_hours(cast.community.pk, actor=cast.actor(cast.alice), week=[ALL_DAY] * 7)
    alice.post(reverse("hours_edit"), week())
    assert Community.objects.get(pk=cast.other.pk).calendar_version == before


# --- categories -------------------------------------------------------------------------------------------------------


@pytest.fixture
def everywhere(cast: Cast, alice: Client) -> Client:
    """Alice, who may set every community of the house."""
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    return alice


def test_a_category_is_added_changed_and_closed(cast: Cast, everywhere: Client) -> None:
    typed = {
        "name": "太阳能",
        "kind": "repair",
        "trade": "plumbing",
        "words": "太阳能，热水器 太阳能",
        "urgent": "on",
    }
    assert everywhere.post(reverse("category_new"), typed).status_code == 303
    row = Category.objects.get(name="太阳能")
    assert (row.pk, row.words, row.urgent, row.active) == ("repair-taiyangneng", "太阳能 热水器", True, True)
    assert "这个类型已有叫“太阳能”的分类" in text(everywhere.post(reverse("category_new"), typed))
    url = reverse("category", args=[row.pk])
    drawn = version(everywhere, url)
    changed = {"name": "太阳能热水", "trade": "general", "words": "", "sort": "5", "version": drawn}
    assert everywhere.post(url, changed).status_code == 303
    row.refresh_from_db()
    assert (row.name, row.trade, row.urgent, row.active, row.kind) == (
        "太阳能热水",
        "general",
        False,
        False,
        "repair",
    )
    assert everywhere.post(url, changed | {"active": "on"}).status_code == 409
    told = Entry.objects.filter(subject_kind="category").order_by("id").values_list("verb", flat=True)
    assert list(told) == ["category:added", "category:changed", "category:closed"]


def test_a_new_category_never_becomes_the_one_for_all_the_rest(cast: Cast) -> None:
    add_category(actor=System.of(), name="充电桩", kind="complaint", trade="general")
    assert Category.objects.filter(kind="complaint").last().pk == "complaint_other"


def test_the_last_category_of_a_kind_stays(cast: Cast, everywhere: Client) -> None:
    Category.objects.filter(kind="suggestion").exclude(pk="idea").update(active=False)
    typed = {"name": "建议", "trade": "general", "words": "", "sort": "1"}
    answer = everywhere.post(reverse("category", args=["idea"]), typed)
    assert "至少要留一个在用的分类" in text(answer)
    assert Category.objects.get(pk="idea").active


def test_categories_are_changed_by_who_may_set_all_that_share_them(cast: Cast, alice: Client) -> None:
    typed = {"name": "漏", "trade": "plumbing", "words": "", "sort": "1", "active": "on"}
    answer = alice.post(reverse("category", args=["leak"]), typed)
    assert answer.status_code == 422
    assert "分类全公司共用" in text(answer)
    assert Category.objects.get(pk="leak").name != "漏"
