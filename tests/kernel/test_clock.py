from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from shouwen.kernel import clock
from shouwen.kernel.clock import Span, parse_duration


def test_now_is_aware_utc_and_can_be_frozen():
    with time_machine.travel(datetime(2026, 11, 21, 16, 30, tzinfo=UTC), tick=False):
        assert clock.now() == datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
        assert clock.now().utcoffset() == timedelta(0)


def test_today_is_the_day_of_the_zone_not_of_utc():
    with time_machine.travel(datetime(2026, 11, 21, 16, 30, tzinfo=UTC), tick=False):
        assert clock.today() == date(2026, 11, 22)
        assert clock.today("UTC") == date(2026, 11, 21)


def test_local_shows_the_wall_clock_and_refuses_a_naive_moment():
    shown = clock.local(datetime(2026, 11, 21, 16, 30, tzinfo=UTC))
    assert (shown.date(), shown.time()) == (date(2026, 11, 22), time(0, 30))
    with pytest.raises(ValueError, match="naive"):
        clock.local(datetime(2026, 11, 21))  # noqa: DTZ001


def test_a_moment_is_said_with_its_year_where_it_is_not_this_one():
    noon = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        assert [clock.said(noon - timedelta(days=n)) for n in (0, 1, 365)] == [
            "11-22 12:00", "11-21 12:00", "2025-11-22 12:00",
        ]  # fmt: skip
        assert [clock.said_shortly(noon - timedelta(days=n)) for n in (0, 1, 365)] == [
            "12:00",
            "11-21",
            "2025-11-22",
        ]


def test_a_day_ends_with_its_last_microsecond():
    end = clock.end_of_day(date(2026, 11, 22))
    assert end == datetime(2026, 11, 22, 15, 59, 59, 999999, UTC)
    assert clock.local(end).date() == date(2026, 11, 22)
    assert end + timedelta(microseconds=1) == clock.start_of_day(date(2026, 11, 23))


@pytest.mark.parametrize(
    ("text", "span", "words"),
    [
        ("PT24H", Span(seconds=86_400), "24 小时"),
        ("PT48H", Span(seconds=172_800), "48 小时"),
        ("PT30M", Span(seconds=1_800), "30 分钟"),
        ("PT1H30M", Span(seconds=5_400), "1 小时 30 分钟"),
        ("PT90S", Span(seconds=90), "1 分钟 30 秒"),
        ("P3D", Span(days=3), "3 天"),
        ("P2W", Span(days=14), "14 天"),
        ("P1M", Span(months=1), "1 个月"),
        ("P1Y", Span(months=12), "1 年"),
        ("P18M", Span(months=18), "18 个月"),
        ("P2BD", Span(business_days=2), "2 个工作日"),
        ("P0D", Span(), "当天"),
        ("P1DT2H", Span(days=1, seconds=7_200), "1 天 2 小时"),
        ("-PT5M", Span(seconds=-300), "提前 5 分钟"),
        ("+P1D", Span(days=1), "1 天"),
    ],
)
def test_durations_are_read_and_said(text, span, words):
    assert parse_duration(text) == span
    assert str(span) == words
    assert parse_duration(span.iso) == span


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "3D", "P3", "P1.5D", "P1DT", "PT3D", "P2H", "P-1D", "P１D", "P99999D"]
)
def test_a_duration_written_wrong_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="写法不对"):
        parse_duration(text)


def test_a_time_of_zero_is_refused_since_it_would_be_read_as_a_day():
    with pytest.raises(ValueError, match="P0D"):
        parse_duration("PT0H")


parts = st.integers(0, 400)


@given(parts, parts, parts, st.integers(0, 400_000), st.booleans())
def test_every_span_survives_its_iso_text(months, days, business_days, seconds, back):
    span = Span(months, days, business_days, seconds)
    span = -span if back else span
    assert parse_duration(span.iso) == span
