"""What residents see and do through the actions: their own matters, their home's repairs, for the time they live there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from psycopg.types.range import DateRange

from shouwen.cases import actions
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case, FollowUp, Note, State
from shouwen.estate.models import Occupancy, Person
from shouwen.kernel import clock
from shouwen.kernel.deliveries import deliver
from shouwen.kernel.flow import Move
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.notices.models import Notice
from shouwen.people.rights import HOME, HOME_RIGHTS
from shouwen.people.viewers import ResidentActor
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cases.test_actions import take, verbs
from tests.cast import Cast, make_owner, make_person, make_unit

pytestmark = pytest.mark.django_db
REPAIR = {"kind": "repair", "category": "leak", "title": "厨房漏水"}


def live_in(
    cast: Cast, name: str, role: str, since: date = date(2021, 1, 1), until: date | None = None
) -> Person:
    person = make_person(cast.community, name)
    Occupancy.objects.create(
        community=cast.community, unit=cast.unit, person=person, role=role, during=DateRange(since, until)
    )
    return person


def me(person: Person) -> ResidentActor:
    return ResidentActor.of(person)


def seen(person: Person) -> set[str]:
    return set(Case.objects.visible_to(me(person)).values_list("title", flat=True))


def report(cast: Cast, person: Person, **changes: object) -> Case:
    given = REPAIR | {
        "community_id": cast.community.pk, "unit_id": cast.unit.pk, "person_id": person.pk, "channel": "portal",
    } | changes  # fmt: skip
    return Case.objects.get(pk=register(Intake(**given), actor=me(person)).pk)  # type: ignore[arg-type]


def finished(cast: Cast, case: Case) -> Case:
    """Repaired by Wen, waiting for the household's word."""
    order, wen = Order.objects.get(case=case), cast.actor(cast.wen)
    works.claim(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    works.finish(order.pk, actor=wen, result="换了角阀", confirmed_by="本人")
    return Case.objects.get(pk=case.pk)


# --- what they see --------------------------------------------------------------------------------------------------


def test_the_table_of_roles_names_known_rights_and_every_role() -> None:
    assert set(HOME) == set(Occupancy.Role.values)
    assert {code for codes in HOME.values() for code in codes.split()} == set(HOME_RIGHTS)


@pytest.mark.parametrize("role", sorted(HOME))
def test_the_household_sees_repairs_and_each_their_own_words(cast: Cast, role: str) -> None:
    Occupancy.objects.filter(person=cast.mei).update(role="co_owner")
    person = live_in(cast, "某某", role)
    take(cast, cast.bob, **REPAIR, person_id=cast.mei.pk)
    take(cast, cast.bob, kind="complaint", category="noise", title="楼上太吵", person_id=cast.mei.pk)
    take(cast, cast.bob, title="物业费怎么算", person_id=cast.mei.pk)
    take(cast, cast.bob, kind="complaint", category="noise", title="我自己的投诉", person_id=person.pk)
    take(cast, cast.bob, title="没写是谁问的")
    own = {"我自己的投诉"}
    assert seen(person) == (own | {"厨房漏水"} if "home.repairs" in HOME[role] else own)


def test_a_neighbour_and_another_community_see_nothing(cast: Cast) -> None:
    take(cast, cast.bob, **REPAIR, person_id=cast.mei.pk)
    neighbour, far = make_person(cast.community, "邻居"), make_person(cast.other, "外人")
    make_owner(make_unit(cast.community, "3-1-1202"), neighbour)
    make_owner(make_unit(cast.other, "9-1-0101"), far)
    assert seen(neighbour) == seen(far) == set()
    assert seen(make_person(cast.community, "没有房的人")) == set()


def test_a_new_tenant_does_not_see_what_was_before_them(cast: Cast) -> None:
    with clock.standing_at(clock.now() - timedelta(days=40)):
        take(cast, cast.bob, **REPAIR, person_id=cast.mei.pk)
    late = live_in(cast, "新租客", "tenant", since=clock.today() - timedelta(days=10))
    assert seen(late) == set()
    take(cast, cast.bob, **(REPAIR | {"title": "今天又漏"}))
    assert seen(late) == {"今天又漏"}


def test_who_moved_out_sees_nothing_more(cast: Cast) -> None:
    gone = live_in(cast, "旧租客", "tenant", until=clock.today())
    take(cast, cast.bob, **REPAIR, person_id=gone.pk)
    assert me(gone).stays == ()
    assert seen(gone) == set()


def test_no_other_list_of_the_house_opens_to_a_resident(cast: Cast) -> None:
    """A queryset that was not written for residents shows them nothing."""
    from django.apps import apps

    take(cast, cast.bob, **REPAIR, person_id=cast.mei.pk)
    viewer = me(cast.mei)
    for model in apps.get_models():
        rows = getattr(model._default_manager, "visible_to", None)
        if rows and model is not Case:
            assert not rows(viewer).exists(), model.__name__


# --- what they do ---------------------------------------------------------------------------------------------------


def test_a_report_enters_like_any_other(cast: Cast) -> None:
    case = report(cast, cast.mei)
    assert (case.first_responder, case.handler, case.channel) == (cast.alice, None, "portal")
    entry = Entry.objects.get(verb="case:registered")
    assert (entry.actor_kind, entry.actor_id) == ("resident", cast.mei.pk)
    assert Order.objects.filter(case=case, state="pool").exists()
    deliver()
    assert Notice.objects.get(code="resident.registered").staff == cast.alice


def test_a_report_is_about_ones_own_home_in_ones_own_name(cast: Cast) -> None:
    next_door = make_unit(cast.community, "3-1-1202")
    far = make_unit(cast.other, "9-1-0101")
    for wrong in (
        {"unit_id": next_door.pk},
        {"unit_id": far.pk},
        {"person_id": None},
        {"person_id": make_person(cast.community, "别人").pk},
    ):
        with pytest.raises(NotFound):
            report(cast, cast.mei, **wrong)
    with pytest.raises(NotAllowed):
        report(cast, cast.mei, community_id=cast.other.pk)
    assert report(cast, cast.mei, unit_id=None, space_id=cast.space.pk).place == "3 栋大堂"


def test_urging_is_heard_and_not_twice_in_half_an_hour(cast: Cast) -> None:
    start = clock.now() - timedelta(minutes=70)
    with clock.standing_at(start):
        case = report(cast, cast.mei)
        with pytest.raises(Refused, match="30 分钟"):
            actions.urge(case.pk, actor=me(cast.mei))
    with clock.standing_at(start + timedelta(minutes=31)):
        actions.urge(case.pk, actor=me(cast.mei), words="水流到客厅了")
    again = actions.urge(case.pk, actor=me(cast.mei))
    with pytest.raises(Refused, match="30 分钟"):
        actions.urge(case.pk, actor=me(cast.mei))
    assert (again.urges, verbs(case).count("case:urged")) == (2, 2)
    actions.urge(case.pk, actor=cast.actor(cast.bob))  # the desk passes on what it hears at any time
    deliver()
    assert Notice.objects.filter(code="case.urged", staff=cast.alice).count() == 3
    assert Note.objects.get(words="水流到客厅了").kind == Note.Kind.SAID


def test_added_words_are_the_households(cast: Cast) -> None:
    case = report(cast, cast.mei)
    actions.say(case.pk, actor=me(cast.mei), words="晚上才在家")
    note = Note.objects.get(case=case)
    assert (note.kind, note.staff) == (Note.Kind.SAID, None)
    with pytest.raises(Refused):
        actions.say(case.pk, actor=me(cast.mei), words=" ")
    deliver()
    assert Notice.objects.filter(code="resident.said", staff=cast.alice).exists()


def test_the_households_yes_closes_and_no_call_is_owed(cast: Cast) -> None:
    from shouwen.duties.models import Duty

    case = finished(cast, report(cast, cast.mei))
    assert case.state == State.DONE
    actions.confirm(case.pk, actor=me(cast.mei), satisfied=True, words="很快")
    case.refresh_from_db()
    assert (case.state, case.satisfied) == (State.SATISFIED, True)
    attempt = FollowUp.objects.get(case=case)
    assert (attempt.staff, attempt.outcome, attempt.satisfied, attempt.words) == (
        None,
        "reached",
        True,
        "很快",
    )
    assert Duty.objects.get(matter_id=case.pk, clause="follow_up").state == Duty.State.MET
    assert verbs(case)[-2:] == ["case:confirmed", "case:satisfied"]


def test_the_households_no_begins_again(cast: Cast) -> None:
    case = finished(cast, report(cast, cast.mei))
    actions.confirm(case.pk, actor=me(cast.mei), satisfied=False, words="还在滴")
    case.refresh_from_db()
    assert (case.state, case.reopened) == (State.RECEIVED, 1)
    assert Order.objects.filter(case=case).count() == 2


def test_the_family_confirms_a_repair_the_shop_assistant_does_not(cast: Cast) -> None:
    case = finished(cast, report(cast, cast.mei))
    with pytest.raises(NotFound):
        actions.confirm(case.pk, actor=me(live_in(cast, "店员", "employee")), satisfied=True)
    actions.confirm(case.pk, actor=me(live_in(cast, "女儿", "family")), satisfied=True)


def test_residents_have_no_other_move_and_staff_not_theirs(cast: Cast) -> None:
    from shouwen.cases.flow import CASE

    case = report(cast, cast.mei)
    allowed = {m.name for m in CASE.moves if not isinstance(_refused(case, m, me(cast.mei)), NotAllowed)}
    assert allowed == {"say", "confirm", "urge", "promise"}
    for name in ("say", "confirm"):
        move = CASE[name]
        finished_case = Case(state=move.sources[-1], community_id=cast.community.pk)
        no = CASE.refusal(move, finished_case, cast.actor(cast.bob))
        assert no is not None
        assert no.code == "case.residents_own"


def _refused(case: Case, move: Move, actor: ResidentActor) -> Refused | None:
    from shouwen.cases.flow import CASE

    return CASE.refusal(move, case, actor)
