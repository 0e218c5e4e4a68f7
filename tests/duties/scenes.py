"""Occasions that bear the dated duties of the manuals, and the ways in which people end them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import time_machine
from psycopg.types.range import DateRange

from shouwen.duties import audit_actions as audits
from shouwen.duties import days, rulings
from shouwen.duties import occasion_actions as occasions
from shouwen.duties import proof_actions as proofs
from shouwen.duties.models import Duty, Policy
from shouwen.estate.models import Occupancy, Person, Unit
from shouwen.kernel.files import Prepared
from shouwen.kernel.ids import first_id
from shouwen.people.models import Staff
from shouwen.people.viewers import StaffActor
from tests.cast import Cast, make_staff
from tests.duties.facts import Matter, local, pass_time, registered, started

PHOTO = Prepared("现场.jpg", "image/jpeg", b"photo")
NOW = "2026-07-22 10:00"
"""A Wednesday in the service hours 8:30 to 18:00."""
LONG_AGO = local("2026-01-01 00:00")
SINCE = DateRange(date(2026, 1, 1), None)
SENT = {"technician": 9, "handler": 9, "how": "assigned"}


@dataclass
class Stage:
    """One community, what happens in it, and who signs."""

    cast: Cast
    signer: Staff

    @property
    def actor(self) -> StaffActor:
        return StaffActor.of(self.signer)

    def on(self, day: str, **chosen: str) -> None:
        """The community carries out the manuals since this day, and the day opens. Dots are written as underscores."""
        self.choose(**chosen)
        started(self.cast.community.pk, date.fromisoformat(day))
        self.until(f"{day} 00:10")

    def until(self, moment: str) -> None:
        pass_time(local(moment))

    def choose(self, **chosen: str) -> None:
        for key, value in chosen.items():
            Policy.objects.create(
                community=self.cast.community, key=key.replace("__", "."), value=value, since=LONG_AGO
            )
        rulings.forget()

    def place(self, **fields: Any) -> None:
        type(self.cast.community).objects.filter(pk=self.cast.community.pk).update(**fields)

    def households(self, count: int) -> None:
        mine = self.cast.unit
        Unit.objects.bulk_create(
            Unit(community=mine.community, building=mine.building, code=f"3-2-{n}", status="occupied")
            for n in range(count - 1)
        )

    def owners(self, count: int) -> None:
        """So many homes, each with an owner of its own."""
        self.households(count)
        here = self.cast.community
        made = Person.objects.bulk_create(Person(community=here, name=f"业主{n}") for n in range(count - 1))
        homes = Unit.objects.filter(community=here).exclude(pk=self.cast.unit.pk)
        Occupancy.objects.bulk_create(
            Occupancy(community=here, unit=home, person=one, role="owner", during=SINCE)
            for home, one in zip(homes, made, strict=True)
        )

    def vacant(self) -> None:
        Unit.objects.filter(pk=self.cast.unit.pk).update(status="vacant")

    def tell(self, *facts: tuple[str, dict[str, Any]], kind: str = "case") -> Matter:
        matter = Matter(self.cast.community.pk)
        matter.unit_id = self.cast.unit.pk
        matter._meta = type("Meta", (), {"model_name": kind})  # type: ignore[assignment, misc]
        matter.tell_all(list(facts), when=local(NOW))
        return matter

    def note(self, kind: str, due: str = "", on: str = "") -> None:
        unit = self.cast.unit.pk
        with time_machine.travel(local(NOW), tick=False):
            occasions.note(
                self.cast.community.pk, kind, actor=self.actor, unit_id=unit,
                due=local(due) if due else None, on=date.fromisoformat(on) if on else None,
            )  # fmt: skip

    def attest(self, clause: str, when: datetime) -> None:
        duty = Duty.objects.get(clause=clause, state="open")
        with time_machine.travel(when, tick=False):
            proofs.attest(duty.pk, actor=self.actor, words="已办", file=PHOTO)

    def sign_before(self, *clauses: str) -> None:
        """The steps of a chain before the one that is looked at."""
        for clause in clauses:
            sign(self, Duty.objects.get(clause=clause), local("2026-07-02 10:00"))


# --- occasions ----------------------------------------------------------------------------------------------------


def case(kind: str, *more: tuple[str, dict[str, Any]], **data: Any) -> Callable[[Stage], None]:
    return lambda stage: (stage.tell(registered(kind, **data), *more), None)[1]


def sent(*more: tuple[str, dict[str, Any]], urgent: bool = False) -> Callable[[Stage], None]:
    opened = ("order:opened", {"trade": "plumbing", "urgent": urgent, "public": True})
    return case("repair", opened, ("order:dispatched", SENT | {"urgent": urgent}), *more, urgent=urgent)


def classed(level: int, **chosen: str) -> Callable[[Stage], None]:
    def happen(stage: Stage) -> None:
        stage.choose(**chosen)
        given = {"level": level, "severity": "minor", "handler": 7}
        case("complaint", ("case:classified", given))(stage)

    return happen


def chosen(happen: Callable[[Stage], None], **values: str) -> Callable[[Stage], None]:
    return lambda stage: (stage.choose(**values), happen(stage))[1]


def day(on: str, **values: str) -> Callable[[Stage], None]:
    return lambda stage: stage.on(on, **values)


def noted(kind: str, due: str = "", on: str = "", **values: str) -> Callable[[Stage], None]:
    return lambda stage: (stage.choose(**values), stage.note(kind, due, on))[1]


def office(stage: Stage) -> None:
    stage.place(kind="office")
    stage.on("2026-07-01")


def vacant(stage: Stage) -> None:
    stage.vacant()
    stage.on("2026-07-01")


def renovating(stage: Stage) -> None:
    stage.on("2026-07-21")
    stage.note("renovation")
    stage.until("2026-07-23 00:10")


def ten_owners(*signed: str, handed_over: str = "2024-01-01") -> Callable[[Stage], None]:
    def happen(stage: Stage) -> None:
        stage.owners(10)
        stage.place(handed_over_on=date.fromisoformat(handed_over))
        stage.on("2026-07-01")
        stage.sign_before(*(f"report.quarter.{step}" for step in signed))

    return happen


def few_owners(*signed: str, handed_over: str = "2024-01-01") -> Callable[[Stage], None]:
    def happen(stage: Stage) -> None:
        stage.place(handed_over_on=date.fromisoformat(handed_over))
        stage.on("2026-07-01")
        stage.sign_before(*(f"briefing.month.{step}" for step in signed))

    return happen


def handed_over_lately(stage: Stage) -> None:
    stage.place(handed_over_on=date(2026, 3, 1))
    stage.on("2026-07-01")


def households(count: int) -> Callable[[Stage], None]:
    return lambda stage: (stage.households(count), stage.on("2026-07-01"))[1]


def second_visit(stage: Stage) -> None:
    stage.note("move_in")
    stage.attest("visit.first", local("2026-07-25 10:00"))


def lapsed(stage: Stage) -> None:
    """Sales did not file the day's papers."""
    stage.on("2026-07-22", profile="sales", penalty__amounts="propose")
    stage.until("2026-07-23 08:30")


