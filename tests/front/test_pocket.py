"""The door for what a telephone kept: once, in order, with the time it was made; nothing typed is lost when refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases.models import Photo
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.works import actions as works
from shouwen.works.codes import code_of
from shouwen.works.models import Order, State
from tests.cast import Cast, make_cast, make_staff
from tests.front.test_technician import picture
from tests.threads import at_once
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db
MINUTE = 60_000


class Telephone:
    """A telephone in which one technician is signed in; its clock is off by ``skew`` milliseconds."""

    def __init__(self, cast: Cast, skew: int = 0) -> None:
        self.client, self.cast, self.skew = Client(raise_request_exception=False), cast, skew
        self.client.force_login(cast.wen)

    @property
    def clock(self) -> int:
        return int(clock.now().timestamp() * 1000) + self.skew

    def send(
        self, order: Order, name: str, *, ago: int = 0, key: str = "", owner: int = 0, **typed: Any
    ) -> Any:
        now = self.clock
        body = {"once": key or uuid4().hex, "made": now - ago, "sent": now, **typed}
        url = reverse("pocket", args=[order.pk, name])
        return self.client.post(url, body, headers={"X-Pocket": str(owner or self.cast.wen.pk)})


@pytest.fixture
def phone(cast: Cast) -> Telephone:
    return Telephone(cast)


@pytest.fixture
def order(cast: Cast) -> Order:
    return works.claim(leak(cast).pk, actor=cast.actor(cast.wen))


def facts(order: Order, verb: str) -> list[Entry]:
    return list(Entry.objects.filter(matter_id=order.case_id, verb=verb).order_by("id"))


def test_an_action_is_done_once_however_often_it_is_sent(phone: Telephone, order: Order) -> None:
    first = phone.send(order, "arrive", key="k" * 32, version=order.version)
    assert first.status_code == 200
    assert first.json()["once"] == "k" * 32
    assert first.json()["version"] == order.version + 1
    again = phone.send(order, "arrive", key="k" * 32, version=order.version, ago=5)
    assert (again.status_code, again.json()["version"]) == (200, order.version + 1)
    assert len(facts(order, "order:arrived")) == 1


def test_a_day_in_the_cellar_goes_out_in_order_with_its_times(phone: Telephone, order: Order) -> None:
    claimed = facts(order, "order:dispatched")[0].at
    sent = [
        ("arrive", {}), ("photo", {"stage": "before", "photos": picture()}), ("photo", {"stage": "before", "photos": picture()}),
        ("material", {"materials": "角阀 1 个"}), ("photo", {"stage": "after", "photos": picture()}),
        ("finish", {"result": "换了角阀", "minutes": "40", "code": code_of(order)}),
    ]  # fmt: skip
    version = order.version
    for name, typed in sent:
        answer = phone.send(order, name, version=version, **typed)
        assert answer.status_code == 200, answer.content.decode()
        version = answer.json()["version"] or version
    order.refresh_from_db()
    assert (order.state, order.materials, order.minutes, order.confirmed_how) == (
        State.CLOSED, "角阀 1 个", 40, "code",
    )  # fmt: skip
    assert [p.stage for p in Photo.objects.order_by("id")] == ["before", "before", "after"]
    assert claimed <= order.arrived_at <= order.finished_at


def test_it_happened_when_it_was_made_whatever_the_clock_of_the_telephone_says(cast: Cast) -> None:
    for skew in (0, -3 * 60 * MINUTE, 90 * 24 * 60 * MINUTE):
        with clock.standing_at(clock.now() - timedelta(hours=2)):
            order = works.claim(leak(cast).pk, actor=cast.actor(cast.wen))
        before = clock.now()
        assert Telephone(cast, skew).send(order, "arrive", ago=40 * MINUTE).status_code == 200
        (fact,) = facts(order, "order:arrived")
        off = abs(fact.at - (before - timedelta(minutes=40)))
        assert off < timedelta(seconds=5), f"off by {off} with a skew of {skew}"
        assert fact.recorded_at >= before
        order.refresh_from_db()
        assert order.arrived_at == fact.at


def test_a_time_is_never_ahead_never_before_the_last_step_and_never_older_than_a_week(
    cast: Cast, phone: Telephone
) -> None:
    with clock.standing_at(clock.now() - timedelta(days=30)):
        old = works.claim(leak(cast).pk, actor=cast.actor(cast.wen))
    began = clock.now()
    assert phone.send(old, "arrive", ago=8 * 24 * 60 * MINUTE).status_code == 200
    assert facts(old, "order:arrived")[0].at >= began, "a week is the most that is believed"
    assert phone.send(old, "pause", reason="parts", ago=-60 * MINUTE).status_code == 200
    assert facts(old, "order:paused")[0].at <= clock.now(), "never ahead"
    assert phone.send(old, "resume", ago=50 * MINUTE).status_code == 200
    assert facts(old, "order:resumed")[0].at == facts(old, "order:paused")[0].at, "never before the last step"


def test_a_clock_that_was_set_back_in_between_gains_nothing(cast: Cast) -> None:
    """What the telephone's clock was off by when the action was made tells that it was set since."""
    with clock.standing_at(clock.now() - timedelta(hours=5)):
        order = works.claim(leak(cast).pk, actor=cast.actor(cast.wen))
    before = clock.now()
    phone = Telephone(cast)
    phone.send(order, "arrive", ago=180 * MINUTE, skew=180 * MINUTE)
    assert before - timedelta(seconds=5) < facts(order, "order:arrived")[0].at


