"""What the demo's office brought along from its old system: lists, imported like those of any office."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from shouwen.billing.lists import METERS, PAYMENTS
from shouwen.estate.imports.registers import Register
from shouwen.estate.imports.run import begin, carry_out
from shouwen.estate.models import Community, ImportRun, Unit, Vehicle
from shouwen.kernel import sheets
from shouwen.people.models import Staff
from shouwen.people.viewers import StaffActor
from shouwen.works.materials.lists import MATERIALS

HOMES, CARS = 48, 24
SHOWN = ("3-1-1201", "5-1-0802")
PRICE = Decimal("2.80")
"""Yuan for a square metre and month."""
CASHIERS = ("赵会计", "钱出纳")

STORE_COLUMNS = ("number", "name", "kind", "measure", "price", "stock", "lowest", "highest", "alert", "fixed")
STORE: tuple[tuple[Any, ...], ...] = (
    ("DL-001", "LED 球泡 9W", "电料", "个", "6.50", 86, "8", "10", 30, "N"),
    ("DL-002", "LED 灯管 1.2 米", "电料", "根", "14", 12, "18", "22", 20, "N"),
    ("DL-003", "空气开关 C32", "电料", "个", "28", 9, "35", "42", 6, "N"),
    ("DL-004", "声控开关", "电料", "个", "16", 4, "20", "25", 10, "N"),
    ("SN-001", "角阀 4 分", "水暖", "个", "18.80", 35, "25", "30", 15, "N"),
    ("SN-002", "编织软管 50 厘米", "水暖", "根", "9.90", 41, "12", "15", 20, "N"),
    ("SN-003", "生料带", "水暖", "卷", "1.20", 60, None, None, 20, "N"),
    ("SN-004", "PPR 管 20", "水暖", "米", "5.60", "37.5", "8", "8", 40, "N"),
    ("MJ-001", "门禁卡", "弱电", "张", "3", 142, "10", "10", 50, "N"),
    ("MJ-002", "电插锁", "弱电", "把", "135", 2, None, None, 2, "N"),
    ("TJ-001", "速干水泥", "土建", "袋", "22", 8, None, None, 5, "N"),
    ("GJ-001", "人字梯 3 米", "工具", "把", "260", 3, None, None, None, "Y"),
    ("GJ-002", "冲击钻", "工具", "台", "480", 2, None, None, None, "Y"),
    ("GJ-003", "疏通机", "工具", "台", "1280", 1, None, None, None, "Y"),
)
"""What lies in the store; four of it has to be bought again."""


def bring(home: Community, rng: random.Random) -> None:
    """A few buildings' worth of each list."""
    _import(home, PAYMENTS, "旧系统缴费历史.xlsx", [*_fees(home, rng), *_parking(home, rng)])
    _import(home, METERS, "水电表台账.xlsx", list(_meters(home)))
    _import(home, MATERIALS, "仓库盘点.xlsx", [dict(zip(STORE_COLUMNS, row, strict=True)) for row in STORE])


def _import(home: Community, register: Register, name: str, rows: Sequence[dict[str, Any]]) -> None:
    manager = StaffActor.of(Staff.objects.get(username="fangyuan"))
    fields = register.headers()
    book = io.BytesIO()
    lines = ([row.get(field) for field, _header in fields] for row in rows)
    sheets.write_xlsx([header for _field, header in fields], lines, book)
    run = begin(
        home.pk, actor=manager, source=register.code, name=name, data=book.getvalue(), mode=ImportRun.Mode.ALL
    )
    carry_out(run, actor=manager)


def _homes(home: Community) -> list[Unit]:
    """The first homes, and the two whose residents are shown."""
    units = Unit.objects.filter(community=home, kind=Unit.Kind.RESIDENCE)
    return [*units.filter(code__in=SHOWN), *units.exclude(code__in=SHOWN).order_by("sort")[:HOMES]]


def _fees(home: Community, rng: random.Random) -> Iterator[dict[str, Any]]:
    """Management fees by the half-year; who moves about pays late, and one in ten a little too little."""
    for unit in _homes(home):
        due = (unit.built_area or Decimal(90)) * PRICE * 6
        for half in (date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1)):
            last = date(half.year, 6, 30) if half.month == 1 else date(half.year, 12, 31)
            less = rng.choice((50, 100, 200)) if rng.random() < 0.1 else 0
            yield {
                "unit_id": unit.code, "item": "物业费", "months": 6, "since": half, "until": last,
                "paid_on": half + timedelta(days=rng.randrange(2, 75)), "due": due, "paid": due - less,
                "cashier": rng.choice(CASHIERS), "remark": "先缴一部分" if less else "",
            }  # fmt: skip


def _parking(home: Community, rng: random.Random) -> Iterator[dict[str, Any]]:
    """Parking by the year."""
    for vehicle in Vehicle.objects.filter(community=home).order_by("plate")[:CARS]:
        begun = date(2026, rng.randrange(1, 7), 1)
        yield {
            "plate": vehicle.plate, "item": "停车费", "months": 12, "since": begun,
            "until": date(begun.year + 1, begun.month, 1) - timedelta(days=1), "paid_on": begun + timedelta(days=3),
            "due": Decimal(3360), "paid": Decimal(3360), "cashier": rng.choice(CASHIERS),
        }  # fmt: skip


def _meters(home: Community) -> Iterator[dict[str, Any]]:
    """Water and electricity of every home, and those of the public areas."""
    for turn, unit in enumerate(_homes(home)):
        for kind, mark, item in (("水表", "W", "水费"), ("电表", "E", "电费")):
            yield {
                "name": f"{unit.code} {kind}", "number": f"{mark}2019{turn:05d}", "kind": kind,
                "mode": "充值" if mark == "E" else "抄表", "unit_id": unit.code, "item": item, "maker": "华东仪表",
                "collector": f"C{turn // 16:02d}",
            }  # fmt: skip
    for turn, place in enumerate(("地下车库 B1 照明", "中心花园 喷灌", "配电房 总表", "电梯 3 号楼")):
        kind = "水表" if "喷灌" in place else "电表"
        yield {
            "name": f"{place} {kind}",
            "number": f"P{turn:04d}",
            "kind": kind,
            "mode": "抄表",
            "item": "公共能耗",
        }
