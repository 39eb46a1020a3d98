"""The period of a report: `7d`, `last_7_days`, `this_week`, `2026-10`, … as it is written, and which days that is at a
moment."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainSerializer

from execution.directives.model.shape import UnfitError, parse_duration

Unit = Literal["day", "week", "month", "quarter", "year"]
Compare = Literal["previous", "yoy", "qoq"]
COMPARISONS: tuple[Compare, ...] = ("previous", "yoy", "qoq")

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_RELATIVE = re.compile(r"(this|last|next)_(week|month|quarter|year)")
_LAST = re.compile(r"last_([1-9]\d{0,3})_(day|week|month|quarter|year)s?")
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_DAY = r"\d{4}-\d{2}-\d{2}"
_HINT = (
    "write 7d, today, last_7_days, this_week, last_month, this_quarter, 2026-10, 2026-Q3, 2026-W41 "
    "or 2026-01-05..2026-02-10"
)


@dataclass(frozen=True, slots=True)
class Span:
    """Time from `begin` up to, not including, `end` (aware, in the team's zone). `until` is the earlier of the end and
    the moment asked about: what has happened of it by then. `unit` times `count` is its length where it has one."""

    begin: datetime
    end: datetime
    until: datetime
    unit: Unit | None = None
    count: int = 1

    @property
    def label(self) -> str:
        """`2026-10`, `2026-10-05`, or `2026-10-05 to 2026-10-11`, the last day included."""
        first, last = self.begin.date(), (self.end - timedelta(microseconds=1)).date()
        if self.unit is None:
            return f"{self.begin:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M}"
        if self.unit == "month" and self.count == 1:
            return f"{first:%Y-%m}"
        return f"{first}" if first == last else f"{first} to {last}"

    def before(self, compare: Compare) -> "Span":
        """The span to compare with: the one before it, or the same a year or a quarter (three months) earlier; weeks
        52 or 13 weeks earlier, whose days are the same of the week.

        As much of it counts as has passed of this one.
        """
        if self.unit is None:
            back = {"previous": self.end - self.begin, "yoy": timedelta(days=365), "qoq": timedelta(days=91)}[compare]
            return replace(self, begin=self.begin - back, end=self.end - back, until=self.until - back)
        zone = self.begin.tzinfo
        first, after = self.begin.date(), self.end.date()
        if compare == "previous":
            earlier = (_moved(first, self.unit, -self.count), first)
        else:
            earlier = _earlier(first, after, self.unit, 12 if compare == "yoy" else 3)
        begin, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in earlier)
        passed = end if self.until >= self.end else min(end, begin + (self.until - self.begin))
        return Span(begin, end, max(begin, passed), self.unit, self.count)


@dataclass(frozen=True, slots=True)
class Period:
    """A period as it is written."""

    text: str

    def span(self, as_of: datetime, zone: ZoneInfo, year_starts: int = 1) -> Span:
        """Which time that is at a moment (aware), by the clocks of a zone and a year that begins with a month."""
        now = as_of.astimezone(zone)
        found = _days(self.text, now.date(), year_starts)
        if found is None:
            return Span(now - parse_duration(self.text), now, now)
        first, after, unit, count = found
        begin, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, after))
        return Span(begin, end, max(begin, min(end, now)), unit, count)


def parse_period(value: object) -> Period:
    """What is written as a period. Raises UnfitError with what is accepted."""
    if isinstance(value, Period):
        return value
    text = str(value).strip()
    try:
        if _days(text, date(2026, 1, 1), 1) is None:
            parse_duration(text)
    except (ValueError, OverflowError):
        raise UnfitError(f"'{text[:40]}' is no period", hint=_HINT) from None
    return Period(text)


ReportPeriod = Annotated[Period, BeforeValidator(parse_period), PlainSerializer(lambda period: period.text)]

Days = tuple[date, date, Unit, int]
"""The first day, the day after the last, and how many of which unit that is."""


def _days(text: str, today: date, year_starts: int) -> Days | None:
    """The days of a period that has whole ones; None for a length of time. Raises ValueError for a day that is none."""
    if text in _DAYS:
        first = today + timedelta(days=_DAYS[text])
        return first, first + timedelta(days=1), "day", 1
    if match := _LAST.fullmatch(text):
        return _last(int(match[1]), _unit(match[2]), today, year_starts)
    if match := _RELATIVE.fullmatch(text):
        unit = _unit(match[2])
        first = _moved(_start(today, unit, year_starts), unit, {"last": -1, "this": 0, "next": 1}[match[1]])
        return first, _moved(first, unit, 1), unit, 1
    for form, read in _WRITTEN:
        if match := form.fullmatch(text):
            return read(match, year_starts)
    return None


def _last(count: int, unit: Unit, today: date, year_starts: int) -> Days:
    """The last days up to and with today; of greater units those before the one that runs."""
    if unit == "day":
        return today - timedelta(days=count - 1), today + timedelta(days=1), unit, count
    after = _start(today, unit, year_starts)
    return _moved(after, unit, -count), after, unit, count


def _of_year(match: re.Match[str], year_starts: int) -> Days:
    first = date(int(match[1]), year_starts, 1)
    return first, _moved(first, "year", 1), "year", 1


def _of_quarter(match: re.Match[str], year_starts: int) -> Days:
    first = _months_on(date(int(match[1]), year_starts, 1), 3 * (int(match[2]) - 1))
    return first, _moved(first, "quarter", 1), "quarter", 1


def _of_month(match: re.Match[str], _year_starts: int) -> Days:
    first = date(int(match[1]), int(match[2]), 1)
    return first, _moved(first, "month", 1), "month", 1


def _of_week(match: re.Match[str], _year_starts: int) -> Days:
    first = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    return first, _moved(first, "week", 1), "week", 1


def _of_days(match: re.Match[str], _year_starts: int) -> Days:
    first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2] or match[1])
    if last < first:
        raise ValueError("it ends before it begins")
    return first, last + timedelta(days=1), "day", (last - first).days + 1


_WRITTEN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], int], Days]], ...] = (
    (re.compile(r"(\d{4})"), _of_year),
    (re.compile(r"(\d{4})-[Qq]([1-4])"), _of_quarter),
    (re.compile(r"(\d{4})-(\d{2})"), _of_month),
    (re.compile(r"(\d{4})-[Ww](\d{2})"), _of_week),
    (re.compile(rf"({_DAY})(?:\.\.({_DAY}))?"), _of_days),
)


def _unit(word: str) -> Unit:
    units: dict[str, Unit] = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
    return units[word]


def _start(day: date, unit: Unit, year_starts: int) -> date:
    """The first day of the unit that a day is in; quarters and years are the team's own."""
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.weekday())
    first = day.replace(day=1)
    into_year = (first.month - year_starts) % 12
    return _months_on(first, -(into_year % _MONTHS[unit]))


def _moved(day: date, unit: Unit, count: int) -> date:
    if unit in _MONTHS:
        return _months_on(day, _MONTHS[unit] * count)
    return day + timedelta(days=count * (7 if unit == "week" else 1))


def _earlier(first: date, after: date, unit: Unit, months: int) -> tuple[date, date]:
    """The first day, and the day after the last, of the same span some months earlier.

    Never less than the last day itself: of 28 May, three months earlier, both 28 and 29 May are 28 February.
    """
    if unit == "week":
        back = timedelta(weeks=months * 13 // 3)
        return first - back, after - back
    last = _months_on(after - timedelta(days=1), -months)
    return _months_on(first, -months), max(_months_on(after, -months), last + timedelta(days=1))


def _months_on(day: date, months: int) -> date:
    """The same day of another month, or its last where that month is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
