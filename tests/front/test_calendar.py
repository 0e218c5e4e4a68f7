"""The calendar: what is due when, whose, which days are kept differently, and the addresses that a telephone reads."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from shouwen.duties import days, feeds, occasion_actions, rulings
from shouwen.duties.actions import set_policy
from shouwen.duties.agenda import heaps, planned
from shouwen.duties.models import Duty, Feed
from shouwen.estate.models import Unit
from shouwen.kernel import clock
from shouwen.people import actions as people
from shouwen.people.models import Grant, Post
from tests.cast import Cast
from tests.duties.facts import local, pass_time, started
from tests.front.settings import signed_in

pytestmark = pytest.mark.django_db
NOW = clock.at(date(2026, 9, 21), time(10))


@pytest.fixture(autouse=True)
def running(cast: Cast) -> Any:
    rulings.forget()
    days.forget()
    started(cast.community.pk, date(2026, 9, 14))
    pass_time(local("2026-09-21 08:00"))
    with clock.standing_at(NOW):
        yield
    rulings.forget()
    days.forget()


def month(client: Client, **asked: Any) -> dict[date, Any]:
    shown = client.get(reverse("calendar"), {"month": "2026-09"} | asked).context["month"]
    first = date(2026, 8, 31)
    flat = [day for week in shown.weeks for day in week]
    return {first + timedelta(days=n): day for n, day in enumerate(flat)}


def words(day: Any) -> list[str]:
    return [line.words for line in day.lines]


def test_a_month_tells_each_day_what_is_due_what_is_late_and_what_will_come(
    cast: Cast, alice: Client
) -> None:
    shown = month(alice, who="all")
    assert shown[date(2026, 9, 21)].today
    yesterday, today = (shown[date(2026, 9, day)] for day in (20, 21))
    assert {line.tone for line in yesterday.lines} == {"over"}
    assert today.lines
    assert {line.tone for day in shown.values() for line in day.lines} == {"over", "running", "plain"}
    october = alice.get(reverse("calendar"), {"month": "2026-10", "who": "all"}).context["month"].weeks
    assert {line.planned for day in october[2] for line in day.lines} == {True}, (
        "no period of that week has opened"
    )
    duty = Duty.objects.filter(clause="log.review", ended_at=None).get()
    assert duty.due_at is not None
    assert clock.local(duty.due_at).date() == date(2026, 9, 21)


def test_what_was_told_beforehand_is_what_the_days_bear(cast: Cast, alice: Client) -> None:
    """As many of each clause on each day, also of those that are owed for each member of a set."""

    first, last = date(2026, 9, 22), date(2026, 9, 30)
    Unit.objects.filter(pk=cast.unit.pk).update(status="vacant")
    told: dict[tuple[date, str], int] = {}
    for one in planned(cast.community.pk, first, last):
        key = clock.local(one.due).date(), one.clause.code
        told[key] = told.get(key, 0) + one.duties
    with clock.standing_at(local("2026-09-30 08:00")):
        days.lay_out()
    rows = Duty.objects.filter(community=cast.community, born_at__gte=local("2026-09-22 00:00"))
    borne = {(heap.day, heap.clause): heap.total for heap in heaps(rows, first, last, clock.ZONE)}
    clauses = rulings.book().clauses
    secret = {key for key in borne if clauses[key[1]].surprise or clauses[key[1]].draw}
    carried = {key for key in told if clauses[key[1]].carry}  # borne again once the one before is done
    assert len(told) > 90
    assert {key: n for key, n in told.items() if key not in carried} == {
        key: n for key, n in borne.items() if key not in secret | carried
    }


def test_the_year_tells_how_many_every_day_and_month_will_bear(cast: Cast, alice: Client) -> None:
    def year(number: int) -> Any:
        return alice.get(reverse("calendar"), {"year": number, "who": "all"}).context["months"]

    this, coming = year(2026), year(2027)
    assert this[0].note == ""  # January is over
    days = {day.number: day for week in this[9].weeks for day in week if not day.outside}
    fee_items = 2
    due_by_the_tenth = {day for day in days if days[day].ahead}
    assert {8, 9, 10, 12, 31} <= due_by_the_tenth
    assert all(month.note.startswith("预计 ") for month in (*this[9:], *coming))
    told = int(this[9].note.split()[1].replace(",", ""))
    set_policy(cast.community.pk, "billing.items", "off", actor=cast.actor(cast.alice), reason="不收费")
    rulings.forget()
    with clock.standing_at(NOW + timedelta(seconds=11)):
        assert int(year(2026)[9].note.split()[1].replace(",", "")) == told - fee_items  # by the values chosen
    assert not Duty.objects.filter(born_at__gt=NOW).exists()  # nothing of it is stored


def test_holidays_make_up_days_and_festivals_of_the_moon_have_their_names(cast: Cast, alice: Client) -> None:
    shown = month(alice, month="2026-09")
    assert (shown[date(2026, 9, 25)].feast, shown[date(2026, 9, 25)].kind) == ("中秋节", "休")
    assert shown[date(2026, 9, 25)].closed
    assert shown[date(2026, 9, 20)].kind == "班"
    answer = alice.get(reverse("calendar"), {"month": "2026-10"})
    assert "重阳节" in answer.content.decode()
    assert answer.context["month"].note == ""


def test_a_year_not_announced_is_marked(cast: Cast, alice: Client) -> None:
    for asked in ({"month": "2027-03"}, {"year": "2027"}):
        assert "2027 年的法定假日还没公布" in alice.get(reverse("calendar"), asked).content.decode()
    year = alice.get(reverse("calendar"), {"year": "2026", "who": "all"}).context
    assert len(year["months"]) == 12
    assert not year["note"]
    september = [day for week in year["months"][8].weeks for day in week if not day.outside]
    assert int(september[20].count) > 1


def test_a_click_on_a_day_lists_its_duties(cast: Cast, alice: Client) -> None:
    due = alice.get(reverse("calendar"), {"day": "2026-09-21", "who": "all"}).context["due"]
    assert due.title == "2026-09-21 星期一"
    assert "查阅各岗位工作记录" in [row.cells[0].words for row in due.rows]
    assert due.rows[0].url.startswith("/duties/")
    ahead = alice.get(reverse("calendar"), {"day": "2026-09-22", "who": "all"}).context["due"]
    assert {row.cells[3].words for row in ahead.rows} == {"到时产生", ""}


def test_everybody_sees_their_own_and_only_by_right_those_of_others(cast: Cast, alice: Client) -> None:
    bob = signed_in(cast.bob)
    for asked in ("all", "post:cs_supervisor", f"staff:{cast.alice.pk}"):
        assert "查阅各岗位工作记录" not in words(month(bob, who=asked)[date(2026, 9, 21)])
    assert [o.value for o in bob.get(reverse("calendar")).context["table"].filters[0].options] == [""]
    everything = {o.value for o in alice.get(reverse("calendar")).context["table"].filters[0].options}
    assert {"", "all", "post:cs_supervisor", f"staff:{cast.bob.pk}"} <= everything
    by_post = alice.get(reverse("calendar"), {"day": "2026-09-21", "who": "post:cs_supervisor"}).context[
        "due"
    ]
    assert len({row.cells[2].words for row in by_post.rows}) == 1


@pytest.mark.parametrize(
    "asked", ["month=2026-13", "month=x", "year=99999", "day=2026-02-30", "who=staff:x", "day=0001-01-01"]
)
def test_nonsense_in_the_address_is_today(cast: Cast, alice: Client, asked: str) -> None:
    assert alice.get(f"{reverse('calendar')}?{asked}").context["title"] == "2026 年 9 月"


# --- feeds --------------------------------------------------------------------------------------------------------


def subscribe(client: Client, scope: str = "mine") -> str:
    answer = client.post(reverse("feed_new"), {"scope": scope})
    assert answer["Cache-Control"] == "no-store"
    return str(dict(answer.context["shown"])["地址"]).removeprefix("http://testserver")


def events(url: str) -> list[Any]:
    answer = Client().get(url)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_calendar_library_reads_what_the_person_owes(cast: Cast, alice: Client) -> None:
    due = clock.at(date(2026, 9, 23), time(15, 30))
    occasion_actions.give(
        cast.community.pk,
        actor=cast.actor(cast.alice),
        words="给梅若兰13900001201回电",
        owner_id=cast.bob.pk,
        due=due,
    )
    url = subscribe(signed_in(cast.bob))
    found = {str(event["summary"]): event for event in events(url)}
    mine = Duty.objects.open().owed_by(cast.actor(cast.bob), frozenset({"front_desk"}))
    assert len(events(url)) == mine.exclude(due_at=None).count()
    assert found["交办任务"].decoded("dtstart") == due
    whole = [e for e in events(subscribe(alice)) if not isinstance(e.decoded("dtstart"), datetime)]
    assert whole
    assert all(e.decoded("dtend") - e.decoded("dtstart") == timedelta(days=1) for e in whole)
    text = Client().get(url).content.decode()
    assert "梅若兰" not in text
    assert "13900001201" not in text
    assert cast.unit.code not in text


def test_a_community_is_told_only_while_the_right_is_held(cast: Cast, alice: Client) -> None:
    assert signed_in(cast.bob).post(reverse("feed_new"), {"scope": "here"}).status_code == 403
    url = subscribe(alice, "here")
    assert len(events(url)) > 20
    Post.objects.filter(pk="cs_supervisor").update(rights=["case.see"])
    assert Client().get(url).status_code == 404


def test_the_secret_is_kept_nowhere_and_a_new_address_ends_the_old(cast: Cast, alice: Client) -> None:
    first = subscribe(alice)
    secret = first.rsplit("/", 1)[1].removesuffix(".ics")
    row = Feed.objects.get()
    assert secret.encode() not in bytes(row.digest)
    assert secret not in alice.get(reverse("feed_list")).content.decode()
    second = subscribe(alice)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    assert Feed.objects.filter(ended_at=None).count() == 1


def test_an_address_is_ended_by_hand_and_only_by_its_owner(cast: Cast, alice: Client) -> None:
    url = subscribe(alice)
    key = Feed.objects.get().pk
    assert signed_in(cast.bob).post(reverse("feed_end", args=[key])).status_code == 404
    assert alice.post(reverse("feed_end", args=[key])).status_code == 303
    assert Client().get(url).status_code == 404


def test_an_address_ends_with_the_account_and_stays_ended(cast: Cast, alice: Client) -> None:
    url = subscribe(signed_in(cast.bob))
    with clock.standing_at(NOW + timedelta(minutes=1)):
        people.deactivate(cast.bob.pk, actor=cast.actor(cast.alice))
        assert Client().get(url).status_code == 404
        people.reactivate(cast.bob.pk, actor=cast.actor(cast.alice))
        assert Client().get(url).status_code == 404
    assert Feed.objects.get().ended_at is not None


def test_fetching_too_often_and_guessing_are_slowed_down(cast: Cast, alice: Client) -> None:
    url = subscribe(alice)
    codes = [Client().get(url).status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
    guesses = [Client().get(f"/calendar/{n}.ics").status_code for n in range(21)]
    assert guesses == [404] * 20 + [429]


def test_a_colleague_without_a_grant_reads_an_empty_calendar(cast: Cast) -> None:
    url = subscribe(signed_in(cast.wen))
    Grant.objects.filter(staff=cast.wen).delete()
    assert events(url) == []
    assert feeds.opened("nothing") is None
