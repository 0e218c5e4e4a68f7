"""``shouwen bench NAME``: figures measured on a database of their own, one JSON line each.

A line has ``bench, value, unit, limit, ratio, bar, ok, n, rounds``; ``limit`` is what was measured beside it in the
same run, so that a slow machine does not look like a slow product.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure and whether it passes its bar."""

    bench: str
    value: float
    unit: str
    limit: float | None
    ratio: float | None
    bar: float
    ok: bool
    n: int
    rounds: int

    def line(self) -> dict[str, object]:
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(self).items()}


def percentile(values: list[float], share: float) -> float:
    """The value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
