"""The spans that run at a moment, and what a report's period counts as for goals."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.directives.model import parse_period
from execution.reports.spans import Running, length, running

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)


def at(zone: str, as_of: datetime = AS_OF, year_starts: int = 1) -> dict[str, Running]:
    return {each.every: each for each in running(as_of, ZoneInfo(zone), year_starts)}


def day(year: int, month: int, of: int, hour: int = 0) -> datetime:
    """As the store keeps times."""
    return datetime(year, month, of, hour)  # noqa: DTZ001


def test_each_span_runs_from_its_own_beginning_by_the_clocks_of_the_zone() -> None:
    found = at("Europe/Berlin")
    assert list(found) == ["day", "week", "month", "quarter", "year"]
    assert (found["day"].begins_at, found["day"].ends_at) == (day(2026, 6, 29, 22), day(2026, 6, 30, 22))
    assert found["week"].begins_at == day(2026, 6, 28, 22)
    assert (found["month"].days_left, found["month"].workdays_left) == (1, 1)
    assert (found["week"].days_left, found["week"].workdays_left) == (6, 4)
    assert (found["quarter"].begins_at, found["year"].begins_at) == (day(2026, 3, 31, 22), day(2025, 12, 31, 23))


def test_a_day_has_begun_in_one_place_that_has_not_in_another() -> None:
    late = datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert at("Pacific/Kiritimati", late)["month"].begins_at == day(2026, 6, 30, 10)
    assert at("America/Chicago", late)["month"].begins_at == day(2026, 6, 1, 5)


def test_quarters_and_years_are_the_teams_own() -> None:
    found = at("UTC", year_starts=2)
    assert (found["quarter"].begins_at, found["year"].begins_at) == (day(2026, 5, 1), day(2026, 2, 1))


def test_december_ends_with_the_year() -> None:
    found = at("UTC", datetime(2026, 12, 30, 9, tzinfo=UTC))
    assert (found["month"].ends_at, found["month"].workdays_left) == (day(2027, 1, 1), 2)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(1, 12))  # noqa: DTZ001
def test_every_span_has_the_moment_in_it_and_a_day_left(as_of: datetime, year_starts: int) -> None:
    for each in running(as_of, ZoneInfo("UTC"), year_starts):
        naive = as_of.replace(tzinfo=None)
        assert each.begins_at <= naive < each.ends_at
        assert 1 <= each.days_left <= (each.ends_at - each.begins_at) / timedelta(days=1)
        assert 0 <= each.workdays_left <= each.days_left
        assert each.begins_at.date() <= date(naive.year, naive.month, naive.day)


@pytest.mark.parametrize(
    ("written", "every"),
    [
        ("today", "day"), ("yesterday", "day"), ("this_week", "week"), ("last_7_days", "week"), ("2026-W20", "week"),
        ("2026-06", "month"), ("last_1_months", "month"), ("2026-Q2", "quarter"), ("2026", "year"),
        ("last_3_days", None), ("last_2_weeks", None), ("36h", None), ("7d", None),
    ],
)  # fmt: skip
def test_a_period_counts_for_goals_as_what_it_is_as_long_as(written: str, every: str | None) -> None:
    assert length(parse_period(written).span(AS_OF, ZoneInfo("UTC"))) == every