@pytest.mark.parametrize("junk", ["", "abc", "-5", "9" * 14, "9" * 400, "1e9", "١٢"])
def test_a_time_that_no_clock_shows_counts_as_now(phone: Telephone, order: Order, junk: str) -> None:
    before = clock.now()
    key = reverse("pocket", args=[order.pk, "arrive"])
    answer = phone.client.post(key, {"once": "x", "made": junk, "sent": junk, "skew": junk})
    assert answer.status_code == 200
    assert before - timedelta(seconds=1) <= facts(order, "order:arrived")[0].at <= clock.now()


def test_who_changed_it_meanwhile_is_told_and_nothing_typed_is_lost(
    cast: Cast, phone: Telephone, order: Order
) -> None:
    works.arrive(order.pk, actor=cast.actor(cast.wen))
    answer = phone.send(order, "material", version=order.version, materials="角阀 1 个")
    assert answer.status_code == 409
    told = answer.json()
    assert (told["code"], told["state"], told["version"]) == ("stale", "处理中", order.version + 1)
    assert ["领料", "角阀 1 个", "—", False] in told["versions"]
    assert phone.send(order, "material", version=told["version"], materials="角阀 1 个").status_code == 200


def test_an_order_that_went_to_somebody_else_says_to_whom(cast: Cast, phone: Telephone, order: Order) -> None:
    other = make_staff("sun", "孙志强", "engineering", cast.community)
    works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=other.pk)
    answer = phone.send(order, "arrive")
    assert answer.status_code == 422
    assert answer.json()["technician"] == "孙志强"
    assert answer.json()["sentence"]
    refused = phone.send(order, "photo", stage="after", photos=picture())
    assert (refused.status_code, refused.json()["code"]) == (422, "order.not_yours")
    assert not Photo.objects.exists()


def test_what_was_typed_wrong_is_said_by_field(phone: Telephone, order: Order) -> None:
    phone.send(order, "arrive")
    answer = phone.send(order, "finish", minutes="9999", result="好了", confirmed_by="梅")
    assert answer.status_code == 422
    assert set(answer.json()["faults"]) == {"minutes"}
    assert ["处理结果", "好了", "—", False] in answer.json()["versions"]
    wrong = phone.send(order, "finish", result="好了", code="000000" if code_of(order) != "000000" else "1")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "order.code")
    assert phone.send(order, "photo").json()["code"] == "pocket.no_photo"


def test_a_signature_comes_with_the_finish_and_is_seen_by_who_sees_the_order(
    cast: Cast, phone: Telephone, order: Order
) -> None:
    phone.send(order, "arrive")
    answer = phone.send(order, "finish", result="好了", signature=picture("hand.png"), confirmed_by="梅女士")
    assert answer.status_code == 200, answer.content.decode()
    order.refresh_from_db()
    assert order.confirmed_how == "signature"
    assert order.signature.community_id == cast.community.pk
    url = reverse("order_signature", args=[order.pk])
    assert b"".join(phone.client.get(url).streaming_content)[:3] == b"\xff\xd8\xff", "a JPEG"
    other = make_staff("sun", "孙志强", "engineering", cast.community)
    for staff, code in ((cast.bob, 200), (cast.alice, 200), (other, 404), (cast.charlie, 404)):
        phone.client.force_login(staff)
        assert phone.client.get(url).status_code == code, staff.name


def test_the_pocket_of_one_is_not_emptied_into_the_session_of_another(
    cast: Cast, phone: Telephone, order: Order
) -> None:
    answer = phone.send(order, "arrive", owner=cast.bob.pk)
    assert (answer.status_code, answer.json()["code"]) == (409, "pocket.other_account")
    assert not facts(order, "order:arrived")


def test_a_session_that_ended_is_only_told(phone: Telephone, order: Order) -> None:
    phone.client.logout()
    answer = phone.send(order, "arrive")
    assert (answer.status_code, answer.content) == (401, b"")


def test_without_the_right_or_without_a_key_nothing_is_done(cast: Cast, order: Order) -> None:
    bob = Telephone(cast)
    bob.client.force_login(cast.bob)
    answer = bob.send(order, "arrive", owner=cast.bob.pk)
    assert (answer.status_code, answer.json()["code"]) == (403, "front.no_right")
    wen = Telephone(cast)
    url = reverse("pocket", args=[order.pk, "arrive"])
    assert wen.client.post(url, {}).status_code == 422
    assert wen.send(order, "assign").status_code == 404
    assert wen.send(Order(pk=uuid4()), "arrive").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_send_the_same_at_once_do_it_once(transactional_db: None) -> None:
    cast = make_cast()
    order = works.claim(leak(cast).pk, actor=cast.actor(cast.wen))
    phones = [Telephone(cast) for _ in range(4)]
    answers = at_once(4, lambda n: phones[n].send(order, "arrive", key="same", version=order.version))
    assert [a.status_code for a in answers] == [200] * 4, [a.content.decode() for a in answers]
    assert {a.json()["version"] for a in answers} == {order.version + 1}
    assert len(facts(order, "order:arrived")) == 1
    shots = at_once(4, lambda n: phones[n].send(order, "photo", key="shot", stage="after", photos=picture()))
    assert [a.status_code for a in shots] == [200] * 4
    assert Photo.objects.count() == 1
