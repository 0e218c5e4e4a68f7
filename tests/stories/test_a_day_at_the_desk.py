"""A day at the desk, through the doors alone: five requests to their end, one late, one refused, one reopened.

And a complaint about a colleague, which that colleague meets nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from shouwen.cases import actions as cases
from shouwen.cases.models import Case
from shouwen.duties import rulings
from shouwen.duties.models import Duty
from shouwen.duties.sweep import sweep
from shouwen.kernel.deliveries import deliver
from shouwen.kernel.models import Entry
from shouwen.notices.models import Notice
from shouwen.people.models import Staff
from shouwen.works.models import Order
from tests.api.conftest import Machine, make_token
from tests.cases.test_actions import take
from tests.cast import Cast, make_staff
from tests.duties.facts import START

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_rulings() -> Iterator[None]:
    rulings.forget()
    yield
    rulings.forget()


class Day:
    """The clock on the wall, and one browser a colleague."""

    def __init__(self, cast: Cast, wall: Any) -> None:
        self.cast, self.wall = cast, wall

    def pass_by(self, minutes: float) -> None:
        self.wall.shift(timedelta(minutes=minutes))
        deliver()
        sweep()

    def __getitem__(self, staff: Staff) -> Client:
        client = Client()
        client.force_login(staff)
        return client

    def register(self, by: Staff, kind: str, category: str, title: str, **typed: Any) -> Case:
        place = f"kind={kind}&unit={self.cast.unit.pk}&person={self.cast.mei.pk}"
        given = {"category": category, "title": title, "channel": "desk", "key": title} | typed
        answer = self[by].post(f"{reverse('intake')}?{place}", given)
        assert answer.status_code == 303, answer.content.decode()[-3000:]
        deliver()
        return Case.objects.get(title=title)

    def case(self, by: Staff, case: Case, name: str, **typed: Any) -> Case:
        answer = self[by].post(reverse("case_move", args=[case.pk, name]), typed)
        assert answer.status_code == 303, answer.content.decode()[-3000:]
        deliver()
        return Case.objects.get(pk=case.pk)

    def order(self, by: Staff, case: Case, name: str, **typed: Any) -> Order:
        order = Order.objects.filter(case=case).latest("turn")
        answer = self[by].post(reverse("order_move", args=[order.pk, name]), typed)
        assert answer.status_code == 303, answer.content.decode()[-3000:]
        deliver()
        return Order.objects.get(pk=order.pk)

    def repaired(self, by: Staff, case: Case) -> None:
        self.order(by, case, "arrive")
        self.pass_by(20)
        self.order(by, case, "finish", result="修好了", minutes="20", confirmed_by="梅女士")

    def satisfied(self, by: Staff, case: Case) -> None:
        closed = self.case(by, case, "follow_up", outcome="reached", satisfied="yes", words="可以")
        assert (closed.state, closed.satisfied, closed.first_responder) == (
            "satisfied",
            True,
            case.first_responder,
        )


@pytest.fixture
def day(cast: Cast) -> Iterator[Day]:
    with time_machine.travel(START, tick=False) as wall:
        yield Day(cast, wall)


def told(code: str) -> set[str]:
    return set(Notice.objects.filter(code=code).values_list("staff__username", flat=True))


def sentences(page: Any) -> list[str]:
    return [str(item.sentence) for item in page.context["case"].timeline]


def test_five_requests_to_satisfied_one_late_one_refused_one_reopened(day: Day) -> None:
    cast = day.cast
    bob, wen = cast.bob, cast.wen
    gao = make_staff("gao", "高翔", "engineering", cast.community)
    asked = day.register(bob, "inquiry", "fee", "物业费能不能按季度交")
    late = day.register(bob, "repair", "lamp", "楼道灯不亮")
    refused = day.register(bob, "repair", "door", "门禁刷不开")
    again = day.register(bob, "repair", "leak", "厨房滴水")
    noisy = day.register(bob, "complaint", "noise", "楼上装修太吵")
    assert [c.number[-3:] for c in (asked, late, refused, again, noisy)] == [
        "001",
        "002",
        "003",
        "004",
        "005",
    ]

    day.case(bob, asked, "answer", words="可以，到前台办理", on_the_spot="on")
    for case in (refused, again):
        day.order(bob, case, "assign", technician_id=str(wen.pk))

    # Refused: back on the board with its reason, and another hand takes it.
    day.order(wen, refused, "refuse", words="在另一户走不开")
    assert told("order.refused") == {"bob"}
    assert "在另一户走不开" in day[bob].get(reverse("case", args=[refused.pk])).content.decode()
    day.order(gao, refused, "claim")
    day.repaired(gao, refused)

    # Late: nobody sends it within half an hour. The desk is told first, then who stands above; never only the desk.
    day.pass_by(5)
    assert "bob" in told("duty.warned")
    assert "bob" not in told("duty.late")
    day.pass_by(7)
    assert {"bob", "alice"} <= told("duty.late")
    day.pass_by(60)
    assert "alice" in told("duty.long_late")
    assert not Duty.objects.filter(matter_id=asked.pk, state="open").exists()
    rung = Notice.objects.count()
    sweep()
    assert Notice.objects.count() == rung, "never twice"
    row = Case.objects.get(pk=late.pk)
    page = day[bob].get(reverse("desk", args=["overdue"]), {"case": str(row.pk)})
    (group,) = [g for g in page.context["groups"] if g.tone == "over"]
    assert "楼道灯不亮" in [r.title for r in group.rows]
    day.order(bob, late, "assign", technician_id=str(wen.pk))
    day.order(wen, late, "accept")
    day.repaired(wen, late)
    dispatch = Duty.objects.get(matter_id=late.pk, clause="repair.dispatch")
    assert dispatch.state == "late"

    # Reopened: still dripping, a second order, and the call again.
    day.order(wen, again, "accept")
    day.repaired(wen, again)
    day.case(bob, again, "follow_up", outcome="reached", satisfied="no", words="还在滴")
    assert Order.objects.filter(case=again).count() == 2
    day.order(wen, again, "claim")
    day.repaired(wen, again)

    # The complaint: classed by the supervisor, replied to, solved.
    day.case(cast.alice, noisy, "classify", level="1", severity="minor")
    day.case(bob, noisy, "reply", words="已到现场，下午停工")
    day.case(bob, noisy, "solve", words="已与楼上约定时间")

    for case in (late, refused, again, noisy):
        day.satisfied(bob, case)
    assert not Case.objects.open().exists()
    assert not Duty.objects.open().exists(), "nothing is owed any more"
    again.refresh_from_db()
    assert again.reopened == 1
    spoken = day[bob].get(reverse("case", args=[again.pk])).content.decode()
    assert "还在滴" in spoken
    assert "{" not in "".join(sentences(day[bob].get(reverse("case", args=[again.pk]))))
    listed = day[cast.alice].get(reverse("case_list")).content.decode()
    for case in (asked, late, refused, again, noisy):
        assert case.number in listed


def test_a_complaint_about_a_colleague_meets_them_nowhere(day: Day) -> None:
    cast = day.cast
    bob = cast.bob
    make_staff("chen", "陈静", "front_desk", cast.community)
    other = Staff.objects.get(username="chen")
    case = day.register(
        other, "complaint", "attitude", "前台说话难听", about_id=str(bob.pk), words="问两句就不耐烦"
    )
    day.case(cast.alice, case, "classify", level="1", severity="major")
    day.case(cast.alice, case, "note", words="已找当事人之外的同事了解")
    with time_machine.travel(START + timedelta(days=20), tick=False):
        deliver()
        sweep()
    assert Notice.objects.filter(matter_id=case.pk).exists()
    assert not Notice.objects.filter(staff=bob).exists()

    marks = (case.number, "前台说话难听", "问两句就不耐烦", str(case.pk))
    desk = day[bob]
    secret = make_token(cast.community, bob)
    everywhere = [
        reverse("case_list"), f"{reverse('case_list')}?q=前台说话难听", f"{reverse('case_list')}?export=csv",
        f"{reverse('search')}?q=前台说话难听", f"{reverse('search')}?q={case.number}", reverse("notice_list"),
        reverse("order_list"), reverse("board"), reverse("unit", args=[cast.unit.pk]), reverse("person", args=[cast.mei.pk]),
        *(reverse("desk", args=[code]) for code in ("today", "first", "hand", "received", "working", "done", "overdue", "soon")),
        f"{reverse('intake')}?kind=complaint&unit={cast.unit.pk}&category=attitude",
    ]  # fmt: skip
    for url in everywhere:
        answer = desk.get(url)
        assert answer.status_code == 200, url
        said = b"".join(answer).decode() if answer.streaming else answer.content.decode()
        for mark in marks:
            asked = mark in url
            assert said.count(mark) == 0 or (asked and 'href="/cases/' + str(case.pk) not in said), (
                url,
                mark,
            )
    excel = desk.get(f"{reverse('case_list')}?export=xlsx")
    book = load_workbook(BytesIO(b"".join(excel)), read_only=True)
    cells = [str(value) for row in book.active.iter_rows(values_only=True) for value in row]
    assert cells
    assert not {*marks} & {*cells}
    assert desk.get(reverse("case", args=[case.pk])).status_code == 404
    assert desk.get(f"{reverse('desk', args=['working'])}?case={case.pk}").status_code == 404
    for name in ("note", "reply", "solve", "hand", "follow_up", "cancel"):
        assert desk.post(reverse("case_move", args=[case.pk, name]), {"words": "x"}).status_code == 404
    for url in (f"/cases/{case.pk}", f"/cases/{case.pk}/timeline"):
        assert Machine(secret).get(url).status_code == 404
    assert str(case.pk) not in Machine(secret).get("/cases").content.decode()
    assert str(case.pk) not in Machine(secret).get("/duties").content.decode()

    # Others see it, with all that was done.
    assert case.number in day[cast.alice].get(reverse("case_list")).content.decode()
    assert case.number in b"".join(day[cast.alice].get(f"{reverse('case_list')}?export=csv")).decode()
    assert "前台说话难听" in day[other].get(reverse("case", args=[case.pk])).content.decode()
    assert Entry.objects.filter(matter_id=case.pk).count() >= 3
    assert not Duty.objects.filter(matter_id=case.pk, owner_id=bob.pk).exists()


def test_who_writes_down_a_complaint_about_themselves_gives_it_away(day: Day) -> None:
    """Bob took the call; the case is out of his sight from then on, and somebody else owns it."""
    case = take(
        day.cast,
        day.cast.bob,
        kind="complaint",
        category="attitude",
        title="对我不满",
        about_id=day.cast.bob.pk,
    )
    deliver()
    assert case.handler == day.cast.alice
    assert day[day.cast.bob].get(reverse("case", args=[case.pk])).status_code == 404
    assert not Notice.objects.filter(staff=day.cast.bob).exists()
    assert cases.classify(case.pk, actor=day.cast.actor(day.cast.alice), level=1, severity="minor").level == 1
