"""Flow: the table of moves decides, for every state, move and role; the frame around a move keeps it whole."""

from __future__ import annotations

import itertools

import pytest
from django.utils.translation import gettext_lazy as _

from shouwen.cases import actions
from shouwen.cases.flow import CASE
from shouwen.cases.forms import FORMS as CASE_FORMS
from shouwen.cases.models import Case
from shouwen.kernel.flow import Flow, Move, every
from shouwen.kernel.journal import verb
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused, Stale, refusal_codes
from shouwen.people.rights import RIGHTS
from shouwen.works.flow import ORDER
from shouwen.works.forms import FORMS as ORDER_FORMS
from tests.cases.test_actions import take
from tests.cast import Cast
from tests.threads import at_once

FLOWS = {"case": (CASE, CASE_FORMS), "order": (ORDER, ORDER_FORMS)}
# Pressed in the suggestion strip, not among the moves.
BESIDE = {("case", "decline")}
EVERY = [(name, move) for name, (flow, _forms) in FLOWS.items() for move in flow.moves]


@pytest.mark.parametrize(("name", "move"), EVERY, ids=lambda x: x if isinstance(x, str) else x.name)
def test_every_move_has_an_action_a_right_a_fact_and_a_form(name: str, move: Move) -> None:
    flow, forms = FLOWS[name]
    assert move.name in flow.actions
    assert move.right in RIGHTS
    assert verb(move.fact)
    assert move.hidden or move.name in forms, "a button without a form"
    if (name, move.name) not in BESIDE:
        assert not (move.hidden and move.name in forms), "a door to a move that only other moves make"


@pytest.mark.parametrize("name", FLOWS)
def test_no_two_moves_of_a_state_share_a_key(name: str) -> None:
    flow, _forms = FLOWS[name]
    for state in flow.states:
        shown = [m for m in flow.moves if state in m.sources and not m.hidden and m.key]
        for one, other in itertools.combinations(shown, 2):
            # Two moves may share a key only if their guards exclude each other.
            assert one.key != other.key or (one.when and other.when), (state, one.name, other.name)


@pytest.mark.parametrize("name", FLOWS)
def test_every_open_state_can_be_left_and_every_state_be_reached(name: str) -> None:
    flow, _forms = FLOWS[name]
    first = next(iter(flow.states))
    reached = {first} | {m.target for m in flow.moves if m.target}
    bodies = {"case": {"satisfied"}, "order": set()}[name]  # set by the body of a move: follow_up
    assert set(flow.states) == reached | bodies


def test_an_unknown_state_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        Flow(
            model=Case,
            states={"a": "A"},
            moves=(Move("go", _("去"), ("nowhere",), None, "case.see", "case:noted"),),
        )


def test_an_unknown_move_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        CASE["fly"]


def test_every_leaves_out_what_it_is_told() -> None:
    assert every(["a", "b", "c"], but=["b"]) == ("a", "c")


def test_the_diagram_shows_every_way_to_another_state() -> None:
    diagram = CASE.diagram()
    assert diagram.startswith("stateDiagram-v2")
    assert diagram.count("-->") == sum(
        bool(m.target) and m.target != source for m in CASE.moves for source in m.sources
    )


# --- state x move x role --------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("state", [str(s) for s in CASE.states])
def test_the_table_decides_for_every_state_move_and_role(cast: Cast, state: str) -> None:
    case = take(cast, cast.bob)
    kept = take(cast, cast.bob, title="另一件") if state == "merged" else None
    Case.objects.filter(pk=case.pk).update(state=state, merged_into=kept)
    case.refresh_from_db()
    roles = [cast.actor(s) for s in (cast.alice, cast.bob, cast.wen, cast.charlie)]
    for move, actor in itertools.product(CASE.moves, roles):
        refusal = CASE.refusal(move, case, actor)
        if not actor.may(move.right, case.community_id):
            assert isinstance(refusal, NotAllowed)
        elif state not in move.sources:
            assert refusal is not None
            assert refusal.code == "wrong_state"
        else:
            guards = [code for guard in move.when if (code := guard(case, actor))]
            assert (refusal.code if refusal else None) == (guards[0] if guards else None)
            assert set(guards) <= refusal_codes()
        if refusal is not None:
            assert str(refusal) != refusal.code, "a refusal without a sentence"
            assert "{" not in str(refusal)


@pytest.mark.django_db
def test_only_what_one_may_do_is_offered_and_what_a_guard_forbids_is_grey(cast: Cast) -> None:
    case = take(cast, cast.bob)
    offered = {move.name: no and no.code for move, no in CASE.offered(case, cast.actor(cast.bob))}
    assert "close_unconfirmed" not in offered
    assert offered["answer"] is None
    assert CASE.offered(case, cast.actor(cast.charlie)) == []


# --- the frame around a move ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_move_writes_state_version_and_fact_at_once(cast: Cast) -> None:
    case = take(cast, cast.bob)
    after = actions.answer(case.pk, actor=cast.actor(cast.bob), words="每月 2.8 元")
    row = Case.objects.get(pk=case.pk)
    assert (row.state, row.version) == (after.state, after.version) == ("done", case.version + 1)
    entry = Entry.objects.get(matter_id=case.pk, verb="case:answered")
    assert (entry.was, entry.now, entry.actor_id) == ("received", "done", cast.bob.pk)


@pytest.mark.django_db
def test_a_stale_write_is_refused_with_the_newest_row(cast: Cast) -> None:
    case = take(cast, cast.bob)
    actions.note(case.pk, actor=cast.actor(cast.alice), words="先到")
    with pytest.raises(Stale) as refusal:
        actions.note(case.pk, actor=cast.actor(cast.bob), version=case.version, words="后到")
    assert refusal.value.status == 409
    assert (refusal.value.version, refusal.value.row.version) == (1, 2)
    assert Entry.objects.filter(matter_id=case.pk, verb="case:noted").count() == 1


@pytest.mark.django_db
def test_a_row_that_one_cannot_see_does_not_exist(cast: Cast) -> None:
    case = take(cast, cast.bob)
    with pytest.raises(NotFound):
        actions.note(case.pk, actor=cast.actor(cast.charlie), words="x")
    assert not Entry.objects.filter(matter_id=case.pk, verb="case:noted").exists()


@pytest.mark.django_db
def test_a_refusal_in_the_body_takes_the_whole_move_back(cast: Cast) -> None:
    case = take(cast, cast.bob)
    with pytest.raises(Refused):
        actions.answer(case.pk, actor=cast.actor(cast.bob), words="  ")
    row = Case.objects.get(pk=case.pk)
    assert (row.state, row.version, row.answered_at) == ("received", 1, None)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_one_wins_and_one_is_told(cast: Cast) -> None:
    case = take(cast, cast.bob)
    actors = [cast.actor(cast.alice), cast.actor(cast.bob)]
    said = ["按建筑面积", "按套内面积"]
    answers = at_once(
        2,
        lambda n: actions.answer(
            case.pk, actor=actors[n], version=case.version, words=said[n], on_the_spot=True
        ),
    )
    assert sorted(type(a).__name__ for a in answers) == ["Case", "Stale"]
    assert Entry.objects.filter(matter_id=case.pk, verb="case:answered").count() == 1
