"""The day, week, month, quarter and year that run at a moment, and how much of each is left: what goals are held
against, whatever the period of a report is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from execution import engine
from execution.directives.model import Span, parse_period
from execution.directives.model.goals import Every

_SATURDAY = 5
_WEEK = 7
_WRITTEN = {"day": "today"}


@dataclass(frozen=True, slots=True)
class Running:
    """A span that runs: its beginning and end (naive UTC), and the days and working days left of it, today too."""

    every: Every
    begins_at: datetime
    ends_at: datetime
    days_left: int
    workdays_left: int


def running(as_of: datetime, zone: ZoneInfo, year_starts: int = 1) -> Iterator[Running]:
    """The span of each length that `as_of` (aware) lies in, by the clocks of a zone and the team's own year."""
    today = as_of.astimezone(zone).date()
    for every in get_args(Every):
        span = parse_period(_WRITTEN.get(every, f"this_{every}")).span(as_of, zone, year_starts)
        left = list(_days(today, span.end.date()))
        yield Running(
            every,
            engine.naive_utc(span.begin),
            engine.naive_utc(span.end),
            len(left),
            sum(day.weekday() < _SATURDAY for day in left),
        )


def length(span: Span) -> Every | None:
    """As what a report's period counts for goals: a unit where it is one, a week where it is seven days."""
    if span.unit == "day" and span.count == _WEEK:
        return "week"
    return span.unit if span.count == 1 else None


def _days(first: date, after: date) -> Iterator[date]:
    while first < after:
        yield first
        first += timedelta(days=1)
