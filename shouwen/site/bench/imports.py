"""``import``: a workbook of 50,000 units with their owners, read, checked and written; then the same file again."""

from __future__ import annotations

import io
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import django

from shouwen.estate.imports.run import begin, carry_out
from shouwen.estate.models import Community, ImportRun, Unit
from shouwen.kernel import sheets
from shouwen.kernel.actors import System
from shouwen.site.bench import Figure
from shouwen.site.bench.ground import settle

ROWS, BAR_SECONDS, BAR_MB = 50_000, 60.0, 500.0
HEADS = ("楼栋", "单元", "房号", "建筑面积", "姓名", "电话", "身份")

_RSS_PER_MB = 2**20 if sys.platform == "darwin" else 2**10  # macOS tells bytes, Linux kilobytes


def measure(rows: int = ROWS) -> list[Figure]:
    """Seconds of the import, and of the same file again, which must change nothing.

    ``limit`` is the peak of the importing process in MB: the workbook is made by another.
    """
    home = Community.objects.get(pk=settle(1)[0].community)
    with ProcessPoolExecutor(1, get_context("spawn"), django.setup) as other:
        data = other.submit(_workbook, rows).result()
    before = Unit.objects.filter(community=home).count()
    first, again = _figure("import", home, data, rows), _figure("import_again", home, data, rows)
    added = Unit.objects.filter(community=home).count() - before
    runs = ImportRun.objects.filter(community=home).order_by("pk")
    changed = sum(count["added"] + count["changed"] for count in runs[1].counts.values())
    if runs[0].state != ImportRun.State.DONE or added != rows or changed:
        raise RuntimeError(f"{runs[0].state} {runs[0].words}: {added} units, again {runs[1].counts}")
    return [first, again]


def peak_mb() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _RSS_PER_MB


def _figure(name: str, home: Community, data: bytes, rows: int) -> Figure:
    begun = time.perf_counter()
    _import(home, data)
    seconds = time.perf_counter() - begun
    peak = peak_mb()
    ok = seconds <= BAR_SECONDS and peak <= BAR_MB
    return Figure(name, seconds, "s", peak, None, BAR_SECONDS, ok, rows, 1)


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
