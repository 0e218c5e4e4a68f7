"""Units, buildings and public areas stand where people look for them: 9 before 10, floor by floor."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.urls import reverse

from shouwen.estate import actions
from shouwen.estate.models import Building, Space, Unit
from shouwen.kernel.lists import keyset
from tests.cast import make_unit

CODES = [
    "1-1-101", "1-1-102", "1-1-201", "1-1-901", "1-1-1001", "1-1-1002", "1-2-101", "2-1-101", "9-1-101", "10-1-101",
    "10-10-1", "A座-1201", "B1-03", "B1-012",
]  # fmt: skip


def test_units_are_listed_by_building_entrance_floor_and_door(cast, client):
    Unit.objects.exclude(pk=cast.unit.pk).delete()
    Unit.objects.filter(pk=cast.unit.pk).update(code="11-1-101")
    house = cast.building
    for code in random.Random(3).sample(CODES, len(CODES)):
        Unit.objects.create(community=cast.community, building=house, code=code)
    there = [u.code for u in Unit.objects.filter(community=cast.community)]
    wanted = [*CODES[:-4], "10-10-1", "11-1-101", *CODES[-3:]]
    assert there == wanted
    client.force_login(cast.alice)
    rows = client.get(reverse("unit_list")).context["table"].rows
    assert [row.cells[0].words for row in rows] == wanted


def test_pages_of_units_go_on_where_the_last_one_ended(cast):
    for n in random.Random(5).sample(range(1, 41), 40):
        make_unit(cast.community, f"1-1-{n}01")
    rows = Unit.objects.filter(community=cast.community, building__code="1")
    seen, mark = [], ""
    while True:
        page = keyset(rows, ("sort", "id"), mark, size=7)
        seen += [u.door for u in page.rows]
        if not (mark := page.next):
            break
    assert seen == [f"{n}01" for n in range(1, 41)]
    back = keyset(rows, ("sort", "id"), page.previous, size=7)
    assert [u.door for u in back.rows] == [f"{n}01" for n in range(29, 36)]


def test_the_list_of_units_reads_its_index(cast):
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_sort = off")
    rows = Unit.objects.filter(community=cast.community, retired_on__isnull=True).order_by("sort", "id")
    assert "unit_sort" in rows[:50].explain()


def test_buildings_and_public_areas_too(cast):
    alice = cast.actor(cast.alice)
    for code in ("10栋", "9栋", "11号楼", "02栋", "A座", "100"):
        actions.add_building(cast.other.pk, actor=cast.actor(cast.charlie), code=code)
    assert [b.code for b in Building.objects.filter(community=cast.other)] == [
        "02栋", "9栋", "10栋", "11号楼", "100", "A座",
    ]  # fmt: skip
    row = Building.objects.get(code="9栋")
    actions.edit_building(row.pk, actor=cast.actor(cast.charlie), code="12栋")
    assert [b.code for b in Building.objects.filter(community=cast.other)][2] == "11号楼"
    for name in ("10 栋大堂", "9 栋大堂"):
        actions.add_space(cast.community.pk, actor=alice, name=name)
    names = [s.name for s in Space.objects.filter(community=cast.community)]
    assert names == ["3 栋大堂", "9 栋大堂", "10 栋大堂"]


@pytest.mark.parametrize("code", ["1" * 60, "1-" * 30, "室", "9" * 9 + "-1"])
def test_a_strange_code_breaks_nothing(cast, code):
    row = Unit.objects.create(community=cast.community, building=cast.building, code=code)
    assert Unit.objects.get(pk=row.pk).code == code


@pytest.mark.parametrize(
    ("code", "name", "words"),
    [("1", "", "1栋"), ("12", "12", "12栋"), ("1", "一号楼", "一号楼"), ("A", "", "A"), ("3栋", "", "3栋")],
)
def test_a_building_of_bare_figures_is_said_with_its_word(code, name, words):
    assert str(Building(code=code, name=name)) == words
