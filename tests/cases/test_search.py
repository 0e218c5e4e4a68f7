"""The search box over cases: number and place from their beginning, words anywhere; both ways find the same."""

from __future__ import annotations

import pytest

from shouwen.cases import search
from shouwen.cases.models import Case
from shouwen.kernel import clock
from shouwen.kernel.lists import keyset
from tests.cast import Cast

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
    question = search.told(text, here)
    assert {c.title for c in question.index(rows)} == titles
    assert {c.title for c in question.scan(rows)} == titles
    shown = keyset(rows, ("-opened_at", "-id"), size=size, told=question).rows
    assert [c.pk for c in shown] == [c.pk for c in cases if c.title in titles][:size]


def test_words_that_need_no_folding_are_read_further() -> None:
    assert search.told("漏水 厨房", 1).reach > search.told("3号", 1).reach
