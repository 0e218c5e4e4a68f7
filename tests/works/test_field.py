"""On site: nobody at home, parts, photos before and after, how a household confirms, and what is heard of late."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from shouwen.cases.models import Case, Photo
from shouwen.duties.models import Duty
from shouwen.kernel import clock, files
from shouwen.kernel.deliveries import deliver
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import Refused
from shouwen.notices.models import Notice
from shouwen.works import actions as works
from shouwen.works.codes import code_of
from shouwen.works.flow import ORDER
from shouwen.works.forms import FinishForm
from shouwen.works.models import Order, State
from tests.cast import Cast
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(cast: Cast) -> Order:
    """An order with 文师傅 on site."""
    wen, found = cast.actor(cast.wen), leak(cast)
    works.claim(found.pk, actor=wen)
    return works.arrive(found.pk, actor=wen)


def hand(cast: Cast) -> UUID:
    out = BytesIO()
    Image.new("RGB", (300, 120), "white").save(out, "PNG")
    upload = SimpleUploadedFile("hand.png", out.getvalue(), "image/png")
    return files.accept(
        upload, frozenset({files.IMAGE}), actor=cast.actor(cast.wen), community_id=cast.community.pk
    ).pk


def test_nobody_at_home_stops_the_clocks_and_tells_the_first_responder(cast: Cast, order: Order) -> None:
    order = works.absent(order.pk, actor=cast.actor(cast.wen), words="敲门没有人应")
    assert (order.state, order.pause_reason) == (State.PAUSED, "absent")
    assert order.case.notes.get().words == "敲门没有人应"
    stopped = Duty.objects.filter(matter_id=order.case_id, state="paused")
    assert {d.pause_reason for d in stopped} == {"absent"}
    deliver()
    assert Notice.objects.get(code="order.absent").staff == cast.bob
    assert works.resume(order.pk, actor=cast.actor(cast.wen)).pause_reason == ""


def test_parts_add_up_until_the_order_is_finished(cast: Cast, order: Order) -> None:
    wen = cast.actor(cast.wen)
    works.material(order.pk, actor=wen, materials="角阀 1 个")
    works.material(order.pk, actor=wen, materials="生料带 1 卷")
    works.material(order.pk, actor=wen, materials="生料带 1 卷")
    order = works.finish(order.pk, actor=wen, result="好了", materials="软管 1 根", confirmed_by="梅女士")
    assert order.materials == "角阀 1 个；生料带 1 卷；软管 1 根"
    facts = Entry.objects.filter(verb="order:materials")
    assert (facts.count(), [f.data for f in facts]) == (3, [{}, {}, {}]), "the journal holds no words"


def test_parts_that_were_noted_stay_when_finishing_says_none(cast: Cast, order: Order) -> None:
    wen = cast.actor(cast.wen)
    works.material(order.pk, actor=wen, materials="角阀 1 个")
    assert works.finish(order.pk, actor=wen, result="好了", confirmed_by="梅").materials == "角阀 1 个"


def test_too_many_words_about_parts_are_refused_not_cut(cast: Cast, order: Order) -> None:
    wen = cast.actor(cast.wen)
    works.material(order.pk, actor=wen, materials="管" * 200)
    with pytest.raises(Refused, match="300"):
        works.material(order.pk, actor=wen, materials="件" * 200)
    with pytest.raises(Refused, match="领了什么"):
        works.material(order.pk, actor=wen, materials="  ")
    assert Order.objects.get(pk=order.pk).materials == "管" * 200


def test_a_household_confirms_by_hand_by_code_or_by_name(cast: Cast) -> None:
    wen = cast.actor(cast.wen)
    ways = {
        "signature": {"signature": hand(cast)},
        "code": {},
        "name": {"confirmed_by": "梅女士"},
        "": {"unconfirmed_why": "家里没人"},
    }
    for way, typed in ways.items():
        found = leak(cast)
        works.claim(found.pk, actor=wen)
        works.arrive(found.pk, actor=wen)
        given = typed or {"code": code_of(found)}
        order = works.finish(found.pk, actor=wen, result="好了", **given)
        assert order.confirmed_how == way
        fact = Entry.objects.get(verb="order:finished", subject_id=str(order.pk))
        assert (fact.data["confirmed"], fact.data.get("how", "")) == (bool(way), way)


def test_a_wrong_code_confirms_nothing(cast: Cast, order: Order) -> None:
    wrong = f"{(int(code_of(order)) + 1) % 1_000_000:06d}"
    with pytest.raises(Refused, match="确认码不对"):
        works.finish(order.pk, actor=cast.actor(cast.wen), result="好了", code=wrong, confirmed_by="梅")
    assert Order.objects.get(pk=order.pk).state == State.ON_SITE


def test_the_code_is_six_digits_and_another_for_every_order(cast: Cast) -> None:
    codes = [code_of(leak(cast)) for _ in range(20)]
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert len(set(codes)) > 18


def test_a_code_can_not_be_guessed_for_long(cast: Cast, order: Order) -> None:
    def tried(code: str) -> FinishForm:
        form = FinishForm({"result": "好了", "code": code}, row=order, actor=cast.actor(cast.wen))
        form.is_valid()
        return form

    assert [bool(tried(f"{n:06d}").errors) for n in range(5)] == [False] * 5
    assert "试了太多次" in str(tried(code_of(order)).errors["code"])


def test_a_photo_says_before_or_after_and_else_the_first_is_before(cast: Cast, order: Order) -> None:
    wen = cast.actor(cast.wen)
    for stage in ("", "before", "", "after"):
        works.photograph(order, [hand(cast)], actor=wen, stage=stage)
    assert [p.stage for p in Photo.objects.order_by("id")] == ["before", "before", "after", "after"]
    with pytest.raises(Refused, match="修前"):
        works.photograph(order, [hand(cast)], actor=wen, stage="intake")


def test_what_is_heard_of_late_happened_when_it_was_made_and_counts_from_now(cast: Cast) -> None:
    wen, found = cast.actor(cast.wen), leak(cast)
    works.claim(found.pk, actor=wen)
    now = clock.now()
    moment = now - timedelta(hours=1)
    with clock.happening_at(moment):
        order = works.arrive(found.pk, actor=wen)
        works.photograph(order, [hand(cast)], actor=wen)
    fact = Entry.objects.get(verb="order:arrived")
    assert (fact.at, order.arrived_at, Photo.objects.get().at) == (moment, moment, moment)
    assert fact.recorded_at >= now
    met = Duty.objects.get(matter_id=found.case_id, ended_by=fact.pk)
    assert met.ended_at == fact.recorded_at, "nobody proves punctuality by their own clock"
    with clock.happening_at(moment + timedelta(minutes=20)):
        works.finish(order.pk, actor=wen, result="好了", confirmed_by="梅")
    assert Case.objects.get(pk=found.case_id).done_at >= now, "the follow-up is owed from when we heard of it"
    assert clock.earlier() is None


def test_tomorrow_is_counted_from_when_it_was_said(cast: Cast, order: Order) -> None:
    day = clock.today()
    with clock.happening_at(clock.now() - timedelta(days=1)):
        order = works.carry(order.pk, actor=cast.actor(cast.wen), on=day, words="住户明天在家")
    assert order.carried_to == day
    with pytest.raises(Refused, match="今天之后"):
        works.carry(order.pk, actor=cast.actor(cast.wen), on=day, words="再改")


def test_only_the_one_sent_takes_parts_or_finds_nobody_at_home(cast: Cast, order: Order) -> None:
    for name in ("absent", "material"):
        assert str(ORDER.refusal(ORDER[name], order, cast.actor(cast.wen))) == "None"
        refusal = ORDER.refusal(ORDER[name], order, cast.actor(cast.bob))
        assert refusal is not None
        assert refusal.status == 403
