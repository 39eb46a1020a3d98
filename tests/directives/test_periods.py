"""Periods: which days they are, and which they are held against."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.directives.model import COMPARISONS, Compare, Period, Span, parse_period

NOW = datetime(2026, 6, 30, 15, tzinfo=UTC)  # a Tuesday
BERLIN = ZoneInfo("Europe/Berlin")

CALENDAR = [
    ("today", "2026-06-30", "2026-07-01"),
    ("yesterday", "2026-06-29", "2026-06-30"),
    ("tomorrow", "2026-07-01", "2026-07-02"),
    ("last_7_days", "2026-06-24", "2026-07-01"),
    ("last_1_day", "2026-06-30", "2026-07-01"),
    ("last_2_weeks", "2026-06-15", "2026-06-29"),
    ("last_3_months", "2026-03-01", "2026-06-01"),
    ("this_week", "2026-06-29", "2026-07-06"),
    ("last_week", "2026-06-22", "2026-06-29"),
    ("next_week", "2026-07-06", "2026-07-13"),
    ("this_month", "2026-06-01", "2026-07-01"),
    ("last_month", "2026-05-01", "2026-06-01"),
    ("this_quarter", "2026-04-01", "2026-07-01"),
    ("next_quarter", "2026-07-01", "2026-10-01"),
    ("this_year", "2026-01-01", "2027-01-01"),
    ("2025", "2025-01-01", "2026-01-01"),
    ("2026-02", "2026-02-01", "2026-03-01"),
    ("2026-Q3", "2026-07-01", "2026-10-01"),
    ("2026-W01", "2025-12-29", "2026-01-05"),
    ("2026-02-03", "2026-02-03", "2026-02-04"),
    ("2026-01-05..2026-02-10", "2026-01-05", "2026-02-11"),
]


def span(text: str, now: datetime = NOW, zone: ZoneInfo = BERLIN, year_starts: int = 1) -> Span:
    return parse_period(text).span(now, zone, year_starts)


@pytest.mark.parametrize(("text", "first", "after"), CALENDAR)
def test_a_period_is_whole_days_by_the_teams_clocks(text: str, first: str, after: str) -> None:
    found = span(text)
    assert (found.begin, found.end) == tuple(
        datetime.fromisoformat(day).replace(tzinfo=BERLIN) for day in (first, after)
    )


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [("this_quarter", "2026-05-01", "2026-08-01"), ("this_year", "2026-02-01", "2027-02-01"),
     ("2026-Q4", "2026-11-01", "2027-02-01"), ("2025", "2025-02-01", "2026-02-01"),
     ("2026-06", "2026-06-01", "2026-07-01")],
)  # fmt: skip
def test_quarters_and_years_are_the_teams_own(text: str, first: str, after: str) -> None:
    found = span(text, year_starts=2)
    assert (found.begin.date(), found.end.date()) == (date.fromisoformat(first), date.fromisoformat(after))


def test_a_length_of_time_ends_now() -> None:
    found = span("36h")
    assert (found.begin, found.end, found.until) == (NOW - timedelta(hours=36), NOW, NOW)
    assert found.label == "2026-06-29 05:00 to 2026-06-30 17:00"


def test_what_has_passed_of_it_ends_with_now() -> None:
    assert span("this_month").until == NOW
    assert span("last_month").until == span("last_month").end
    assert span("next_month").until == span("next_month").begin, "nothing of it has passed"


@pytest.mark.parametrize(
    ("text", "label"),
    [("2026-02", "2026-02"), ("2026-02-03", "2026-02-03"), ("this_week", "2026-06-29 to 2026-07-05")],
)
def test_a_period_is_called_by_its_days(text: str, label: str) -> None:
    assert span(text).label == label


@pytest.mark.parametrize(
    ("text", "compare", "first", "after"),
    [
        ("2026-03", "previous", "2026-02-01", "2026-03-01"),
        ("2026-03", "yoy", "2025-03-01", "2025-04-01"),
        ("2026-03", "qoq", "2025-12-01", "2026-01-01"),
        ("2026-Q1", "previous", "2025-10-01", "2026-01-01"),
        ("2026-W10", "previous", "2026-02-23", "2026-03-02"),
        ("last_7_days", "previous", "2026-06-17", "2026-06-24"),
        ("2024-02-29", "yoy", "2023-02-28", "2023-03-01"),
        ("2026", "qoq", "2025-10-01", "2026-10-01"),
        ("2026-W10", "yoy", "2025-03-03", "2025-03-10"),
        ("2026-W10", "qoq", "2025-12-01", "2025-12-08"),
        ("2026-05-28", "qoq", "2026-02-28", "2026-03-01"),
        ("2024-02-28", "yoy", "2023-02-28", "2023-03-01"),
        ("2024-02-01..2024-02-29", "qoq", "2023-11-01", "2023-12-01"),
        ("2024-01-01..2024-03-31", "yoy", "2023-01-01", "2023-04-01"),
    ],
)
def test_a_period_is_held_against_its_like(text: str, compare: Compare, first: str, after: str) -> None:
    before = span(text).before(compare)
    assert (before.begin.date(), before.end.date()) == (date.fromisoformat(first), date.fromisoformat(after))


def test_a_period_that_runs_is_held_against_as_much_of_the_one_before() -> None:
    before = span("this_month").before("previous")
    assert before.until == datetime(2026, 5, 30, 17, tzinfo=BERLIN)
    assert span("2026-03", datetime(2026, 3, 31, 12, tzinfo=UTC)).before("previous").until == datetime(
        2026, 3, 1, tzinfo=BERLIN
    ), "February is over by then"


NO_PERIODS = (
    "", "7", "last_0_days", "this_day", "2026-13", "2026-Q5", "2026-W60", "2026-02-30", "2026-02-10..2026-01-05",
    "last_9999_years", "soon", "-7d", "last_7_dais",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_PERIODS)
def test_what_is_no_period_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(ValueError, match="is no period") as caught:
        parse_period(text)
    assert "last_7_days" in getattr(caught.value, "hint", "")


MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
TEXTS = st.sampled_from([text for text, _, _ in CALENDAR] + ["7d", "36h"])


@given(MOMENTS, TEXTS, st.sampled_from(COMPARISONS), st.integers(1, 12))
def test_spans_meet_and_nothing_is_asked_of_the_future(now: datetime, text: str, compare: Compare, starts: int) -> None:
    found = Period(text).span(now, BERLIN, starts)
    assert found.begin < found.end
    assert found.begin <= found.until <= found.end
    before = found.before(compare)
    assert before.begin < before.end
    assert before.begin <= before.until <= before.end
    if compare == "previous":
        assert before.end == found.begin
