"""Two at once: the same file imported twice, the same two persons merged from both sides; and a very long list."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.estate import persons_actions
from shouwen.estate.imports.run import _Beside, begin, carry_out
from shouwen.estate.models import Contact, ImportRun, Occupancy, Person, Unit
from shouwen.kernel import limits, sheets
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import Refused
from shouwen.people.jobs import run_import
from shouwen.site.bench.imports import peak_mb
from tests.cast import Cast, make_cast, make_owner, make_person, make_unit
from tests.estate.test_imports import HEADS, ROWS, book
from tests.threads import at_once

HOUSES, DOORS = 100, 1000


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return make_cast()


@pytest.mark.django_db(transaction=True)
def test_the_same_file_imported_twice_at_once_is_taken_once(crowd: Cast) -> None:
    alice = crowd.actor(crowd.alice)
    runs = [
        begin(
            crowd.community.pk,
            actor=alice,
            source="units",
            name="a.xlsx",
            data=book(HEADS, ROWS),
            mode="good",
        )
        for _ in range(3)
    ]
    at_once(len(runs), lambda n: carry_out(runs[n], actor=alice))
    for run in runs:
        run.refresh_from_db()
        assert run.state in ("done", "refused"), run.words
        assert run.state == "done" or "正在导入另一份" in run.words
    assert "done" in {run.state for run in runs}
    assert Unit.objects.filter(building__code="5").count() == 3
    assert Person.objects.filter(name="王小明").count() == 1
    assert Occupancy.objects.filter(person__name="王小明").count() == 2
    assert Entry.objects.filter(verb="import:done").count() == 1


@pytest.mark.django_db(transaction=True)
def test_how_far_an_import_is_can_be_seen_while_it_runs(crowd: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """From another connection: its own transaction is still open."""
    alice, seen, tell = crowd.actor(crowd.alice), [], _Beside.tell
    run = begin(
        crowd.community.pk, actor=alice, source="units", name="a.xlsx", data=book(HEADS, ROWS), mode="good"
    )

    def watched(progress: _Beside, percent: int) -> None:
        tell(progress, percent)
        found = at_once(1, lambda _n: ImportRun.objects.get(pk=run.pk).progress)
        seen.append(found[0])

    monkeypatch.setattr(_Beside, "tell", watched)
    assert carry_out(run, actor=alice).progress == 100
    assert seen == sorted(seen)
    assert len({percent for percent in seen if 1 < percent < 100}) >= 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("crossed", [False, True])
def test_the_same_two_persons_merged_at_once_become_one_and_lose_nothing(crowd: Cast, crossed: bool) -> None:
    twin = make_person(crowd.community, "梅若兰", "13900009999")
    make_owner(make_unit(crowd.community, "3-1-1301"), twin)
    bob, pair = crowd.actor(crowd.bob), (crowd.mei.pk, twin.pk)

    def merge(number: int) -> Person:
        keep, other = reversed(pair) if crossed and number else pair
        return persons_actions.merge_persons(keep, actor=bob, other_id=other)

    told = at_once(2, merge)
    kept = [one for one in told if isinstance(one, Person)]
    lost = [one for one in told if isinstance(one, Refused)]
    assert (len(kept), [no.code for no in lost]) == (1, ["already_merged"])
    alive = Person.objects.get(merged_into__isnull=True)
    assert (alive.contacts.count(), alive.occupancies.count()) == (2, 2)
    assert Contact.objects.count() == 2
    assert Entry.objects.filter(verb="person:merged").count() == 1


# --- a very long list, through the screen -----------------------------------------------------------------------------


def long_list(rows: int) -> io.BytesIO:
    """So many homes, a hundred buildings, as the house's own writer makes a file."""
    lines = ((n // DOORS + 1, 1, n % DOORS + 1) for n in range(rows))
    file = io.BytesIO(b"".join(sheets.write_csv(["楼栋", "单元", "房号"], lines)))
    file.name = "list.csv"
    return file


def handed_in(client: Client, rows: int) -> ImportRun:
    assert client.post(reverse("import_new"), {"source": "units", "file": long_list(rows)}).status_code == 303
    run = ImportRun.objects.latest("pk")
    assert run.state == "queued", "the screen waits for nothing"
    run_import(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.django_db
@pytest.mark.slow
def test_a_hundred_thousand_lines_are_checked_in_a_job_within_bounds(cast: Cast, client: Client) -> None:
    client.force_login(cast.alice)
    before = peak_mb()
    run = handed_in(client, HOUSES * DOORS)
    grown = peak_mb() - before
    assert (run.state, run.counts["units"]["added"]) == ("checked", limits.SHEET_ROWS)
    assert grown < 500, f"{grown:.0f} MB"
    page = client.get(reverse("import_run", args=[run.pk]))
    assert len(page.context["table"].rows) == 50


@pytest.mark.django_db
def test_a_line_more_is_refused_in_a_sentence(cast: Cast, client: Client) -> None:
    client.force_login(cast.alice)
    run = handed_in(client, limits.SHEET_ROWS + 1)
    assert run.state == "refused"
    assert "100000" in run.words.replace(",", "")
    assert "分成几个文件" in client.get(reverse("import_run", args=[run.pk])).content.decode()
