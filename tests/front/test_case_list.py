"""A case opened from 全部事项: the list with its filters stays beside it, page by page."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from shouwen.cases import actions
from shouwen.cases.models import Case
from shouwen.front.tables import SIZE
from shouwen.kernel import clock
from tests.cases.test_actions import take
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LIST = reverse("case_list")


@pytest.fixture
def many(cast: Cast) -> list[Case]:
    """Two pages of repairs and one inquiry, newest first."""
    now = clock.now()
    rows = [
        Case(
            community=cast.community, number=f"260701-{n:03d}", turn=n, kind="repair" if n else "inquiry",
            category_id="leak" if n else "fee", title=f"漏水 {n}", place="东门", first_responder=cast.bob,
            happened_at=now, recorded_at=now, opened_at=now,
        )
        for n in range(SIZE + 11)
    ]  # fmt: skip
    Case.objects.bulk_create(rows)
    return sorted(rows, key=lambda case: case.pk, reverse=True)


def shown(answer: object) -> list[str]:
    return [row.id for group in answer.context["groups"] for row in group.rows]  # type: ignore[attr-defined]


def test_the_pane_is_the_page_of_the_list_with_its_filters(
    cast: Cast, alice: Client, many: list[Case]
) -> None:
    repairs = [str(case.pk) for case in many if case.kind == "repair"]
    table = alice.get(LIST, {"kind": "repair"}).context["table"]
    answer = alice.get(table.rows[1].url)
    assert (answer.status_code, answer.context["case"].id) == (200, repairs[1])
    assert shown(answer) == repairs[:SIZE]
    assert [row.id for g in answer.context["groups"] for row in g.rows if row.current] == [repairs[1]]
    assert (answer.context["groups"][0].name, answer.context["list_count"]) == ("报修", str(len(repairs)))
    assert answer.context["household"] is None or answer.context["case"].room_number
    next_page = alice.get(answer.context["more_url"])
    assert (next_page.context["case"].id, shown(next_page)) == (repairs[1], repairs[SIZE:])
    opened = alice.get(next_page.context["groups"][0].rows[0].url)
    assert (opened.context["case"].id, shown(opened)) == (repairs[SIZE], repairs[SIZE:])
    assert shown(alice.get(opened.context["less_url"])) == repairs[:SIZE]
    back = alice.get(opened.context["case"].back_url)
    assert [row.id for row in back.context["table"].rows] == repairs[SIZE:], (
        "back to the same page of the table"
    )
    assert opened.context["list_actions"][0].url == opened.context["case"].back_url


def test_a_move_leads_back_beside_the_same_list(cast: Cast, alice: Client, many: list[Case]) -> None:
    inquiry = next(case for case in many if case.kind == "inquiry")
    url = f"{LIST}?q=漏水&kind=inquiry&state=received&case={inquiry.pk}"
    opened = alice.get(url)
    assert shown(opened) == [str(inquiry.pk)]
    assert "“漏水”\u00a0• 咨询\u00a0• 待受理" in opened.context["groups"][0].name
    here = opened.context["case"].here_url
    answer = alice.post(reverse("case_move", args=[inquiry.pk, "answer"]), {"words": "已答", "next": here})
    assert (answer.status_code, answer.headers["Location"]) == (303, here)
    after = alice.get(here)
    assert (after.context["case"].id, shown(after)) == (str(inquiry.pk), []), (
        "it left the list and stays open"
    )


def test_who_may_not_see_a_case_opens_it_from_no_list(cast: Cast, client: Client, many: list[Case]) -> None:
    client.force_login(cast.charlie)
    assert client.get(f"{LIST}?case={many[0].pk}").status_code == 404
    client.force_login(cast.bob)
    for key in (uuid4(), "nonsense", "-"):
        assert client.get(f"{LIST}?case={key}").status_code == 404


def test_what_was_merged_leads_to_the_case_that_goes_on(cast: Cast, alice: Client) -> None:
    kept, later = take(cast, cast.bob), take(cast, cast.bob)
    actions.CASE.actions["merge"](later.pk, actor=cast.actor(cast.alice), into=kept.pk)
    answer = alice.get(f"{LIST}?kind=inquiry&case={later.pk}")
    assert answer.headers["Location"] == f"{LIST}?kind=inquiry&case={kept.pk}"


def test_rows_of_pane_and_table_are_drawn_for_their_own_list(
    cast: Cast, alice: Client, many: list[Case]
) -> None:
    """Open screens share the drawing of a row only where its address is the same."""
    cache.clear()
    told, key = {"X-Live-Rows": f"{many[0].pk}@{uuid4()}"}, f"case={many[0].pk}"
    table = alice.get(LIST, headers=told).content.decode()
    narrowed = alice.get(f"{LIST}?kind=repair", headers=told).content.decode()
    pane = alice.get(f"{LIST}?kind=repair&case={many[1].pk}", headers=told).content.decode()
    assert f'href="{LIST}?{key}"' in table
    assert f'href="{LIST}?kind=repair&amp;{key}"' in narrowed
    assert f'class="case-row" id="row-{many[0].pk}" href="{LIST}?kind=repair&amp;{key}"' in pane


def test_what_narrows_the_list_and_its_files_is_taken_away_one_by_one(
    cast: Cast, alice: Client, many: list[Case]
) -> None:
    today, before = clock.today(), clock.today() - timedelta(days=1)
    Case.objects.filter(pk__in=[c.pk for c in many[:3]]).update(opened_at=clock.now() - timedelta(days=1))
    asked = {"from": str(before), "to": str(before), "kind": "repair", "state": "nonsense"}
    table = alice.get(LIST, asked).context["table"]
    assert [row.id for row in table.rows] == [str(c.pk) for c in many[:3]]
    *chips, every = table.chips
    assert [chip.words for chip in chips] == ["报修", f"从 {before}", f"到 {before}"]
    for chip, name in zip(chips, ("kind", "from", "to"), strict=True):
        assert f"{name}=" not in chip.url
        assert all(f"{other}=" in chip.url for other in {"kind", "from", "to"} - {name})
    (csv, _xlsx) = table.exports
    told = alice.get(f"{LIST}{csv.url}").getvalue().decode("utf-8-sig")
    assert [line.split(",")[0] for line in told.splitlines()[1:]] == [c.number for c in many[:3]]
    assert alice.get(f"{LIST}{every.url}").context["table"].chips == ()
    (alone,) = alice.get(LIST, {"to": str(today)}).context["table"].chips
    assert alice.get(f"{LIST}{alone.url}").context["table"].pager.total == len(many)


def test_a_search_without_a_hit_is_no_empty_ledger(cast: Cast, alice: Client) -> None:
    empty = alice.get(reverse("payment_list")).context["table"]
    assert "还没有缴费记录" in empty.empty
    table = alice.get(reverse("payment_list") + "?q=没有这样的").context["table"]
    assert (table.empty, table.empty_action.url) == ("没有符合的。", "?")
