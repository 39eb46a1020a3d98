"""A day, a minute or a month as people write it: `2026-12-31`, `31 December 2026`, `Dec 31, 2026`, `2026-12`."""

import re
from datetime import datetime, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::\d{2})?)?)?"
)
_NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th|\.)? )?(?P<name>[a-z]{3,9})\.?"
    r"(?: (?P<behind>\d{1,2})(?:st|nd|rd|th)?)?,? (?P<year>\d{4})"
)
_NUMBERS = re.compile(r"(?P<one>\d{1,2})(?P<mark>[./])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4})")

Span = tuple[datetime, datetime]


def span_of(text: str) -> Span | None:
    """From when until when the written moment is, by the clock that its reader uses; None where it cannot be told.

    `3/4/2026` is a day in March for some and in April for others, so it is none.
    """
    bare = " ".join(text.split())
    try:
        return _iso(bare) or _named(bare.lower()) or _numbers(bare)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> Span | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month = int(found["year"]), int(found["month"])
    if found["day"] is None:
        return _month(year, month)
    if found["hour"] is None:
        return _day(year, month, int(found["day"]))
    start = _day(year, month, int(found["day"]))[0].replace(hour=int(found["hour"]), minute=int(found["minute"]))
    return start, start + timedelta(minutes=1)


def _named(text: str) -> Span | None:
    found = _NAMED.fullmatch(text)
    if found is None or found["name"][:3] not in _MONTHS:
        return None
    year, month = int(found["year"]), _MONTHS.index(found["name"][:3]) + 1
    day = found["day"] or found["behind"]
    return _day(year, month, int(day)) if day else _month(year, month)


def _numbers(text: str) -> Span | None:
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return None
    one, other, year = int(found["one"]), int(found["other"]), int(found["year"])
    if found["mark"] == "." or one > 12 or one == other:
        return _day(year, other, one)
    return _day(year, one, other) if other > 12 else None


def _day(year: int, month: int, day: int) -> Span:
    start = datetime(year, month, day)  # noqa: DTZ001 - a clock's, whatever its zone
    return start, start + timedelta(days=1)


def _month(year: int, month: int) -> Span:
    start = datetime(year, month, 1)  # noqa: DTZ001
    return start, (start + timedelta(days=31)).replace(day=1)
