"""Lists: keyset pages that neither skip nor repeat, whose cost does not grow, and marks that come from strangers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext

from shouwen.estate.models import Unit
from shouwen.kernel.lists import Told, capped_count, keyset
from tests.cast import Cast

pytestmark = pytest.mark.django_db
KEYS = ("-floor", "code", "id")


@pytest.fixture
def units(cast: Cast) -> list[Unit]:
    """Twenty-five units on five floors, so that the first key has ties."""
    Unit.objects.bulk_create(
        Unit(community=cast.community, building=cast.building, code=f"3-2-{n:02d}01", floor=n % 5)
        for n in range(24)
    )
    return sorted(Unit.objects.all(), key=lambda u: (-(u.floor or 0), u.code, u.pk))


def walk(size: int) -> tuple[list[list[int]], list[str]]:
    pages, marks, mark = [], [], ""
    while True:
        page = keyset(Unit.objects.all(), KEYS, mark, size)
        pages.append([u.pk for u in page.rows])
        marks.append(page.previous)
        if not page.next:
            return pages, marks
        mark = page.next


@pytest.mark.parametrize("size", [1, 7, 24, 25, 26])
def test_every_row_comes_once_and_in_order(units: list[Unit], size: int) -> None:
    pages, _marks = walk(size)
    assert [key for page in pages for key in page] == [u.pk for u in units]


def test_the_way_back_meets_the_same_pages(units: list[Unit]) -> None:
    pages, marks = walk(7)
    assert marks[0] == ""
    back = keyset(Unit.objects.all(), KEYS, marks[-1], 7)
    assert [u.pk for u in back.rows] == pages[-2]
    again = keyset(Unit.objects.all(), KEYS, back.previous, 7)
    assert [u.pk for u in again.rows] == pages[-3]
    assert [u.pk for u in keyset(Unit.objects.all(), KEYS, back.next, 7).rows] == pages[-1]


def test_a_row_that_comes_in_meanwhile_moves_nobody(cast: Cast, units: list[Unit]) -> None:
    first = keyset(Unit.objects.all(), KEYS, "", 7)
    Unit.objects.create(community=cast.community, building=cast.building, code="0-0-1", floor=99)
    assert [u.pk for u in keyset(Unit.objects.all(), KEYS, first.next, 7).rows] == [u.pk for u in units[7:14]]


def test_a_page_is_one_query_whatever_its_size(units: list[Unit]) -> None:
    counts = set()
    for size in (1, 25):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            keyset(Unit.objects.all(), KEYS, "", size)
        counts.add(len(queries))
    assert counts == {1}


def test_a_count_stops_at_its_cap(units: list[Unit]) -> None:
    assert capped_count(Unit.objects.all(), 10) == 11
    assert capped_count(Unit.objects.all(), 25) == 25


def mark(*values: object) -> str:
    return "+" + base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "strange",
    [
        "+", "-", "x", "+!!!", "+" + "A" * 5000, "+bnVsbA", mark(), mark(1), mark("a", "b", "c"), mark(None, "x", 1),
        mark([1], "x", 1), mark(1, "x\0", 1), mark(1, "x", {}), mark(float("nan"), "x", 1), mark(True, "x", "1e9999"),
        "+" + "[" * 100_000, "+" + base64.urlsafe_b64encode(b"[" * 700).decode(),
    ],
)  # fmt: skip
def test_a_strange_mark_begins_at_the_beginning(units: list[Unit], strange: str) -> None:
    assert [u.pk for u in keyset(Unit.objects.all(), KEYS, strange, 7).rows] == [u.pk for u in units[:7]]


def test_a_huge_number_in_a_mark_is_only_a_number(units: list[Unit]) -> None:
    assert keyset(Unit.objects.all(), ("id",), mark(10**30), 7).rows == []


@pytest.mark.parametrize("reach", [0, 3, 8, 24, 100])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_reading_row_by_row_and_by_index_meet_the_same_rows(units: list[Unit], reach: int, size: int) -> None:
    wanted = [u.pk for u in units if u.code.endswith(("11", "01"))]

    def ends(rows: QuerySet[Unit]) -> QuerySet[Unit]:
        return rows.filter(Q(code__endswith="11") | Q(code__endswith="01"))

    question = Told(index=ends, scan=ends, reach=reach)
    found, mark = [], ""
    while True:
        page = keyset(Unit.objects.all(), KEYS, mark, size, question)
        found += [u.pk for u in page.rows]
        if not (mark := page.next):
            break
    assert found == wanted


def test_only_a_page_that_is_not_full_asks_the_index(units: list[Unit]) -> None:
    asked: list[str] = []

    def told(name: str) -> Callable[[QuerySet[Unit]], QuerySet[Unit]]:
        return lambda rows: asked.append(name) or rows.filter(code__endswith="01")  # type: ignore[func-returns-value]

    question = Told(index=told("index"), scan=told("scan"), reach=10)
    keyset(Unit.objects.all(), KEYS, "", 5, question)
    assert asked == ["scan"]
    asked.clear()
    keyset(Unit.objects.all(), KEYS, "", 20, question)
    assert asked == ["scan", "index"]
