"""Materials: known by their number, what is short is marked, a later list changes what differs, seen by right."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from shouwen.works.materials.models import Material
from tests.cast import make_staff
from tests.estate.test_import_lines import told
from tests.estate.test_import_presets import MATERIAL, MATERIALS
from tests.estate.test_imports import book, problems, take


def test_a_store_is_taken_below_the_title_of_its_list(cast):
    run = take(cast, book(*MATERIALS), source="materials")
    assert (run.state, run.refused, run.counts["materials"]["added"]) == ("done", 0, 2)
    bulb, ladder = Material.objects.order_by("number")
    assert (bulb.number, bulb.price, bulb.stock, bulb.measure, bulb.lowest, bulb.highest, bulb.alert, bulb.fixed) == (
        "D-1", 550, Decimal("20.00"), "个", 600, 800, Decimal(30), False,
    )  # fmt: skip
    assert (ladder.number, ladder.fixed, ladder.price, ladder.run_id) == ("T-1", True, None, run.pk)
    assert (bulb.is_low, ladder.is_low) == (True, False)


def test_the_same_list_again_changes_nothing_and_another_what_differs(cast):
    take(cast, book(*MATERIALS), source="materials")
    assert take(cast, book(*MATERIALS), source="materials").outcomes == {"same": 2}
    rows = [
        ["灯泡", "D-1", None, 45.5, "个", None, None, None],
        ["人字梯", "T-1", 120, None, "把", None, None, None],
    ]
    run = take(
        cast,
        book(
            ["物品名称", "物品编号", "单价", "库存", "单位", "对外最低售价", "对外最高售价", "告警库存"], rows
        ),
        source="materials",
    )
    assert told(run, "changed") == [(2, "D-1 灯泡", "库存 20 → 45.5"), (3, "T-1 人字梯", "单价 — → 120.00")]
    bulb = Material.objects.get(number="D-1")
    assert (bulb.stock, bulb.price, bulb.highest, bulb.is_low) == (Decimal("45.50"), 550, 800, False)


def test_every_bad_line_has_its_reason(cast):
    take(cast, book(*MATERIALS), source="materials")

    def line(**changes: object) -> list[object]:
        given = dict(
            zip(MATERIAL, [1, "灯管", "D-9", 5, 1, "根", None, None, None, None, None, None], strict=True)
        )
        return list((given | changes).values())

    bad = {
        "没有物品名称": line(物品名称=None),
        "没有物品编号": line(物品编号=None),
        "没有单位": line(单位=None),
        "库存不能小于 0": line(库存=-1),
        "库存“若干”不是数字": line(库存="若干"),
        "单价不能小于 0": line(单价="-5"),
        "单价：“五元”不是金额": line(单价="五元"),
        "对外最高售价低于最低售价": line(对外最低售价=9, 对外最高售价=8),
        "是否固定物品“也许”不认识": line(**{MATERIAL[10]: "也许"}),
        "告警库存太大": line(告警库存=10**9),
    }
    *others, dearer = [*bad.values(), line(物品编号="D-1", 对外最低售价=9)]
    run = take(cast, book(MATERIAL, [*others, dearer, line(), line()]), source="materials")
    reasons = [why for _row, _what, why in problems(run)]
    expected = [*bad, "对外最高售价低于最低售价", "与第 13 行重复"]  # D-1 costs 8 at most, as it stands
    assert [(words, why) for words, why in zip(expected, reasons, strict=True) if words not in why] == []
    assert Material.objects.get(number="D-1").lowest == 600
    assert Material.objects.get(number="D-9").measure == "根"


def test_what_is_short_is_marked_and_found_and_the_list_leaves_as_it_came(cast, client):
    take(cast, book(*MATERIALS), source="materials")
    client.force_login(cast.alice)

    def shown(**asked: str) -> list[str]:
        table = client.get(reverse("material_list"), asked).context["table"]
        return [
            " ".join((row.cells[0].words, *(tag.words for tag in row.cells[1].tags))) for row in table.rows
        ]

    assert shown() == shown(sort="0") == shown(sort="-3") == ["D-1 要补货，告警 30", "T-1 固定物品"]
    assert shown(sort="3") == ["T-1 固定物品", "D-1 要补货，告警 30"]
    assert shown(low="1") == shown(q="D") == shown(q="灯") == ["D-1 要补货，告警 30"]
    assert shown(fixed="1") == shown(q="T-") == shown(q="梯") == ["T-1 固定物品"]
    answer = client.get(reverse("material_list"), {"export": "xlsx"})
    assert take(cast, answer.getvalue(), source="materials", mode="dry").outcomes == {"same": 2}


@pytest.mark.parametrize(("post", "sees", "imports"), [
    ("engineering", True, False), ("engineering_supervisor", True, True), ("gate_guard", False, False),
])  # fmt: skip
def test_the_store_is_seen_and_imported_by_right(cast, client, post, sees, imports):
    take(cast, book(*MATERIALS), source="materials")
    client.force_login(make_staff("somebody", "某人", post, cast.community))
    assert client.get(reverse("material_list")).status_code == (200 if sees else 403)
    assert client.get(reverse("import_new")).status_code == (200 if imports else 403)
    assert not Material.objects.visible_to(cast.actor(cast.charlie)).exists()
