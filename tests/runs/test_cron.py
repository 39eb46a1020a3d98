"""Cron expressions: which times they name, and what happens when the clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.runs.cron import parse, upcoming


def local(at: str, zone: str, after: datetime, count: int) -> list[str]:
    """The next times, as the clocks on the wall there show them."""
    return [f"{time.astimezone(ZoneInfo(zone)):%a %m-%d %H:%M}" for time in upcoming(at, zone, after, count)]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("30 6 * * *", ["Thu 01-01 06:30", "Fri 01-02 06:30", "Sat 01-03 06:30"]),
        ("0 6 * * mon-fri", ["Thu 01-01 06:00", "Fri 01-02 06:00", "Mon 01-05 06:00"]),
        ("0 6 * * 0", ["Sun 01-04 06:00", "Sun 01-11 06:00", "Sun 01-18 06:00"]),
        ("0 6 * * 7", ["Sun 01-04 06:00", "Sun 01-11 06:00", "Sun 01-18 06:00"]),
        ("0 6 * * sat-sun", ["Sat 01-03 06:00", "Sun 01-04 06:00", "Sat 01-10 06:00"]),
        ("*/20 23 * * *", ["Thu 01-01 23:00", "Thu 01-01 23:20", "Thu 01-01 23:40"]),
        ("5/30 0 * * *", ["Thu 01-01 00:05", "Thu 01-01 00:35", "Fri 01-02 00:05"]),
        ("0 0 1,15 feb *", ["Sun 02-01 00:00", "Sun 02-15 00:00", "Mon 02-01 00:00"]),
        ("0 9 13 * fri", ["Fri 01-02 09:00", "Fri 01-09 09:00", "Tue 01-13 09:00"]),
        ("0 9 * * 1-5/2", ["Fri 01-02 09:00", "Mon 01-05 09:00", "Wed 01-07 09:00"]),
    ],
)
def test_names_the_times_that_cron_names(at: str, expected: list[str]) -> None:
    midnight = datetime(2025, 12, 31, 23, 59, tzinfo=ZoneInfo("America/New_York"))
    assert local(at, "America/New_York", midnight, 3) == expected


@pytest.mark.parametrize(
    ("at", "complaint"),
    [
        ("* * * *", "has 4 fields"),
        ("60 * * * *", "'60' is no minute: write 0 to 59"),
        ("5-1 * * * *", "runs backwards"),
        ("*/0 * * * *", "the step after `/`"),
        ("* * * foo *", "write 1 to 12 or jan to dec"),
        ("* * * * 8", "write 0 to 7 or sun to sat"),
        (", * * * *", "'' is no minute"),
        ("-1 * * * *", "is no minute"),
    ],
)
def test_says_which_field_is_wrong(at: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(")):
        parse(at)


def test_a_time_that_does_not_exist_comes_after_the_gap() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert local("30 2 * * *", "Europe/Berlin", before, 2) == ["Sun 03-29 03:30", "Mon 03-30 02:30"]


def test_a_time_that_exists_twice_comes_once() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    times = upcoming("30 2 * * *", "Europe/Berlin", before, 3)
    assert [f"{time:%d %H:%M}" for time in times] == ["25 00:30", "26 01:30", "27 01:30"]


def test_every_hour_means_every_hour_that_passes() -> None:
    times = upcoming("0 * * * *", "Europe/Berlin", datetime(2026, 10, 24, 22, 30, tzinfo=UTC), 5)
    assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(hours=1)}


def test_a_leap_day_is_found_and_a_day_that_never_comes_is_not() -> None:
    assert upcoming("0 0 29 2 *", "UTC", datetime(2097, 1, 1, tzinfo=UTC), 1) == [datetime(2104, 2, 29, tzinfo=UTC)]
    assert upcoming("0 0 31 2 *", "UTC", datetime(2026, 1, 1, tzinfo=UTC), 1) == []


@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
)
@settings(max_examples=60, deadline=None)
def test_a_daily_time_comes_once_a_day(minute: int, hour: int, zone: str, start: datetime) -> None:
    times = upcoming(f"{minute} {hour} * * *", zone, start.replace(tzinfo=UTC), 12)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert times == sorted(set(times))
    assert all(timedelta(hours=22) < gap < timedelta(hours=26) for gap in gaps)
