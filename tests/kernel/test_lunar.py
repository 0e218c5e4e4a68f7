"""The moon's calendar: dates as they were and will be printed, above all where the new moon comes close to midnight."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shouwen.kernel import lunar

SPRING = {
    2004: "01-22", 2012: "01-23", 2018: "02-16", 2020: "01-25", 2024: "02-10", 2025: "01-29", 2026: "02-17", 2027: "02-06",
    2028: "01-26", 2029: "02-13", 2030: "02-03", 2031: "01-23", 2032: "02-11", 2033: "01-31", 2034: "02-19", 2035: "02-08",
}  # fmt: skip


@pytest.mark.parametrize(("year", "day"), SPRING.items())
def test_the_first_day_of_a_year(year: int, day: str) -> None:
    assert lunar.festivals(year)["spring"] == date.fromisoformat(f"{year}-{day}")


@pytest.mark.parametrize(
    ("year", "month", "day"),
    # The moon is new within minutes of midnight; 2012 has a leap month before, 2033 one at its very end.
    [(2012, 7, "2012-08-17"), (2018, 10, "2018-11-08"), (2027, 1, "2027-02-06"), (2030, 1, "2030-02-03"), (2033, 12, "2034-01-20")],
)  # fmt: skip
def test_the_first_day_of_a_month(year: int, month: int, day: str) -> None:
    assert lunar.from_lunar(year, month, 1).isoformat() == day


def test_every_year_begins_where_the_one_before_ends() -> None:
    for year in range(lunar.FIRST, lunar.LAST):
        last = lunar.from_lunar(year, 12, 1)
        rest = lunar.from_lunar(year + 1, 1, 1) - last
        assert rest in (timedelta(days=29), timedelta(days=30)), year


def test_festivals_of_a_year_are_in_order_and_end_with_the_table() -> None:
    found = lunar.festivals(2026)
    assert list(found.values()) == sorted(found.values())
    assert (found["dragon_boat"], found["mid_autumn"]) == (date(2026, 6, 19), date(2026, 9, 25))
    assert set(lunar.festivals(lunar.LAST + 1)) == {*lunar.COMMON, "qingming"}
    with pytest.raises(ValueError, match="reaches"):
        lunar.from_lunar(lunar.LAST + 1, 1, 1)
