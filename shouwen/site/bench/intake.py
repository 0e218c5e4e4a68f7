"""``intake``: requests registered per second, against a bare view with four inserts, interleaved in one run."""

from __future__ import annotations

import http.client
import json
from statistics import median
from uuid import uuid4

from shouwen.site.bench import Figure
from shouwen.site.bench.ground import Place, fill_cases, settle
from shouwen.site.bench.load import Ask, expect, run
from shouwen.site.bench.server import serving

CLIENTS = 8
MANY, ONE, GROWN = 0.5, 0.35, 0.85


def measure(rows: int = 300_000, *, rounds: int = 7, seconds: float = 2.0) -> list[Figure]:
    """Three figures: 50 communities, one community, and 50 with ``rows`` cases against a nearly empty house."""
    places = settle(50)
    with serving() as port:
        figures = [_compared(port, "intake", places, MANY, rounds, seconds)]
        figures.append(_compared(port, "intake-one", places[:1], ONE, rounds, seconds))
        fill_cases(places, rows)
        grown = _compared(port, "intake-grown", places, MANY, rounds, seconds)
    growth = (grown.ratio or 0) / (figures[0].ratio or 1)
    figures.append(
        Figure(
            "intake-grown",
            growth,
            "of itself when small",
            figures[0].ratio,
            growth,
            GROWN,
            growth >= GROWN,
            rows,
            rounds,
        )
    )
    return figures


def _compared(port: int, name: str, places: list[Place], bar: float, rounds: int, seconds: float) -> Figure:
    """Requests per second of the product; ``limit`` is the bare view's in the same rounds."""
    product: list[float] = []
    bare: list[float] = []
    answered = 0
    for _ in range(rounds):
        for url, rates in (("/api/v1/cases", product), ("/api/v1/bench", bare)):
            seen = run(port, _asking(url, places), clients=CLIENTS, seconds=seconds)
            rates.append(seen.rate)
            answered += len(seen.seconds)
    ratio = median(p / b for p, b in zip(product, bare, strict=True))
    return Figure(
        name, median(product), "requests/s", median(bare), ratio, bar, ratio >= bar, answered, rounds
    )


def _asking(url: str, places: list[Place]) -> Ask:
    def ask(connection: http.client.HTTPConnection, turn: int) -> None:
        place = places[turn % len(places)]
        body = {
            "kind": "repair", "category": "leak", "title": f"厨房水管漏水 {turn}", "words": "昨晚开始滴水，怕漏电，请尽快安排。",
            "unit_id": place.unit,
        }  # fmt: skip
        headers = {
            "Authorization": f"Bearer {place.secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid4().hex,
        }
        expect(connection, "POST", url, json.dumps(body).encode(), headers, 201)

    return ask
