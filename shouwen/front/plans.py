"""The floor plan of a building: which door waits, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases.models import Case
from shouwen.estate.keys import natural_sort
from shouwen.estate.models import Community, Unit, building_words
from shouwen.front import look
from shouwen.kernel import clock
from shouwen.reports.today import SOON, Block, Door, blocks, doors

LAYERS = ("all", "open", "vacant")
MOST_BLOCKS, MOST_DOORS, MOST_COLUMNS = 60, 600, 24
GLYPHS = {"over": "alert-octagon", "soon": "hourglass"}
EMPTY = (Unit.Status.VACANT, Unit.Status.UNSOLD)

Url = Callable[..., str]


def plan(here: Community, cases: QuerySet[Case], chosen: str, layer: str, url: Url) -> look.FloorPlan | None:
    """The chosen building, else the one with most that is late; None where there is no building."""
    found = blocks(here.pk, cases, MOST_BLOCKS)
    if not found:
        return None
    block = next((b for b in found if str(b.id) == chosen), None) or max(
        found, key=lambda b: (b.late, b.open)
    )
    units = doors(here.pk, block.id, cases, MOST_DOORS)
    columns = _columns(units)
    tones = {d.id: tone(d, layer) for d in units}
    return look.FloorPlan(
        buildings=tuple(_link(b, block, layer, url) for b in found),
        layers=tuple(
            look.Link(words, url(building=block.id, layer=code), current=code == layer)
            for code, words in _layers()
        ),
        doors=_heads(columns),
        floors=_floors(units, columns, tones),
        entrances=tuple(
            _("%s 单元") % e if e else building_words(block.code, block.name)
            for e in dict.fromkeys(e for e, _door in columns)
        ),
        legend=_legend(list(tones.values()), layer),
        building=building_words(block.code, block.name),
    )


def tone(door: Door, layer: str) -> str:
    """over and soon by the clock that presses most; open, vacant, or none."""
    if layer != "vacant" and door.open:
        if door.due_at is None:
            return "open"
        now = clock.now()
        return "over" if door.due_at < now else "soon" if door.due_at < now + SOON else "open"
    return "vacant" if layer != "open" and door.status in EMPTY else "none"


def _layers() -> tuple[tuple[str, str], ...]:
    return (("all", _("综合")), ("open", _("在办")), ("vacant", _("空置")))


def _link(block: Block, chosen: Block, layer: str, url: Url) -> look.Link:
    count = str(block.late or block.open or "")
    key = "over" if block.late else ""
    return look.Link(
        block.code, url(building=block.id, layer=layer), current=block == chosen, count=count, key=key
    )


Column = tuple[str, str]


def _columns(units: Sequence[Door]) -> list[Column]:
    """Entrance and place at the landing, in order: the last two figures of 1201 are the place."""
    return sorted({_column(d) for d in units}, key=_in_order)[:MOST_COLUMNS]


def _in_order(column: Column) -> Column:
    entrance, place = column
    return natural_sort(entrance), natural_sort(place)


def _column(door: Door) -> Column:
    return door.entrance, door.door[-2:] if door.door[-2:].isdigit() else door.door


def _heads(columns: Sequence[Column]) -> tuple[str | None, ...]:
    heads: list[str | None] = []
    for n, (entrance, place) in enumerate(columns):
        if n and columns[n - 1][0] != entrance:
            heads.append(None)
        heads.append(place)
    return tuple(heads)


def _floors(
    units: Sequence[Door], columns: Sequence[Column], tones: dict[int, str]
) -> tuple[look.Floor, ...]:
    levels: dict[int | None, dict[Column, Door]] = {}
    for door in units:
        levels.setdefault(door.floor, {}).setdefault(_column(door), door)
    return tuple(
        look.Floor("–" if level is None else str(level), tuple(_row(row, columns, tones)))
        for level, row in levels.items()
    )


def _row(
    row: dict[Column, Door], columns: Sequence[Column], tones: dict[int, str]
) -> list[look.FloorCell | None]:
    cells: list[look.FloorCell | None] = []
    for n, column in enumerate(columns):
        if n and columns[n - 1][0] != column[0]:
            cells.append(None)
        door = row.get(column)
        cells.append(_cell(door, tones[door.id]) if door else look.FloorCell("", "absent", "", ""))
    return cells


def _cell(door: Door, shown: str) -> look.FloorCell:
    words = " ".join(
        filter(None, (_name(shown), door.title, _("等 %s 件") % door.open if door.open > 1 else ""))
    )
    url = reverse("case", args=[door.case_id]) if door.open == 1 else reverse("unit", args=[door.id])
    return look.FloorCell(door.code, shown, words, url, GLYPHS.get(shown, ""))  # type: ignore[arg-type]


def _name(shown: str) -> str:
    return {
        "over": _("超时"),
        "soon": _("将到期"),
        "open": _("在办"),
        "vacant": _("空置"),
        "none": _("无事"),
    }[shown]


def _legend(tones: list[str], layer: str) -> tuple[tuple[str, str, int], ...]:
    shown = {"open": ("over", "soon", "open", "none"), "vacant": ("vacant", "none")}
    wanted = shown.get(layer, ("over", "soon", "open", "vacant", "none"))
    return tuple((name, _name(name), tones.count(name)) for name in wanted)
