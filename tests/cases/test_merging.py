"""One matter reported twice: found as similar, merged into one, forgotten by nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shouwen.cases import actions
from shouwen.cases.merging.actions import kept_of, merge
from shouwen.cases.merging.similar import Likeness, similar
from shouwen.cases.models import Case, State
from shouwen.duties.models import Duty
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound, Refused, Stale
from shouwen.works import actions as works
from shouwen.works.models import Order
from shouwen.works.models import State as Work
from tests.cases.test_actions import take, verbs
from tests.cast import Cast, make_cast, make_unit
from tests.portal.conftest import Browser, browser  # noqa: F401
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def repair(cast: Cast, title: str = "电梯停了", category: str = "lamp", **changes: object) -> Case:
    return take(cast, cast.bob, **({"kind": "repair", "category": category, "title": title} | changes))


def test_similar_are_open_matters_of_the_building_in_the_last_days(cast: Cast) -> None:
    bob, same = cast.actor(cast.bob), make_unit(cast.community, "3-2-0101")
    away = make_unit(cast.community, "5-1-0101")
    case = repair(cast, "三栋电梯停了，里面没人", unit_id=same.pk)
    repair(cast, "三栋电梯停了", unit_id=away.pk)  # another building
    repair(cast, "厨房水槽漏水", category="leak", unit_id=same.pk)  # another matter
    take(cast, cast.bob, kind="complaint", category="noise", title="三栋电梯停了")  # another kind
    like = Likeness(cast.community.pk, "repair", "door", "三栋电梯又停了", cast.unit.pk)
    assert similar(bob, like) == [case]
    assert similar(cast.actor(cast.charlie), like) == []
    assert similar(bob, Likeness(cast.community.pk, "repair", "door", "对讲没声音", cast.unit.pk)) == []
    Case.objects.filter(pk=case.pk).update(opened_at=clock.now() - timedelta(days=15))
    assert similar(bob, like) == []


def test_similar_ones_of_the_same_home_need_only_the_category(cast: Cast) -> None:
    bob, case = cast.actor(cast.bob), take(cast, cast.bob)
    public = take(cast, cast.bob, title="电梯里有异味", unit_id=None, space_id=cast.space.pk)
    like = Likeness(cast.community.pk, "inquiry", "fee", "", cast.unit.pk)
    assert similar(bob, like) == [case]
    about = Likeness(cast.community.pk, "inquiry", "idea", "电梯里有异味，很重", cast.unit.pk)
    assert similar(bob, about) == [public]
    assert similar(bob, Likeness.of(case)) == []
    actions.answer(case.pk, actor=bob, words="好", on_the_spot=True)
    assert similar(bob, like) == []


def test_a_merged_case_is_closed_and_owes_nothing(cast: Cast) -> None:
    kept, twice = repair(cast), repair(cast, unit_id=make_unit(cast.community, "3-1-1301").pk)
    case = merge(twice.pk, actor=cast.actor(cast.bob), into=kept.pk, version=twice.version)
    assert (case.state, case.merged_into_id) == (State.MERGED, kept.pk)
    assert case.closed_at
    assert verbs(twice) == ["case:registered", "order:opened", "case:merged", "order:cancelled"]
    assert verbs(kept)[-1] == "case:joined"
    assert Order.objects.get(case=twice).state == Work.CANCELLED
    ended = Duty.objects.filter(matter_id=twice.pk)
    assert ended
    assert {d.state for d in ended} == {Duty.State.VOID}
    assert Duty.objects.open().filter(matter_id=kept.pk).exists()
    with pytest.raises(Refused):
        actions.note(twice.pk, actor=cast.actor(cast.bob), words="还没好")


def test_what_was_merged_earlier_goes_along(cast: Cast) -> None:
    first, second, third = repair(cast), repair(cast), repair(cast)
    bob = cast.actor(cast.bob)
    merge(third.pk, actor=bob, into=second.pk)
    merge(second.pk, actor=bob, into=first.pk)
    assert list(first.merged.order_by("pk")) == [second, third]
    assert kept_of(first, third.number, bob) == first.pk


def test_a_merge_is_refused_with_its_reason(cast: Cast) -> None:
    bob, kept, case = cast.actor(cast.bob), repair(cast), repair(cast)
    other = take(cast, cast.bob)
    done = take(cast, cast.bob)
    actions.answer(done.pk, actor=bob, words="好", on_the_spot=True)
    for one, into, why in (
        (case, case, "不能并入自己"),
        (case, other, "只能并入同一类型"),
        (other, done, "已经办完或关闭"),
    ):
        with pytest.raises(Refused, match=why):
            merge(one.pk, actor=bob, into=into.pk)
    with pytest.raises(NotFound):
        merge(case.pk, actor=cast.actor(cast.wen), into=kept.pk)
    with pytest.raises(NotFound):
        merge(case.pk, actor=cast.actor(cast.charlie), into=kept.pk)
    with pytest.raises(Stale):
        merge(case.pk, actor=bob, into=kept.pk, version=9)
    works.assign(Order.objects.get(case=case).pk, actor=bob, technician_id=cast.wen.pk)
    with pytest.raises(Refused, match="派工单已经派出"):
        merge(case.pk, actor=bob, into=kept.pk)
    merge(kept.pk, actor=bob, into=case.pk)  # the one that runs may be the one that goes on


def test_who_is_complained_of_never_reads_it_in_another_case(cast: Cast) -> None:
    plain = take(cast, cast.alice, kind="complaint", category="attitude", title="前台态度差")
    about = take(
        cast, cast.alice, kind="complaint", category="attitude", title="前台态度差", about_id=cast.bob.pk
    )
    with pytest.raises(Refused, match="被投诉的人不同"):
        merge(about.pk, actor=cast.actor(cast.alice), into=plain.pk)
    with pytest.raises(Refused, match="没有单号"):
        kept_of(plain, about.number, cast.actor(cast.bob))


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_merge_into_each_other_and_one_case_stays_open(transactional_db: None) -> None:
    cast = make_cast()
    one, other = repair(cast), repair(cast)
    pairs = [(one, other), (other, one)]
    staff = [cast.actor(cast.bob), cast.actor(cast.alice)]
    told = at_once(2, lambda n: merge(pairs[n][0].pk, actor=staff[n], into=pairs[n][1].pk))
    (no,) = [result for result in told if isinstance(result, Exception)]
    assert isinstance(no, Refused)
    assert sorted(Case.objects.values_list("state", flat=True)) == [State.MERGED, State.RECEIVED]
