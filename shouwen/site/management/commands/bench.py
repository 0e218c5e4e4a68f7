"""``shouwen bench NAME``: one JSON line per figure, on a database that is thrown away afterwards."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shouwen.duties.bench import bench_absorb, bench_layout, bench_sweep
from shouwen.reports.bench import bench_board
from shouwen.site.bench import Figure, imports, intake, lists, live, mixed, offline, searches, slow, suggest
from shouwen.site.bench.ground import settle


def _list(options: dict[str, Any]) -> list[Figure]:
    return [lists.measure(options["rows"] or 300_000)]


def _search(options: dict[str, Any]) -> list[Figure]:
    return [searches.cases(options["rows"] or 300_000), searches.persons((options["rows"] or 300_000) // 3)]


def _intake(options: dict[str, Any]) -> list[Figure]:
    return intake.measure(options["rows"] or 300_000, seconds=options["seconds"])


def _sweep(_options: dict[str, Any]) -> list[Figure]:
    settle(50)
    gc.collect()
    gc.freeze()  # as the jobs process does, which sweeps
    return [_figure(bench_sweep())]


def _layout(_options: dict[str, Any]) -> list[Figure]:
    settle(1)
    return [_figure(bench_layout())]


def _absorb(_options: dict[str, Any]) -> list[Figure]:
    settle(1)
    return [_figure(bench_absorb())]


def _board(_options: dict[str, Any]) -> list[Figure]:
    settle(1)
    return [_figure(measured) for measured in bench_board()]


def _figure(measured: dict[str, Any]) -> Figure:
    return Figure(**{field.name: measured[field.name] for field in fields(Figure)})


def _import(_options: dict[str, Any]) -> list[Figure]:
    return imports.measure()


def _slow(_options: dict[str, Any]) -> list[Figure]:
    return [slow.measure()]


def _live(_options: dict[str, Any]) -> list[Figure]:
    return live.measure()


def _mixed(_options: dict[str, Any]) -> list[Figure]:
    return mixed.measure()


def _suggest(options: dict[str, Any]) -> list[Figure]:
    return suggest.measure(options["data"])


def _offline(_options: dict[str, Any]) -> list[Figure]:
    return offline.measure()


BENCHES: dict[str, Callable[[dict[str, Any]], list[Figure]]] = {
    "intake": _intake,
    "list": _list,
    "search": _search,
    "sweep": _sweep,
    "layout": _layout,
    "absorb": _absorb,
    "board": _board,
    "import": _import,
    "slow": _slow,
    "live": _live,
    "mixed": _mixed,
    "suggest": _suggest,
    "offline": _offline,
}


class Command(BaseCommand):
    help = "测量 / measure: " + " ".join([*BENCHES, "powercut", "start"])

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=[*BENCHES])
        parser.add_argument("--json", action="store_true", help="one JSON line per figure (the only form)")
        parser.add_argument("--rows", type=int, default=0, help="cases instead of 300000")
        parser.add_argument(
            "--data", default="", help="suggest: a hotline's orders.csv to measure with as well"
        )
        parser.add_argument("--seconds", type=float, default=2.0, help="length of a round")

    def handle(self, *args: Any, **options: Any) -> None:
        figures = BENCHES[options["name"]](options)
        for figure in figures:
            self.stdout.write(json.dumps(figure.line(), ensure_ascii=False))
        if not all(f.ok for f in figures):
            raise CommandError("a bar was missed")
