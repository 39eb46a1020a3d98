"""Digests: at which moment the next one is, in the time zone of who reads it."""

from datetime import date, datetime, timedelta

from execution.actions.quiet import utc, wall
from execution.directives.model.routing import Digest

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def next_at(digest: Digest, moment: datetime, zone: str) -> tuple[datetime, date]:
    """When the digest is that a moment (naive UTC) comes into: the first from then on, and the day it is there."""
    day = wall(moment, zone).date()
    for ahead in range(9):
        at = utc(day + timedelta(days=ahead), digest.at, zone)
        if at >= moment and _is_on(digest, at_day := day + timedelta(days=ahead)):
            return at, at_day
    raise AssertionError(f"no day of {digest.days} within nine")  # every one of them comes within a week


def occasion(name: str, day: date) -> str:
    """What an alert is told as part of: `digest daily 2026-03-01`."""
    return f"digest {name} {day.isoformat()}"


def _is_on(digest: Digest, day: date) -> bool:
    return not digest.days or _DAYS[day.weekday()] in digest.days
