"""``import``: a workbook of 50,000 units with their owners, read, checked and written; then the same file again."""

from __future__ import annotations

import io
import resource
import time

from shouwen.estate.imports.run import begin, carry_out
from shouwen.estate.models import Community, ImportRun, Unit
from shouwen.kernel import sheets
from shouwen.kernel.actors import System
from shouwen.site.bench import Figure
from shouwen.site.bench.ground import settle

ROWS, BAR_SECONDS, BAR_MB = 50_000, 60.0, 500.0
HEADS = ("楼栋", "单元", "房号", "建筑面积", "姓名", "电话", "身份")


def measure(rows: int = ROWS) -> Figure:
    """Seconds of the import; ``limit`` is the peak of the process in MB. The same file again must change nothing."""
    home = Community.objects.get(pk=settle(1)[0].community)
    data = _workbook(rows)
    before = Unit.objects.filter(community=home).count()
    begun = time.perf_counter()
    first = _import(home, data)
    seconds = time.perf_counter() - begun
    again = _import(home, data)
    added = Unit.objects.filter(community=home).count() - before
    changed = sum(c["added"] + c["changed"] for c in again.counts.values())
    if first.state != ImportRun.State.DONE or added != rows or changed:
        raise RuntimeError(f"{first.state} {first.words}: {added} units, again {again.counts}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ok = seconds <= BAR_SECONDS and peak <= BAR_MB
    return Figure("import", seconds, "s", peak, None, BAR_SECONDS, ok, rows, 1)


def _workbook(rows: int) -> bytes:
    """A hundred buildings of five hundred homes, made up by rule."""
    out = io.BytesIO()
    lines = (
        (
            str(n // 500 + 2),
            "1",
            f"{n % 500 // 4 + 1:02d}{n % 4 + 1:02d}",
            89.6,
            f"住户{n}",
            f"1390{n:07d}",
            "业主",
        )
        for n in range(rows)
    )
    sheets.write_xlsx(HEADS, lines, out, title="房屋")
    return out.getvalue()


def _import(home: Community, data: bytes) -> ImportRun:
    actor = System.of(home.pk)
    run = begin(home.pk, actor=actor, source="units", name="units.xlsx", data=data, mode="good")
    return carry_out(run, actor=actor)
