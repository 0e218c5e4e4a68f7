"""Public holidays: imported line by line and whole or not at all, mended by day, a year without them is a guess."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from shouwen.duties import days, kept, rulings
from shouwen.estate.hours import calendar_of
from shouwen.estate.models import Community, PublicDay
from shouwen.estate.public import rows_of
from shouwen.estate.public_reading import read
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.people.models import Grant
from tests.cast import Cast

pytestmark = pytest.mark.django_db
# A made-up year: the State Council will say something else.
YEAR = 2031
DAYS = [
    ("元旦", "2030-12-31", True), ("元旦", "2031-01-01", True), ("元旦", "2031-01-04", False), ("春节", "2031-01-23", True),
]  # fmt: skip


@pytest.fixture(autouse=True)
def fresh() -> Any:
    rulings.forget()
    days.forget()
    yield
    rulings.forget()


def paper(*more: Any, year: Any = YEAR) -> str:
    lines = [{"name": name, "date": on, "isOffDay": off} for name, on, off in DAYS]
    return json.dumps({"year": year, "papers": ["x"], "days": [*lines, *more]}, ensure_ascii=False)


def here(cast: Cast) -> Any:
    return calendar_of(Community.objects.get(pk=cast.community.pk))


def send(client: Client, text: str, **more: Any) -> Any:
    return client.post(reverse("holiday_import"), {"text": text} | more)


def test_a_look_says_what_each_line_would_do_and_changes_nothing(cast: Cast, alice: Client) -> None:
    upload = SimpleUploadedFile("2031.json", paper().encode("utf-8-sig"), "application/json")
    seen = alice.post(reverse("holiday_import"), {"file": upload, "preview": "1"})
    assert seen.status_code == 200
    assert [row.cells[3].words for row in seen.context["tables"][0].rows] == ["新增"] * 4
    assert json.loads(seen.context["form"]["text"].value())["year"] == YEAR, (
        "no need to choose the file again"
    )
    assert not PublicDay.objects.exists()


def test_an_imported_year_is_known_and_counts_in_service_time(cast: Cast, alice: Client) -> None:
    with clock.standing_at(clock.at(date(2030, 11, 20), time(10))):
        before = here(cast)
        assert before.guessed(clock.at(date(2031, 1, 1), time(0)), clock.at(date(2031, 2, 1), time(0))) == (
            YEAR,
        )
        assert send(alice, paper()).status_code == 303
        after = here(cast)
        assert YEAR in after.years
        assert not after.is_open(date(2030, 12, 31))
        assert after.is_workday(date(2031, 1, 4)), "a Saturday that is made up"
        assert before.is_open(date(2031, 1, 23)), "the version before is not touched"
    fact = Entry.objects.get(verb="year:published")
    assert (fact.data["year"], fact.data["count"], fact.actor_id) == (YEAR, 4, cast.alice.pk)
    rulings.forget()
    version = rulings.calendar_at(cast.community.pk, clock.now() + timedelta(days=9000))
    assert YEAR in version.years, "kept, so that duties born after it are counted with it"


BAD = (
    ({"name": "x", "date": "2031-02-30", "isOffDay": True}, "date 要写成"),
    ({"name": "x", "date": "2031-05-01", "isOffDay": "yes"}, "isOffDay"),
    ({"name": "x" * 21, "date": "2031-05-01", "isOffDay": True}, "20 个字"),
    ({"name": "x", "date": "2033-05-01", "isOffDay": True}, "不在这一年"),
    ({"name": "元旦", "date": "2031-01-01", "isOffDay": False}, "写了两次"),
    ("2031-05-01", "不是一个日子"),
    ({"date": None}, "date 要写成"),
)


@pytest.mark.parametrize(("line", "why"), BAD)
def test_one_bad_line_keeps_the_whole_year_out_and_says_which(
    cast: Cast, alice: Client, line: Any, why: str
) -> None:
    answer = send(alice, paper(line))
    assert answer.status_code == 422
    results = [row.cells[3].words for row in answer.context["tables"][0].rows]
    assert results[:4] == ["新增"] * 4
    assert why in results[4]
    assert "有 1 行不对，一行也没有导入" in answer.content.decode()
    assert not PublicDay.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", paper(year="2031"), paper(year=1), '{"year":2031,"days":[]}', "[" * 10**5]
)
def test_what_is_no_announcement_is_refused_in_a_sentence(cast: Cast, alice: Client, text: str) -> None:
    answer = send(alice, text)
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not PublicDay.objects.exists()


def test_an_announcement_without_a_day_off_is_none() -> None:
    text = json.dumps({"year": YEAR, "days": [{"name": "x", "date": "2031-01-04", "isOffDay": False}]})
    assert "不像一年的假日安排" in read(text).fault


def test_a_second_import_replaces_the_year_and_names_what_goes(cast: Cast, alice: Client) -> None:
    send(alice, paper())
    other = json.dumps({"year": YEAR, "days": [{"name": "元旦", "date": "2031-01-01", "isOffDay": True},
                                               {"name": "春节", "date": "2031-01-23", "isOffDay": False}]})  # fmt: skip
    seen = send(alice, other, preview="1").context["tables"][0].rows
    assert [(r.cells[0].words, r.cells[3].words) for r in seen] == [
        ("2031-01-01", "不变"), ("2031-01-23", "改动"), ("2030-12-31", "去掉"), ("2031-01-04", "去掉"),
    ]  # fmt: skip
    send(alice, other)
    assert len(rows_of(cast.community.pk, YEAR)[0]) == 2


def test_everywhere_means_where_the_person_may_set(cast: Cast, alice: Client) -> None:
    Grant.objects.create(staff=cast.alice, post_id="front_desk", community=cast.other)
    send(alice, paper(), everywhere="on")
    assert set(PublicDay.objects.values_list("community_id", flat=True)) == {cast.community.pk}
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    send(alice, paper(), everywhere="on")
    assert PublicDay.objects.values("community_id").distinct().count() == 2


def test_one_day_of_a_known_year_is_mended_and_the_rest_stays(cast: Cast, alice: Client) -> None:
    url = reverse("holiday_day", args=[2026])
    drawn = alice.get(url, {"on": "2026-10-07"}).context["form"]
    assert (drawn["name"].value(), drawn["kind"].value()) == ("国庆节", "holiday")
    alice.post(url, {"on": "2026-10-07", "kind": ""})
    rows, own = rows_of(cast.community.pk, 2026)
    assert own
    assert date(2026, 10, 7) not in [row.on for row in rows]
    assert date(2026, 10, 6) in [row.on for row in rows]
    assert here(cast).is_open(date(2026, 10, 7))
    assert alice.post(reverse("holiday_back", args=[2026])).status_code == 303
    assert not here(cast).is_open(date(2026, 10, 7))


def test_the_years_are_listed_with_where_they_come_from(cast: Cast, alice: Client) -> None:
    with clock.standing_at(clock.at(date(2026, 11, 22), time(10))):
        table = alice.get(reverse("hours")).context["tables"][2]
    states = {row.cells[0].words: (row.cells[1].words, row.cells[1].tag) for row in table.rows}
    assert states["2026"] == ("内置", "")
    assert states["2028"] == ("还没公布，暂按平日算", "暂定")


def test_a_holiday_has_hours_of_its_own_when_the_centre_never_closes(cast: Cast, alice: Client) -> None:
    week = {f"day{n}": "00:00-24:00" for n in range(7)}
    alice.post(reverse("hours_edit"), week | {"day7": "00:00-24:00"})
    assert here(cast).is_open(date(2026, 10, 1))
    shut = alice.post(reverse("hours_edit"), week | {"day7": "09:00-12:00，11:00-13:00"})
    assert "节假日的服务时间互相重叠" in shut.content.decode()
    alice.post(reverse("hours_edit"), week | {"day7": ""})
    assert not here(cast).is_open(date(2026, 10, 1))


def test_an_old_kept_calendar_still_says_which_years_it_knew() -> None:
    old = kept._revived(1, json.dumps({"week": [[["08:00", "18:00"]]] * 7, "holidays": ["2026-01-01"], "workdays": [],
                                      "holiday_hours": [], "zone": "Asia/Shanghai"}))  # fmt: skip
    assert old.years == {2026}
