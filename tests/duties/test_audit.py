"""抽查: a sample that can be drawn again, one finding for each duty, corrections that are duties."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shouwen.duties import audit_actions
from shouwen.duties.models import Audit, Duty, Finding
from shouwen.kernel import clock
from shouwen.kernel.ids import first_id, uuid7
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from tests.cast import Cast, make_staff

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 7, 1), date(2026, 7, 31)


def ended(cast: Cast, count: int, **more: Any) -> list[Duty]:
    """Duties of July that ended two hours ago."""
    now = clock.now()
    with clock.standing_at(now - timedelta(hours=2)):
        given: dict[str, Any] = {
            "community": cast.community, "clause": "follow_up", "clause_version": 1, "calendar_version": 1,
            "matter_kind": "duty", "owner_role": "follow_up_by", "state": "met", "span": "P1D", "budget": 3600,
            "born_at": now - timedelta(days=60), "due_at": clock.start_of_day(date(2026, 7, 20)), "ended_at": clock.now(),
        }  # fmt: skip
        given["ended_by"] = first_id(clock.now())
        keys = ("id", "matter_id", "entry_id")
        rows = [Duty(**{**given, **{key: uuid4() for key in keys}, **more}) for _ in range(count)]
    return Duty.objects.bulk_create(rows)


def draw(cast: Cast, **more: Any) -> Audit:
    given = {"clause": "follow_up", "first": FIRST, "last": LAST, "size": 5, "seed": "7"} | more
    return audit_actions.draw(cast.community.pk, actor=cast.actor(cast.alice), **given)


def test_the_sample_is_on_record_and_drawn_again_alike(cast: Cast) -> None:
    ended(cast, 40)
    audit = draw(cast)
    fact = Entry.objects.get(verb="audit:drawn")
    assert fact.data["ids"].split() == [str(key) for key in audit.ids]
    assert (fact.data["seed"], fact.data["pool"], len(audit.ids)) == ("7", 40, 5)
    assert draw(cast).ids == audit.ids
    assert draw(cast, seed="8").ids != audit.ids
    ended(cast, 1, ended_by=uuid7())  # what ended since is not in the pool of then
    assert audit_actions.drawn_again(audit) == audit.ids


def test_a_lapse_that_is_written_later_does_not_change_the_sample(cast: Cast) -> None:
    """The sweep dates a lapse back to the end of its period, whenever it comes by."""
    ended(cast, 3)
    audit = draw(cast, size=50)
    ended(cast, 5, state="breached", ended_by=uuid7())
    assert (audit.pool, audit_actions.drawn_again(audit)) == (3, audit.ids)


def test_only_what_fell_due_there_has_ended_and_is_about_nobody_is_drawn(cast: Cast) -> None:
    mine = {d.pk for d in ended(cast, 2)}
    ended(cast, 1, clause="case.redo")
    ended(cast, 1, due_at=clock.start_of_day(date(2026, 8, 1)))
    ended(cast, 1, state="void")
    ended(cast, 1, state="open", ended_at=None, ended_by=None)
    ended(cast, 1, about_id=cast.bob.pk)
    ended(cast, 1, community=cast.other)
    assert set(draw(cast, size=50).ids) == mine
    assert draw(cast, size=50, clause="").pool == 3


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"clause": "nothing"}, "audit.clause"), ({"first": date(2026, 8, 1)}, "audit.days"),
        ({"first": date(2024, 1, 1)}, "audit.days"), ({"size": 0}, "audit.size"), ({"size": 51}, "audit.size"),
        ({"clause": "case.redo"}, "audit.empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(cast: Cast, more: dict[str, Any], code: str) -> None:
    ended(cast, 2)
    with pytest.raises(Refused) as refused:
        draw(cast, **more)
    assert refused.value.code == code
    assert not Audit.objects.exists()


def test_a_finding_is_made_once_and_may_give_a_correction(cast: Cast) -> None:
    ended(cast, 3)
    audit, alice = draw(cast, size=2), cast.actor(cast.alice)
    good, bad = audit.ids
    audit_actions.find(audit.pk, good, actor=alice, passed=True)
    due = clock.now() + timedelta(days=2)
    finding = audit_actions.find(
        audit.pk, bad, actor=alice, passed=False, words="没有录音", owner_id=cast.bob.pk, due=due
    )
    duty = Duty.objects.get(matter_kind="task")
    assert finding.task is not None
    assert (duty.matter_id, duty.owner_id, finding.task.words) == (finding.task.pk, cast.bob.pk, "没有录音")
    with pytest.raises(Refused) as refused:
        audit_actions.find(audit.pk, bad, actor=alice, passed=True)
    assert refused.value.code == "audit.found"
    assert Finding.objects.count() == 2
    assert Entry.objects.filter(verb="audit:found").count() == 2


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"passed": False}, "audit.words"),
        ({"passed": False, "words": "缺", "owner_id": 1}, "audit.correction"),
        ({"passed": True, "owner_id": 1, "due": clock.now()}, "audit.correction"),
    ],
)
def test_a_finding_that_says_too_little_is_refused(cast: Cast, more: dict[str, Any], code: str) -> None:
    ended(cast, 1)
    audit = draw(cast)
    with pytest.raises(Refused) as refused:
        audit_actions.find(audit.pk, audit.ids[0], actor=cast.actor(cast.alice), **more)
    assert refused.value.code == code
    assert not Finding.objects.exists()


def test_nobody_judges_their_own_duty(cast: Cast) -> None:
    ended(cast, 1, owner_id=cast.alice.pk)
    audit = draw(cast)
    with pytest.raises(Refused) as refused:
        audit_actions.find(audit.pk, audit.ids[0], actor=cast.actor(cast.alice), passed=True)
    assert refused.value.code == "audit.own"


def test_an_audit_takes_the_right_and_the_community(cast: Cast) -> None:
    ended(cast, 1)
    audit = draw(cast)
    quality = cast.actor(make_staff("qin", "秦质检", "quality_dept", cast.community))
    audit_actions.find(audit.pk, audit.ids[0], actor=quality, passed=False, words="缺照片")
    with pytest.raises(NotAllowed):
        audit_actions.find(audit.pk, audit.ids[0], actor=cast.actor(cast.bob), passed=True)
    for call in (
        lambda: audit_actions.find(audit.pk, audit.ids[0], actor=cast.actor(cast.charlie), passed=True),
        lambda: audit_actions.find(audit.pk, uuid4(), actor=quality, passed=True),
        lambda: audit_actions.draw(cast.other.pk, actor=quality, clause="", first=FIRST, last=LAST, size=1),
    ):
        with pytest.raises(NotFound):
            call()


def test_an_audit_that_is_judged_whole_proves_the_quarter_of_whoever_judged_it(cast: Cast) -> None:
    """E-1.5.6: of each post that all who judged it hold; who only helped does not prove it for their own department."""
    quality = make_staff("qin", "秦质检", "quality_dept", cast.community)
    runner = make_staff("shen", "沈运行", "operations_dept", cast.community)
    ended(cast, 2)
    mixed = draw(cast, size=2)
    for duty, judge in zip(mixed.ids, (quality, runner), strict=True):
        audit_actions.find(mixed.pk, duty, actor=cast.actor(judge), passed=True)
    ours = draw(cast, size=2)
    audit_actions.find(ours.pk, ours.ids[0], actor=cast.actor(quality), passed=True)
    assert Entry.objects.filter(verb="audit:settled").count() == 1
    audit_actions.find(ours.pk, ours.ids[1], actor=cast.actor(quality), passed=False, words="没有录音")
    facts = Entry.objects.filter(verb="audit:settled").order_by("id")
    assert [f.data.get("post") for f in facts] == [None, "quality_dept"]
    assert (facts[1].data["clause"], facts[1].data["passed"], facts[1].data["failed"]) == ("follow_up", 1, 1)
