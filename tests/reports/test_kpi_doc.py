"""The page on KPIs says what the house does: its statements, its sentences and its worked example."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shouwen.cases.models import Case, FollowUp
from shouwen.duties.models import Duty
from shouwen.estate.models import Community, Unit
from shouwen.kernel import clock
from shouwen.kernel.ids import uuid7
from shouwen.kernel.models import Entry
from shouwen.reports.figures import ids, members, shown, value
from shouwen.reports.kpis import BY_CODE, KPIS, Kpi
from shouwen.reports.periods import Period
from tests.cast import Cast, make_unit

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "kpi.md").read_text(encoding="utf-8")
JULY = Period("month", date(2026, 7, 1))
NOW = datetime(2026, 8, 5, 4, tzinfo=UTC)


def table(first: str) -> list[dict[str, str]]:
    """The rows of the table of the page whose first heading is this."""
    lines = [
        [c.strip() for c in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")
    ]
    start = next(n for n, cells in enumerate(lines) if cells[0] == first)
    width = len(lines[start])
    rows = []
    for cells in lines[start + 2 :]:
        if len(cells) != width or cells[0] in ("column", "case", "KPI"):
            break
        rows.append(dict(zip(lines[start], cells, strict=True)))
    return rows


def moment(words: str) -> datetime:
    """07-20 09:00 of 2026, on the wall clock."""
    wall = datetime.strptime(f"2026-{words}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 - a wall time
    return clock.at(wall.date(), wall.time())


def many(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def live(cast: Cast, row: dict[str, str]) -> Case:
    """One row of the example as the rows and facts that the house would have by then."""
    opened, done = moment(row["opened"]), [moment(m) for m in many(row["done"])]
    unit = Unit.objects.filter(community=cast.community, code=row["place"]).first()
    case = Case.objects.create(
        community=cast.community, number=row["case"], turn=int(row["case"]), kind=row["kind"],
        category=cast.categories[row["category"]], unit=unit, space=None if unit else cast.space, place=row["place"],
        title=row["case"], first_responder=cast.bob, happened_at=opened, recorded_at=opened, opened_at=opened,
        done_at=done[-1] if done else None, reopened=len(many(row["reopened"])),
        back_entry=row["ended"] == "back-entry",
        state=row["ended"].split()[0] if row["ended"] not in ("", "back-entry") else "done" if done else "working",
        closed_at=moment(row["ended"].split(" ", 1)[1]) if " " in row["ended"] else None,
    )  # fmt: skip
    clause = "repair.finish" if row["kind"] == "repair" else "complaint.reply"
    begun = [opened, *(moment(m) for m in many(row["reopened"]))]
    for n, (due, kept) in enumerate(zip(many(row["due"]), many(row["kept"]), strict=True)):
        ended = {"ended_at": done[n]} if kept in ("met", "late") else {}
        owe(case, clause, moment(due), kept, born_at=begun[n], **ended)
    for n, kept in enumerate(many(row["arrived"])):
        owe(case, "repair.arrive", begun[n], kept, born_at=begun[n])
    for verb, moments in (("case:done", done), ("case:reopened", [moment(m) for m in many(row["reopened"])])):
        for at in moments:
            tell(case, verb, at)
    for call in many(row["calls"]):
        at, said = call.rsplit(" ", 1)
        answer(case, cast, moment(at), said)
    return case


def owe(case: Case, clause: str, due: datetime, state: str, **more: object) -> Duty:
    given: dict[str, object] = {
        "id": uuid4(), "community": case.community, "clause": clause, "clause_version": 1, "calendar_version": 1,
        "matter_kind": "case", "matter_id": case.pk, "unit_id": case.unit_id, "entry_id": uuid4(),
        "owner_role": "handler",
        "state": state, "span": "P1D", "budget": 3600, "born_at": case.opened_at, "due_at": due,
        "ended_at": None if state in ("open", "paused") else due,
    }  # fmt: skip
    return Duty.objects.create(**given | more)  # type: ignore[arg-type]


def tell(case: Case, verb: str, at: datetime) -> None:
    Entry.objects.create(
        id=uuid7(), community_id=case.community_id, unit_id=case.unit_id, subject_kind="case", subject_id=str(case.pk),
        matter_id=case.pk, verb=verb, actor_kind="system", at=at, recorded_at=at,
    )  # fmt: skip


def answer(case: Case, cast: Cast, at: datetime, said: str) -> FollowUp:
    reached = said in ("yes", "no")
    return FollowUp.objects.create(
        community=case.community, case=case, staff=cast.bob, at=at,
        outcome="reached" if reached else "no_answer", satisfied={"yes": True, "no": False}.get(said),
    )  # fmt: skip


@pytest.fixture
def july(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Community:
    """The example of the page, seen on 5 August."""
    for code in ("3-1-1202", "3-1-1203", "3-1-1301"):
        make_unit(cast.community, code)
    Unit.objects.filter(code="3-1-1203").update(status="let")
    make_unit(cast.community, "3-1-1302")
    Unit.objects.filter(code="3-1-1302").update(status="vacant")
    Unit.objects.create(
        community=cast.community, building=cast.building, code="3-1-B01", kind="garage", status="occupied"
    )
    for row in table("case"):
        live(cast, row)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return cast.community


def said(kpi: Kpi, community: Community, part: str) -> list[str]:
    """The members of a part by their case numbers, in order."""
    keys = ids(kpi, community.pk, JULY, part, None, "text")  # type: ignore[arg-type]
    keys = [str(key) for (key,) in _run(keys)]
    numbers = {str(c.pk): c.number for c in Case.objects.all()}
    numbers |= {str(f.pk): f.case.number for f in FollowUp.objects.select_related("case")}
    found = [numbers.get(key, "unit") for key in keys]
    return sorted(found, key=lambda n: (not n.isdigit(), int(n) if n.isdigit() else 0))


def _run(raw: object) -> list[tuple[UUID]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(raw.sql, raw.params)  # type: ignore[attr-defined]
        return cursor.fetchall()


@pytest.mark.django_db
@pytest.mark.parametrize("row", table("KPI"), ids=lambda row: row["KPI"])
def test_the_worked_example_counts_as_written(july: Community, row: dict[str, str]) -> None:
    kpi = BY_CODE[row["KPI"]]
    counted, apart = (many(row[name].replace(",", ";")) for name in ("numerator", "apart"))
    assert said(kpi, july, "counted") == counted
    assert said(kpi, july, "apart") == apart
    if row["denominator"].endswith("units"):
        assert said(kpi, july, "base") == ["unit"] * int(row["denominator"].split()[0])
    else:
        assert said(kpi, july, "base") == many(row["denominator"].replace(",", ";"))
    found = value(kpi, july.pk, JULY)
    assert (found.numerator, found.denominator) == (len(counted), len(said(kpi, july, "base")))
    assert found.back_entries + found.unconfirmed == len(apart)
    assert shown(found.rate(kpi)) + kpi.unit == row["value"]


def test_every_kpi_has_a_line_in_the_example() -> None:
    assert [row["KPI"] for row in table("KPI")] == [kpi.code for kpi in KPIS]


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.code)
def test_the_page_has_the_sentence_the_source_and_the_statement(kpi: Kpi) -> None:
    section = re.search(rf"^### {kpi.name} `{kpi.code}`\n(.*?)(?=^### |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert section, kpi.code
    assert f"> {kpi.sentence}\n" in section[1]
    assert f"Source {', '.join(kpi.source)}; version {kpi.version};" in section[1]
    assert f"```sql\n{kpi.sql.strip()}\n```" in section[1]


@pytest.mark.django_db
def test_missed_are_those_of_the_denominator_that_do_not_count(july: Community) -> None:
    assert said(BY_CODE["timeliness"], july, "missed") == ["6"]
    assert said(BY_CODE["completion"], july, "missed") == ["2", "6"]


@pytest.mark.django_db
def test_another_community_counts_nothing(july: Community, cast: Cast) -> None:
    for kpi in KPIS:
        found = value(kpi, cast.other.pk, JULY)
        assert (found.numerator, found.denominator, found.back_entries, found.unconfirmed) == (0, 0, 0, 0)


def test_every_parameter_is_bound_and_no_value_stands_in_the_text() -> None:
    for kpi in KPIS:
        sql, params = members(kpi, 7, JULY, NOW)
        assert not re.search(r"(?<![:\w]):[a-z]", sql)
        assert sql.count("%s") == len(params)
