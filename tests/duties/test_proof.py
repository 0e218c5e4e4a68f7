"""Signed for, counted, excused, handed over, signed in a chain, drawn: what people do with duties, and what stays of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine

from shouwen.duties import draws
from shouwen.duties import occasion_actions as occasions
from shouwen.duties import proof_actions as proofs
from shouwen.duties.clauses import book
from shouwen.duties.models import Duty, Evidence, Task
from shouwen.kernel.deliveries import fact_of
from shouwen.kernel.files import Prepared
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from tests.cast import Cast, make_unit
from tests.duties.books import house_of, lines
from tests.duties.facts import Matter, local, pass_time, rebuilt_alike, started

pytestmark = pytest.mark.django_db

House = Callable[[str], None]
PHOTO = Prepared("现场.jpg", "image/jpeg", b"photo")
NOON = "2026-07-01 12:00"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cast: Cast, settings) -> Iterator[House]:
    settings.FILES_DIR = tmp_path / "files"
    open_books = []

    def have(text: str) -> None:
        (tmp_path / "clauses").mkdir()
        made = house_of(text, tmp_path / "clauses", monkeypatch)
        made.__enter__()
        open_books.append(made)
        started(cast.community.pk, date(2026, 7, 1))
        pass_time(local("2026-07-01 08:00"))

    yield have
    for made in open_books:
        made.__exit__(None, None, None)


def the_duty(clause: str = "some.clause") -> Duty:
    return Duty.objects.filter(clause=clause).latest("born_at", "id")


def test_a_signature_with_words_and_photo_attests_and_never_proves(cast: Cast, house: House) -> None:
    house(lines('every = "day"', owner="front_desk"))
    with time_machine.travel(local(NOON), tick=False):
        duty = proofs.attest(the_duty().pk, actor=cast.actor(cast.bob), words="早会已开", file=PHOTO)
    assert (duty.state, duty.proof, duty.ended_at) == ("met", "hand", local(NOON))
    kept = Evidence.objects.get()
    assert (kept.words, kept.by_id, kept.file and kept.file.name) == ("早会已开", cast.bob.pk, "现场.jpg")
    assert "早会" not in str(Entry.objects.get(verb="duty:attested").data)
    rebuilt_alike()


def test_without_words_or_photo_or_right_nothing_is_signed(cast: Cast, house: House) -> None:
    house(
        lines('every = "day"', owner="front_desk") + lines('every = "day"\nwindows = ["pm"]', code="later.on")
    )
    duty, later = the_duty(), the_duty("later.on")
    bob, wen, charlie = (cast.actor(who) for who in (cast.bob, cast.wen, cast.charlie))
    with time_machine.travel(local("2026-07-01 10:00"), tick=False):
        for refusal, code, act in (
            (Refused, "duty.words", lambda: proofs.attest(duty.pk, actor=bob, words=" ", file=PHOTO)),
            (Refused, "duty.file", lambda: proofs.attest(duty.pk, actor=bob, words="开了", file=None)),
            (NotAllowed, "duty.right", lambda: proofs.attest(duty.pk, actor=wen, words="开了", file=PHOTO)),
            (NotFound, "not_found", lambda: proofs.attest(duty.pk, actor=charlie, words="开了", file=PHOTO)),
            (Refused, "duty.too_early", lambda: proofs.attest(later.pk, actor=cast.actor(cast.alice), words="早", file=PHOTO)),
            (Refused, "duty.no_quota", lambda: proofs.log(duty.pk, actor=bob, words="开了", file=PHOTO)),
            (Refused, "duty.no_step", lambda: proofs.sign(duty.pk, actor=bob, words="开了", file=PHOTO)),
        ):  # fmt: skip
            with pytest.raises(refusal) as refused:
                act()
            assert refused.value.code == code
    assert not Evidence.objects.exists()
    with (
        time_machine.travel(local("2026-07-02 00:10"), tick=False),
        pytest.raises(Refused, match="结束"),
    ):
        proofs.attest(duty.pk, actor=bob, words="补记", file=PHOTO)  # over, though nobody has closed it yet


def test_a_quota_is_counted_one_by_one(cast: Cast, house: House) -> None:
    house(lines('every = "month"\ncount = 2\ndistinct = "unit"', owner="front_desk"))
    other, bob = make_unit(cast.community, "3-1-1202"), cast.actor(cast.bob)
    with time_machine.travel(local(NOON), tick=False):
        key = the_duty().pk
        duty = proofs.log(key, actor=bob, words="访谈", file=PHOTO, unit_id=cast.unit.pk)
        assert (duty.done, duty.state) == (1, "open")
        with pytest.raises(Refused, match="已经记过"):
            proofs.log(key, actor=bob, words="再访", file=PHOTO, unit_id=cast.unit.pk)
        with pytest.raises(Refused, match="房号"):
            proofs.log(key, actor=bob, words="再访", file=PHOTO)
        with pytest.raises(Refused, match="逐笔"):
            proofs.attest(key, actor=bob, words="都访了", file=PHOTO)
        duty = proofs.log(key, actor=bob, words="访谈", file=PHOTO, unit_id=other.pk)
    assert (duty.done, duty.state, duty.proof) == (2, "met", "hand")
    rebuilt_alike()


def test_minutes_are_added_up_against_the_days_service(cast: Cast, house: House) -> None:
    """D-4.3: 40% of the day on site; the desk serves 9.5 hours."""
    house(
        lines('every = "day"\nshare = "40%"\nover = "service_minutes"\nsum = "minutes"', owner="front_desk")
    )
    bob = cast.actor(cast.bob)
    with time_machine.travel(local(NOON), tick=False):
        duty = the_duty()
        assert duty.need == 228
        assert proofs.log(duty.pk, actor=bob, words="巡 1 栋", file=PHOTO, amount=100).state == "open"
        assert proofs.log(duty.pk, actor=bob, words="巡 2 栋", file=PHOTO, amount=130).state == "met"
        with pytest.raises(Refused):
            proofs.log(duty.pk, actor=bob, words="再巡", file=PHOTO, amount=0)
    rebuilt_alike()


def test_an_excuse_needs_the_right_a_reason_and_another_person(cast: Cast, house: House) -> None:
    house(lines('every = "day"', owner="front_desk") + lines('every = "day"', code="own.clause"))
    alice, bob = cast.actor(cast.alice), cast.actor(cast.bob)
    with time_machine.travel(local(NOON), tick=False):
        duty = the_duty()
        proofs.ask_excuse(duty.pk, actor=bob, words="停电")
        with pytest.raises(NotAllowed):
            proofs.excuse(duty.pk, actor=bob, words="停电")
        with pytest.raises(Refused, match="写明"):
            proofs.excuse(duty.pk, actor=alice, words="")
        done = proofs.excuse(duty.pk, actor=alice, words="整栋停电，属实")
        assert (done.state, done.proof) == ("excused", "excuse")
        own = proofs.delegate(the_duty("own.clause").pk, actor=alice, to=cast.alice.pk)
        with pytest.raises(Refused, match="自己"):
            proofs.excuse(own.pk, actor=alice, words="忙")
    assert [e.kind for e in Evidence.objects.order_by("at", "id")] == ["ask", "excuse"]
    rebuilt_alike()


def test_who_is_handed_a_duty_owes_it(cast: Cast, house: House) -> None:
    house(lines('every = "day"', owner="front_desk"))
    alice, wen = cast.actor(cast.alice), cast.actor(cast.wen)
    with time_machine.travel(local(NOON), tick=False):
        duty = the_duty()
        with pytest.raises(NotAllowed):
            proofs.delegate(duty.pk, actor=wen, to=cast.wen.pk)
        with pytest.raises(Refused, match="不在这个项目"):
            proofs.delegate(duty.pk, actor=alice, to=cast.charlie.pk)
        assert proofs.delegate(duty.pk, actor=alice, to=cast.wen.pk).owner_id == cast.wen.pk
        with pytest.raises(NotAllowed):
            proofs.attest(duty.pk, actor=cast.actor(cast.bob), words="开了", file=PHOTO)
        assert proofs.attest(duty.pk, actor=wen, words="开了", file=PHOTO).state == "met"
    rebuilt_alike()


# --- chains -------------------------------------------------------------------------------------------------------

CHAIN = """every = "quarter"
due = "month 1 day 15"
[[clause.step]]
name = "draft"
title = "编制"
owner = "front_desk"
[[clause.step]]
name = "review"
title = "审核"
owner = "cs_supervisor"
[[clause.step]]
name = "finance"
title = "财务审批"
owner = "cs_supervisor"
after_step = "draft"
[[clause.step]]
name = "quality"
title = "品质审批"
owner = "quality_centre"
only = { issue = "..2" }
after_step = "review"
[[clause.step]]
name = "publish"
title = "公布"
owner = "front_desk"
due = "day 18"
after_step = ["quality", "finance"]
"""


def open_steps() -> set[str]:
    return {d.clause.rpartition(".")[2] for d in Duty.objects.open()}


def press(cast: Cast, step: str, when: str, result: str = "passed") -> Duty:
    with time_machine.travel(local(when), tick=False):
        duty = Duty.objects.open().get(clause=f"some.clause.{step}")
        return proofs.sign(duty.pk, actor=cast.actor(cast.alice), words="同意", file=PHOTO, result=result)


def test_a_chain_goes_step_by_step_and_joins(cast: Cast, house: House) -> None:
    house(lines(CHAIN))
    assert open_steps() == {"draft"}
    press(cast, "draft", "2026-07-08 10:00")
    assert open_steps() == {"review", "finance"}
    press(cast, "finance", "2026-07-09 10:00")
    assert open_steps() == {"review"}
    press(cast, "review", "2026-07-16 10:00")  # quality is skipped: not a new project
    assert open_steps() == {"publish"}
    assert press(cast, "publish", "2026-07-18 10:00").state == "met"
    assert {d.clause.rpartition(".")[2]: d.state for d in Duty.objects.all()} == {
        "draft": "met", "finance": "met", "review": "late", "publish": "met",
    }  # fmt: skip
    assert len(set(Duty.objects.values_list("matter_id", flat=True))) == 1
    rebuilt_alike()


def test_a_new_project_has_one_more_step_and_a_return_begins_again(cast: Cast, house: House) -> None:
    cast.community.handed_over_on = date(2026, 5, 1)
    cast.community.save()
    house(lines(CHAIN))
    press(cast, "draft", "2026-07-08 10:00")
    press(cast, "finance", "2026-07-08 11:00")
    press(cast, "review", "2026-07-08 12:00", result="returned")
    assert open_steps() == {"draft"}
    press(cast, "draft", "2026-07-20 10:00")
    again = Duty.objects.open().get(clause="some.clause.review")
    assert (again.short, again.due_at) == (True, local("2026-07-20 10:00"))
    press(cast, "review", "2026-07-20 10:00")
    press(cast, "finance", "2026-07-20 11:00")
    assert open_steps() == {"quality"}
    rebuilt_alike()


def test_a_first_step_cannot_be_returned_and_a_step_is_not_attested(cast: Cast, house: House) -> None:
    house(lines(CHAIN))
    with time_machine.travel(local(NOON), tick=False):
        draft = Duty.objects.get()
        with pytest.raises(Refused, match="通过"):
            proofs.sign(draft.pk, actor=cast.actor(cast.bob), words="退", file=PHOTO, result="returned")
        with pytest.raises(Refused, match="签署"):
            proofs.attest(draft.pk, actor=cast.actor(cast.bob), words="好", file=PHOTO)


# --- draws --------------------------------------------------------------------------------------------------------

DRAW = 'every = "quarter"\ndraw = { share = "20%", of = "order:finished", by = "public" }'


def finished(cast: Cast, day: date, count: int, *, public: bool) -> list[str]:
    made = []
    for n in range(count):
        matter = Matter(cast.community.pk)
        matter.tell("order:finished", when=local(f"{day} 10:00") + timedelta(minutes=n), public=public)
        made.append(str(matter.pk))
    return made


def test_a_fifth_of_every_kind_is_drawn_each_monday_and_anybody_can_draw_it_again(
    cast: Cast, house: House
) -> None:
    house(lines(DRAW))
    inside = finished(cast, date(2026, 7, 7), 7, public=False)
    outside = finished(cast, date(2026, 7, 8), 3, public=True)
    pass_time(local("2026-07-13 00:10"))
    drawn = {str(d.matter_id) for d in Duty.objects.all()}
    assert (len(drawn & set(inside)), len(drawn & set(outside))) == (2, 1)
    finished(cast, date(2026, 7, 14), 4, public=False)
    pass_time(local("2026-07-20 00:10"))
    assert Duty.objects.count() == 4  # 20% of eleven is three; of three is one
    for entry in Entry.objects.filter(verb="quota:drawn"):
        fact = fact_of(entry.pk)
        assert fact is not None
        assert draws.recompute(fact, book()) == str(fact.data["ids"]).split()
    with time_machine.travel(local("2026-07-20 10:00"), tick=False):
        duty = Duty.objects.first()
        assert duty is not None
        proofs.attest(duty.pk, actor=cast.actor(cast.alice), words="已回访，满意", file=PHOTO)
    pass_time(local("2026-10-02 08:00"))
    assert sorted(Duty.objects.values_list("state", flat=True)) == ["breached"] * 3 + ["met"]
    rebuilt_alike()


def test_two_mondays_at_once_are_drawn_as_if_one_by_one(cast: Cast, house: House) -> None:
    house(lines(DRAW))
    finished(cast, date(2026, 7, 7), 6, public=False)
    finished(cast, date(2026, 7, 14), 4, public=False)
    pass_time(local("2026-07-21 00:10"))
    draws_made = Entry.objects.filter(verb="quota:drawn").order_by("id")
    assert [e.data["drawn"] for e in draws_made] == [
        "False:2",
        "False:0",
    ]  # 20% of six is two, and of ten too
    assert Duty.objects.count() == 2


def test_the_same_seed_and_list_give_the_same_choice_in_any_order() -> None:
    items = [f"item{n}" for n in range(50)]
    assert draws.choose("0622", items, 5) == draws.choose("0622", reversed(items), 5)
    assert draws.choose("0622", items, 5) != draws.choose("0623", items, 5)
    assert set(draws.choose("0622", items[:40], 5)) & set(draws.choose("0622", items, 5))
    assert draws.choose("0622", items, -1) == []


def test_a_surprise_is_hidden_from_those_who_are_checked(cast: Cast, house: House) -> None:
    house(lines('every = "month"\ncount = 1\nsurprise = true', owner="cs_supervisor"))
    pass_time(local("2026-07-31 23:00"))
    duty = Duty.objects.get()
    assert Duty.objects.visible_to(cast.actor(cast.alice)).exists()
    assert not Duty.objects.visible_to(cast.actor(cast.bob)).exists()
    with time_machine.travel(local("2026-07-31 23:30"), tick=False):
        proofs.log(duty.pk, actor=cast.actor(cast.alice), words="查岗", file=PHOTO)
    assert Duty.objects.visible_to(cast.actor(cast.bob)).exists()
    rebuilt_alike()


# --- tasks and occasions ------------------------------------------------------------------------------------------


def test_a_task_by_hand_is_a_duty_of_whoever_gets_it(cast: Cast, house: House) -> None:
    house(
        lines(
            'after = "task:given"\ndue = "fact.due"\nclock = "elapsed"\nuntil = "task:done"\nvoid = "task:withdrawn"',
            owner="owner",
        )
    )
    alice, bob, wen = (cast.actor(who) for who in (cast.alice, cast.bob, cast.wen))
    due = local("2026-07-02 17:00")
    with time_machine.travel(local(NOON), tick=False):
        with pytest.raises(NotAllowed):
            occasions.give(cast.community.pk, actor=bob, words="擦窗", owner_id=cast.wen.pk, due=due)
        with pytest.raises(Refused, match="以后"):
            occasions.give(
                cast.community.pk,
                actor=alice,
                words="擦窗",
                owner_id=cast.wen.pk,
                due=local("2026-06-30 08:00"),
            )
        first, second = (
            occasions.give(cast.community.pk, actor=alice, words=words, owner_id=cast.wen.pk, due=due)
            for words in ("擦窗", "换灯")
        )
        duty = Duty.objects.get(matter_id=first.pk)
        assert (duty.owner_id, duty.due_at) == (cast.wen.pk, due)
        with pytest.raises(NotAllowed):
            occasions.finish(first.pk, actor=bob)
        proofs.delegate(duty.pk, actor=alice, to=cast.bob.pk)
        occasions.finish(first.pk, actor=bob)
        occasions.withdraw(second.pk, actor=alice)
        with pytest.raises(Refused, match="已经结束"):
            occasions.finish(second.pk, actor=wen)
    assert {d.matter_id: (d.state, d.proof) for d in Duty.objects.all()} == {
        first.pk: ("met", "hand"), second.pk: ("void", ""),
    }  # fmt: skip
    assert Task.objects.filter(ended_at=None).count() == 0
    rebuilt_alike()


def test_an_occasion_noted_by_hand_is_closed_by_hand(cast: Cast, house: House) -> None:
    house(
        lines('after = "occasion:noted"\nwhere = { kind = "key" }\nwithin = "P0D"\nuntil = "occasion:closed"')
    )
    bob = cast.actor(cast.bob)
    with time_machine.travel(local(NOON), tick=False):
        with pytest.raises(Refused, match="没有这种事由"):
            occasions.note(cast.community.pk, "dream", actor=bob)
        lent = occasions.note(cast.community.pk, "key", actor=bob, unit_id=cast.unit.pk, words="水电工")
        occasions.close(lent.pk, actor=bob)
        with pytest.raises(Refused, match="已经了结"):
            occasions.close(lent.pk, actor=bob)
        with pytest.raises(NotFound):
            occasions.close(lent.pk, actor=cast.actor(cast.charlie))
    assert [(d.state, d.proof, d.unit_id) for d in Duty.objects.all()] == [("met", "hand", cast.unit.pk)]
    rebuilt_alike()
