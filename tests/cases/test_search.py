"""The search box over cases: number and place from their beginning, words anywhere, and who brought it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from shouwen.cases import search
from shouwen.cases.intake import register
from shouwen.cases.models import Case
from shouwen.estate.keys import person_keys
from shouwen.estate.models import Person
from shouwen.kernel import clock
from shouwen.kernel.lists import keyset
from tests.cast import PHONE, Cast, make_intake, make_person

pytestmark = pytest.mark.django_db

SAID = [
    ("厨房水管漏水", "昨晚开始，地上全是水", "3-1-1201"),
    ("楼道灯不亮", "3 楼到 5 楼", "楼道"),
    ("WiFi 断线", "ＷＩＦＩ 连不上，编号 AB-12%_", "3-1-1201"),
    ("水表空转", "", "3-1-0101"),
    ("100㎡ 铺砖", "①号楼", "中心花园"),
]


@pytest.fixture
def cases(cast: Cast) -> list[Case]:
    """Newest first, as the list shows them; one of another community says the same."""

    def case(turn: int, said: tuple[str, str, str], community_id: int) -> Case:
        title, words, place = said
        return Case(
            community_id=community_id, number=f"2607{turn:02d}-0001", turn=turn, kind="repair", category_id="leak",
            title=title, words=words, place=place, first_responder=cast.bob, happened_at=now, recorded_at=now,
            opened_at=now,
        )  # fmt: skip

    now = clock.now()
    rows = Case.objects.bulk_create(case(turn, said, cast.community.pk) for turn, said in enumerate(SAID, 1))
    Case.objects.bulk_create([case(1, SAID[0], cast.other.pk)])
    return sorted(rows, key=lambda c: c.pk, reverse=True)


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("漏水", {"厨房水管漏水"}),
        ("水", {"厨房水管漏水", "水表空转"}),
        ("水管 昨晚", {"厨房水管漏水"}),
        ("房水漏", set()),
        ("wifi", {"WiFi 断线"}),
        ("12%_", {"WiFi 断线"}),
        ("260702-0001", {"楼道灯不亮"}),
        ("2607020001", {"楼道灯不亮"}),
        ("100m2", {"100㎡ 铺砖"}),
        ("1号楼", {"100㎡ 铺砖"}),
        ("3-1-1201", {"厨房水管漏水", "WiFi 断线"}),
        ("3-1", {"厨房水管漏水", "WiFi 断线", "水表空转"}),
        ("260702", {"楼道灯不亮"}),
        ("楼道", {"楼道灯不亮"}),
        ("中心花园", {"100㎡ 铺砖"}),
    ],
)
@pytest.mark.parametrize("size", [1, 50])
def test_index_and_rows_find_the_same(
    cast: Cast, cases: list[Case], text: str, titles: set[str], size: int
) -> None:
    here = cast.community.pk
    rows = Case.objects.filter(community_id=here)
    question = search.told(text, here, cast.actor(cast.bob))
    assert {c.title for c in question.index(rows)} == titles
    assert {c.title for c in question.scan(rows)} == titles
    shown = keyset(rows, ("-opened_at", "-id"), size=size, told=question).rows
    assert [c.pk for c in shown] == [c.pk for c in cases if c.title in titles][:size]


def test_words_that_need_no_folding_are_read_further(cast: Cast) -> None:
    me = cast.actor(cast.bob)
    assert search.told("漏水 厨房", 1, me).reach > search.told("3号", 1, me).reach


@pytest.fixture
def brought(cast: Cast, cases: list[Case]) -> list[Case]:
    """Three closed cases: of Mei, of a row that was merged into hers, and of somebody who only left a name."""
    merged = make_person(cast.community, "梅老师")
    Person.objects.filter(pk=merged.pk).update(merged_into=cast.mei)
    closed = {"state": "satisfied", "closed_at": clock.now()}
    for case, values in zip(
        cases, ({"person": cast.mei}, {"person": merged}, {"asker": "过路的周先生"}), strict=False
    ):
        Case.objects.filter(pk=case.pk).update(**closed, **values)
    return cases[:3]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("{name}", (0, 1)),
        ("{initials}", (0, 1)),
        ("{pinyin}", (0, 1)),
        (PHONE, (0, 1)),
        (PHONE[-4:], (0, 1)),
        (PHONE[-8:], (0, 1)),
        ("过路的", (2,)),
        ("13800000000", ()),
    ],
)
def test_a_closed_case_is_found_by_who_brought_it(
    cast: Cast, brought: list[Case], text: str, places: tuple[int, ...]
) -> None:
    said = text.format(name=cast.mei.name, initials=cast.mei.initials, pinyin=cast.mei.pinyin)
    here, wanted = cast.community.pk, {brought[n].pk for n in places}
    question = search.told(said, here, cast.actor(cast.bob))
    rows = Case.objects.filter(community_id=here)
    assert {c.pk for c in question.index(rows)} == {c.pk for c in question.scan(rows)} == wanted
    keys = search.found_by(said, here, cast.actor(cast.bob))
    assert {row["pk"] for row in keys} == wanted


CALLER = "13955512019"


@pytest.fixture
def called(cast: Cast) -> Case:
    """A passer-by who is no resident left a name and a number at the desk."""
    given = make_intake(
        cast, unit_id=None, place="东门", asker="过路人", phone=f"+86 {CALLER[:3]}-{CALLER[3:]}"
    )
    return register(given, actor=cast.actor(cast.bob))


def found_by_number(cast: Cast, said: str) -> set[Any]:
    here = cast.community.pk
    question = search.told(said, here, cast.actor(cast.bob))
    rows = Case.objects.filter(community_id=here)
    by_index, by_rows = {c.pk for c in question.index(rows)}, {c.pk for c in question.scan(rows)}
    assert by_index == by_rows
    return by_index


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (CALLER, True),
        ("139 5551 2019", True),
        (CALLER[-8:], True),
        (CALLER[-4:], True),
        (CALLER[-5:], False),
        (CALLER[:4], False),
        ("13955512018", False),
    ],
)
def test_a_case_is_found_by_the_number_that_a_stranger_left(
    cast: Cast, called: Case, said: str, found: bool
) -> None:
    assert found_by_number(cast, said) == ({called.pk} if found else set())
    stranger = search.told(said, cast.community.pk, cast.actor(cast.charlie))
    assert not stranger.index(Case.objects.filter(community_id=cast.community.pk)).exists()


def test_numbers_left_before_are_found_after_the_migration(cast: Cast, called: Case) -> None:
    """Rows as an older release left them; one of them sealed under a key that is gone."""
    lost = register(make_intake(cast, unit_id=None, place="东门", phone=CALLER), actor=cast.actor(cast.bob))
    columns = ("phone_whole", "phone_last8", "phone_last4")
    Case.objects.update(**dict.fromkeys(columns))
    with connection.cursor() as cursor:
        cursor.execute("update cases_case set phone = %s where id = %s", [b"\x01" + bytes(60), lost.pk])
    assert found_by_number(cast, CALLER) == set()
    filling = import_module("shouwen.cases.migrations.0014_phones")
    filling.fill(None, None)
    for said in (CALLER, CALLER[-8:], CALLER[-4:]):
        assert list(search.found_by(said, cast.community.pk, cast.actor(cast.bob))) == [{"pk": called.pk}]
    filling.fill(None, None)


def test_a_number_is_found_after_a_change_of_the_key(
    cast: Cast, called: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = b"n" * 32
    monkeypatch.setattr(settings, "SHOUWEN_KEYS", [new, *settings.SHOUWEN_KEYS])
    assert found_by_number(cast, CALLER) == {called.pk}
    call_command("reseal")
    monkeypatch.setattr(settings, "SHOUWEN_KEYS", [new])
    assert found_by_number(cast, CALLER[-4:]) == {called.pk}
    called.refresh_from_db()
    assert called.phone == CALLER


def test_who_may_not_see_the_estate_finds_no_case_by_its_people(cast: Cast, brought: list[Case]) -> None:
    here, stranger = cast.community.pk, cast.actor(cast.charlie)
    for said in (cast.mei.name, PHONE, PHONE[-4:], "过路的"):
        question = search.told(said, here, stranger)
        assert not question.index(Case.objects.filter(community_id=here)).exists()


def test_of_many_the_nearest_names_are_followed(
    cast: Cast, cases: list[Case], django_assert_max_num_queries: Any
) -> None:
    names = [f"林勇{n:02d}" for n in range(search.PEOPLE + 5)] + ["林勇"]
    keys = person_keys("林勇")
    people = Person.objects.bulk_create(Person(community=cast.community, name=n, **keys) for n in names)
    Case.objects.filter(pk=cases[0].pk).update(person=people[-1])
    rows = Case.objects.filter(community_id=cast.community.pk)
    me = cast.actor(cast.bob)
    with django_assert_max_num_queries(4):
        assert [c.pk for c in search.told("ly", cast.community.pk, me).index(rows)] == [cases[0].pk]