def drawn(stage: Stage) -> None:
    """Five repairs of one kind in the week before this Monday."""
    stage.on("2026-07-20")
    for _ in range(5):
        stage.tell(("order:finished", {"public": False}))
    stage.until("2026-07-27 00:10")


def surprised(stage: Stage) -> None:
    """Somewhere in July, and only who checks knows."""
    stage.signer = make_staff("dong", "董", "cs_centre_director", stage.cast.community)
    stage.on("2026-07-01")
    stage.until("2026-07-31 00:10")


def given(stage: Stage) -> None:
    with time_machine.travel(local(NOW), tick=False):
        occasions.give(
            stage.cast.community.pk, actor=stage.actor, words="换门垫",
            owner_id=stage.cast.bob.pk, due=local("2026-07-24 17:00"),
        )  # fmt: skip


# --- ends ---------------------------------------------------------------------------------------------------------

End = Callable[[Stage, Duty, datetime], None]


def attest(stage: Stage, duty: Duty, when: datetime) -> None:
    with time_machine.travel(when, tick=False):
        proofs.attest(duty.pk, actor=stage.actor, words="已办", file=PHOTO)


def sign(stage: Stage, duty: Duty, when: datetime) -> None:
    with time_machine.travel(when, tick=False):
        proofs.sign(duty.pk, actor=stage.actor, words="同意", file=PHOTO)


def count(stage: Stage, duty: Duty, when: datetime) -> None:
    """As many as are asked, each in another home."""
    units = Unit.objects.filter(community=stage.cast.community).values_list("pk", flat=True)[: duty.need]
    with time_machine.travel(when, tick=False):
        for unit in units:
            proofs.log(duty.pk, actor=stage.actor, words="已访", file=PHOTO, unit_id=unit)


def one_more(stage: Stage, duty: Duty, when: datetime) -> None:
    """One of many."""
    with time_machine.travel(when, tick=False):
        proofs.log(duty.pk, actor=stage.actor, words="已访", file=PHOTO, unit_id=stage.cast.unit.pk)


def minutes(stage: Stage, duty: Duty, when: datetime) -> None:
    with time_machine.travel(when, tick=False):
        actor = stage.actor
        proofs.log(duty.pk, actor=actor, words="巡视", file=PHOTO, amount=duty.need)


def audited(stage: Stage, duty: Duty, when: datetime) -> None:
    """Somebody of the post that owes it draws a sample of the follow-ups and judges each of them."""
    old, day = when - timedelta(days=2), (when - timedelta(days=2)).date()
    keys = {name: uuid4() for name in ("id", "matter_id", "entry_id")}
    Duty.objects.create(
        **keys, community_id=duty.community_id, clause="follow_up", clause_version=1, calendar_version=1, matter_kind="case",
        owner_role="follow_up_by", state="met", span="P1D", budget=3600, born_at=old, due_at=old, ended_at=old,
        ended_by=first_id(old),
    )  # fmt: skip
    judge = StaffActor.of(make_staff("judge", "考核员", duty.owner_role, stage.cast.community))
    with time_machine.travel(when, tick=False):
        days = {"first": day - timedelta(days=1), "last": day + timedelta(days=1)}
        audit = audits.draw(duty.community_id, actor=judge, clause="follow_up", size=1, **days)
        duty.refresh_from_db()
        assert duty.state == "open", "drawn is not judged"
        audits.find(audit.pk, audit.ids[0], actor=judge, passed=True)


def fact(verb: str, **data: Any) -> End:
    """What the work itself writes about the same matter."""

    def end(_stage: Stage, duty: Duty, when: datetime) -> None:
        matter = Matter(duty.community_id, UUID(str(duty.matter_id)))
        matter._meta = type("Meta", (), {"model_name": duty.matter_kind})  # type: ignore[assignment, misc]
        matter.tell(verb, when=when, **data)

    return end


def forget() -> None:
    """Nothing is remembered from one check to the next."""
    rulings.forget()
    days.forget()


@dataclass(frozen=True)
class Line:
    """Source clauses, the clause of the house, its occasion, whose duty it is, due at the end of a day or at a time.

    ``need`` is how much proof it takes; ``due`` is empty where the day is drawn in secret.
    """

    sources: str
    clause: str
    happens: Callable[[Stage], None]
    owner: str
    due: str
    ends: End = attest
    need: int = 1
