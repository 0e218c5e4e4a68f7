"""The supervisor's day: what the tiles, the late table, the signatures, the hours and the floor plan say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwen.cases.models import Case
from shouwen.duties.models import Alarm, Duty
from shouwen.estate.models import Building, Unit
from shouwen.front import tiles
from shouwen.kernel import clock
from shouwen.people.models import TotpReset
from tests.cast import Cast, make_staff, make_unit
from tests.reports.test_kpi_doc import answer, moment, owe, tell

pytestmark = pytest.mark.django_db
NOW = "07-22 10:42"


@pytest.fixture(autouse=True)
def _stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment(NOW))
    tiles.forget()


def case(cast: Cast, number: int, opened: str, kind: str = "repair", **more: Any) -> Case:
    at = moment(opened)
    given = {
        "community": cast.community, "number": str(number), "turn": number, "kind": kind, "state": "working",
        "category": cast.categories["lamp" if kind == "repair" else "noise"], "unit": cast.unit, "place": "3-1-1201",
        "title": f"事项{number}", "first_responder": cast.bob, "handler": cast.wen, "happened_at": at, "recorded_at": at,
        "opened_at": at,
    }  # fmt: skip
    return Case.objects.create(**given | more)


def climb(duty: Duty, rung: int) -> None:
    Alarm.objects.create(duty=duty, rung=rung)


def look_at(alice: Client, **asked: str) -> Any:
    page = alice.get(reverse("overview"), asked)
    assert page.status_code == 200
    return page


def tile(page: Any, name: str) -> Any:
    return next(t for t in page.context["tiles"] if t.name == name)


def test_bob_has_no_right_to_it(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    assert client.get(reverse("overview")).status_code == 403


def test_today_counts_what_came_in_by_kind(cast: Cast, alice: Client) -> None:
    case(cast, 1, "07-22 08:00")
    case(cast, 2, "07-22 09:00", "complaint")
    case(cast, 3, "07-21 23:59")
    arrived = tile(look_at(alice), "今日来件")
    assert (arrived.value, arrived.note) == ("2", "报修 1\u00a0• 投诉 1")
    assert arrived.spark.values == (0.0,) * 12 + (1.0, 2.0)
    assert tile(look_at(alice, period="week"), "本周来件").value == "3"


def test_a_tile_says_rate_trend_and_target(cast: Cast, alice: Client) -> None:
    for number, due, state in (
        (1, "07-16 18:00", "met"), (2, "07-16 18:00", "late"),
        (3, "07-21 18:00", "met"), (4, "07-21 18:00", "met"), (5, "07-21 18:00", "met"), (6, "07-21 18:00", "late"),
    ):  # fmt: skip
        owe(case(cast, number, "07-15 09:00"), "repair.finish", moment(due), state)
    timely = tile(look_at(alice), "维修及时率")
    assert (timely.value, timely.unit, timely.note) == ("75", "%", "25 较上周\u00a0• 目标 95")
    assert (timely.trend, timely.trend_good, timely.tone) == ("up", None, "soon")
    assert timely.spark.values == (50.0, 75.0)


def test_what_is_still_to_be_called_today_is_said(cast: Cast, alice: Client) -> None:
    for number in (1, 2, 3):
        done = moment("07-22 09:00")
        shown = case(cast, number, "07-21 09:00", state="done", done_at=done)
        tell(shown, "case:done", done)
        if number == 1:
            answer(shown, cast, moment("07-22 10:00"), "yes")
    called = tile(look_at(alice), "当日回访率")
    assert (called.value, called.note, called.tone) == ("33.3", "还差 2 件\u00a0• 目标 100", "soon")


def test_no_figure_where_nothing_was_due(cast: Cast, alice: Client) -> None:
    timely = tile(look_at(alice), "维修及时率")
    assert (timely.value, timely.unit, timely.spark) == ("–", "", None)


def test_the_late_table_shows_each_case_once_by_its_most_pressing_clock(cast: Cast, alice: Client) -> None:
    late, soon, later, climbed, held = (case(cast, n, "07-21 09:00") for n in range(1, 6))
    climb(owe(late, "repair.finish", moment("07-22 09:00"), "open"), 2)
    climb(owe(late, "repair.arrive", moment("07-22 10:00"), "open"), 1)
    climb(owe(soon, "repair.finish", moment("07-22 12:41"), "open"), 1)
    owe(later, "repair.finish", moment("07-22 12:42"), "open")
    climb(owe(climbed, "repair.finish", moment("07-22 18:00"), "open"), 3)
    owe(held, "repair.finish", moment("07-22 09:00"), "paused", paused_at=moment("07-22 08:00"))
    page = look_at(alice)
    assert [(r.title, r.stage) for r in page.context["late"]] == [("事项1", "待完工"), ("事项4", "待完工")]
    assert page.context["late_count"] == "2"
    assert [r.title for r in page.context["soon"]] == ["事项2"], (
        "not late yet: it stands apart and counts apart"
    )
    assert (page.context["soon_count"], page.context["soon_url"]) == ("1", "/desk/soon/")
    ladders = [
        [(r.name, r.state) for r in row.ladder.rungs]
        for row in (*page.context["late"], *page.context["soon"])
    ]
    assert ladders[0] == [("经手", "first"), ("主管", "reached"), ("主任", "next")]
    assert ladders[1] == [("经手", "first"), ("主管", "reached"), ("主任", "reached")]
    assert ladders[2] == [("经手", "first"), ("主管", "next"), ("主任", "future")]


def test_a_complaint_about_the_viewer_is_nowhere_on_the_page(cast: Cast, alice: Client) -> None:
    about = case(
        cast,
        1,
        "07-21 09:00",
        "complaint",
        about=cast.alice,
        handler=cast.bob,
        title="主管态度差",
        back_entry=True,
    )
    owe(about, "complaint.reply", moment("07-22 09:00"), "open", about_id=cast.alice.pk)
    page = look_at(alice)
    assert "主管态度差" not in page.content.decode()
    assert page.context["late"] == page.context["approvals"] == ()


def test_another_community_shows_nothing_of_this_one(cast: Cast, client: Client) -> None:
    shown = case(cast, 1, "07-22 08:00", back_entry=True)
    owe(shown, "repair.finish", moment("07-22 09:00"), "open")
    client.force_login(cast.charlie)
    page = client.get(reverse("overview"))
    context = page.context
    assert tile(page, "今日来件").value == "0"
    assert (context["late"], context["approvals"], context["on_post"], context["plan"]) == ((), (), (), None)
    assert sum(context["hours"].came) == 0


def test_hours_of_today_and_the_mean_of_four_weeks(cast: Cast, alice: Client) -> None:
    case(cast, 1, "07-22 08:05")
    case(cast, 2, "07-22 08:59", state="done", done_at=moment("07-22 10:00"))
    for number in range(3, 10):  # seven in the last 28 days at nine: a quarter a day
        case(cast, number, f"07-{number:02d} 09:30")
    case(cast, 10, "06-23 09:30")  # 29 days ago
    hours = look_at(alice).context["hours"]
    assert (hours.came[8], hours.came[9], hours.done[10]) == (2, 0, 1)
    assert (hours.mean[9], hours.mean[8]) == (0.25, 0.0)
    assert (hours.now, hours.now_words) == (10.7, "现在 10:42")


def test_a_back_entry_waits_for_somebody_else_and_is_confirmed_by_one_press(
    cast: Cast, alice: Client
) -> None:
    theirs = case(cast, 1, "07-21 09:00", back_entry=True)
    case(cast, 2, "07-21 09:00", back_entry=True, first_responder=cast.alice)
    case(cast, 3, "07-21 09:00", back_entry=True, back_entry_by=cast.alice)
    (waiting,) = look_at(alice).context["approvals"]
    assert (waiting.kind, waiting.words, waiting.who) == (
        "补录",
        "3-1-1201 事项1，发生于 07-21 09:00",
        "鲍勃",
    )
    pressed = alice.post(waiting.action.url, dict(waiting.action.hidden))
    assert (pressed.status_code, pressed.url) == (303, reverse("overview"))
    theirs.refresh_from_db()
    assert theirs.back_entry_by == cast.alice
    assert look_at(alice).context["approvals"] == ()


def test_three_attempts_on_two_days_wait_to_be_closed(cast: Cast, alice: Client) -> None:
    done = moment("07-18 09:00")
    tried, one_day, reached = (case(cast, n, "07-17 09:00", state="done", done_at=done) for n in (1, 2, 3))
    for at in ("07-18 10:00", "07-18 15:00", "07-19 10:00"):
        answer(tried, cast, moment(at), "none")
    for at in ("07-18 10:00", "07-18 15:00", "07-18 17:00"):
        answer(one_day, cast, moment(at), "none")
    for at in ("07-17 10:00", "07-18 15:00", "07-19 10:00"):  # the first before the work was done
        answer(reached, cast, moment(at), "none")
    (waiting,) = look_at(alice).context["approvals"]
    assert (waiting.kind, waiting.words) == ("未确认", "3-1-1201 回访 3 次未接通")
    assert alice.get(waiting.action.url).status_code == 200


def test_a_one_time_code_is_reset_by_a_second_person(cast: Cast, alice: Client) -> None:
    second = make_staff("dora", "朵拉", "cs_supervisor", cast.community)
    TotpReset.objects.create(staff=cast.bob, asked_by=second, asked_at=clock.now())
    TotpReset.objects.create(staff=cast.wen, asked_by=cast.alice, asked_at=clock.now())
    TotpReset.objects.create(staff=cast.charlie, asked_by=second, asked_at=clock.now())
    (waiting,) = look_at(alice).context["approvals"]
    assert (waiting.kind, waiting.words, waiting.who) == ("口令", "重置 鲍勃 的动态口令", "朵拉")


def test_who_has_what_in_hand(cast: Cast, alice: Client) -> None:
    for number in (1, 2):
        case(cast, number, "07-22 08:00")
    case(cast, 3, "07-22 08:00", "complaint", handler=cast.bob)
    case(cast, 4, "07-21 08:00", handler=cast.bob, state="satisfied", closed_at=moment("07-21 09:00"))
    context = look_at(alice).context
    assert [(p.name, p.doing, p.load.load) for p in context["on_post"]] == [
        ("文师傅", "在办 2", 2),
        ("鲍勃", "在办 1", 1),
    ]
    assert context["on_post_words"] == "工程技工 1\u00a0• 客服中心前台接待 1"


def test_the_floor_plan_has_a_door_for_each_unit_and_its_most_pressing_clock(
    cast: Cast, alice: Client
) -> None:
    units = {
        code: make_unit(cast.community, code) for code in ("3-1-1202", "3-1-1101", "3-2-1201", "3-2-1101")
    }
    Unit.objects.filter(pk=units["3-1-1101"].pk).update(status="vacant")
    owe(case(cast, 1, "07-21 09:00"), "repair.finish", moment("07-22 09:00"), "open")
    owe(case(cast, 2, "07-21 09:00"), "repair.finish", moment("07-23 09:00"), "open")
    owe(case(cast, 3, "07-21 09:00", unit=units["3-2-1201"]), "repair.finish", moment("07-22 12:00"), "open")
    case(cast, 4, "07-21 09:00", unit=units["3-2-1101"])
    plan = look_at(alice).context["plan"]
    assert plan.doors == ("01", "02", None, "01")
    tones = {f.name: [c and (c.room_number, c.tone) for c in f.cells] for f in plan.floors}
    assert tones == {
        "12": [("3-1-1201", "over"), ("3-1-1202", "none"), None, ("3-2-1201", "soon")],
        "11": [("3-1-1101", "vacant"), ("", "absent"), None, ("3-2-1101", "open")],
    }
    first = plan.floors[0].cells[0]
    assert first.words == "超时 事项1 等 2 件"
    assert (plan.entrances, [n for _t, _w, n in plan.legend]) == (("1 单元", "2 单元"), [1, 1, 1, 1, 1])
    assert [(b.words, b.count, b.key) for b in plan.buildings] == [("3", "1", "over")]


def test_a_layer_shows_only_its_own(cast: Cast, alice: Client) -> None:
    make_unit(cast.community, "3-1-1202")
    Unit.objects.filter(code="3-1-1202").update(status="vacant")
    owe(case(cast, 1, "07-21 09:00"), "repair.finish", moment("07-22 09:00"), "open")
    for layer, wanted in (
        ("all", ["over", "vacant"]),
        ("open", ["over", "none"]),
        ("vacant", ["none", "vacant"]),
    ):
        plan = look_at(alice, layer=layer).context["plan"]
        assert [c.tone for c in plan.floors[0].cells if c] == wanted, layer


def test_the_chosen_building_stays_chosen_when_the_switch_is_pressed(cast: Cast, alice: Client) -> None:
    five = make_unit(cast.community, "5-1-0101").building
    page = look_at(alice, building=str(five.pk), layer="open")
    assert page.context["plan"].building == "5 栋"
    switch = page.context["frame"].switch
    assert switch[2].url == f"{reverse('overview')}?period=month&building={five.pk}&layer=open"


def test_nonsense_in_the_address_falls_back(cast: Cast, alice: Client) -> None:
    assert look_at(alice, period="year", layer="x", building="'; --").context["plan"].building == "3 栋"


def test_the_cost_does_not_grow_with_the_rows(cast: Cast, alice: Client) -> None:
    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            unit = make_unit(cast.community, f"3-1-{number + 20:02d}02")
            row = case(cast, number, "07-21 09:00", unit=unit, back_entry=number % 2 == 0)
            owe(row, "repair.finish", moment("07-22 09:00") + timedelta(seconds=number), "open")
            tell(row, "case:registered", row.opened_at)

    def queries() -> int:
        tiles.forget()
        with CaptureQueriesContext(
            connection,
        ) as caught:
            look_at(alice)
        return len(caught)

    fill(1, 3)
    look_at(alice)
    few = queries()
    fill(3, 53)
    assert queries() <= few
    assert Building.objects.count() == 1


def test_a_week_is_counted_once_a_minute_and_a_day_at_every_look(
    cast: Cast, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(tiles.time, "monotonic", lambda: now[0])
    owe(case(cast, 1, "07-20 09:00"), "repair.finish", moment("07-21 18:00"), "met")
    assert tile(look_at(alice), "维修及时率").value == "100"
    late = case(cast, 2, "07-20 09:00", state="done", done_at=moment("07-22 09:00"))
    owe(late, "repair.finish", moment("07-21 18:00"), "late")
    tell(late, "case:done", moment("07-22 09:00"))
    now[0] += 59
    assert tile(look_at(alice), "维修及时率").value == "100"
    assert tile(look_at(alice), "当日回访率").value == "0"
    now[0] += 2
    assert tile(look_at(alice), "维修及时率").value == "50"


def test_closed_cases_are_not_looked_at(cast: Cast, alice: Client) -> None:
    """Plan, late table and signatures read through the index of the open cases, however many were closed."""
    case(cast, 1, "07-21 09:00")
    with CaptureQueriesContext(connection) as caught:
        look_at(alice)
    asked = [
        q["sql"] for q in caught if "from estate_unit u" in q["sql"] or "from estate_building b" in q["sql"]
    ]
    assert len(asked) == 2
    assert all('"cases_case"."closed_at" IS NULL' in sql for sql in asked)


def test_what_ended_is_counted_once_in_a_quarter_of_an_hour(
    cast: Cast, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = [1000.0]
    monkeypatch.setattr(tiles.time, "monotonic", lambda: wall[0])
    owe(case(cast, 1, "07-15 09:00"), "repair.finish", moment("07-16 18:00"), "met")
    assert tile(look_at(alice), "维修及时率").spark is None
    owe(case(cast, 2, "07-20 09:00"), "repair.finish", moment("07-21 18:00"), "late")
    assert tile(look_at(alice), "维修及时率").value == "–", "kept for a minute"
    wall[0] += tiles.KEPT_SECONDS + 1
    owe(case(cast, 3, "07-15 09:00"), "repair.finish", moment("07-16 18:00"), "late")
    shown = tile(look_at(alice), "维修及时率")
    assert (shown.value, shown.spark.values) == ("0", (100.0, 0.0)), (
        "the running week is counted anew, the last one not"
    )
    wall[0] += tiles.ENDED_SECONDS
    assert tile(look_at(alice), "维修及时率").spark.values == (50.0, 0.0)
