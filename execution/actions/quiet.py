"""Quiet hours: when something that is due may be told, in the time zone of who is told."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from execution.directives.model import Severity
from execution.directives.model.routing import Quiet

SATURDAY = 5
_MIDNIGHT = time(0)
_MOST = 16
"""Ends of quiet times that are looked at: a weekend is two, each night one."""


def due_at(moment: datetime, quiet: Quiet | None, zone: str, severity: Severity) -> datetime:
    """The first moment from `moment` on that is not quiet; both naive UTC.

    A time that the clock leaves out in spring is taken with the offset before it (RFC 5545, 3.3.5), so it is as much
    later; of one that comes twice in autumn the first counts.
    """
    if quiet is None or severity in quiet.except_:
        return moment
    for _ in range(_MOST):
        end = _end(moment, quiet, zone)
        if end is None:
            break
        moment = end
    return moment


def is_quiet(moment: datetime, quiet: Quiet, zone: str) -> bool:
    """Whether people in that zone are left alone at a moment (naive UTC)."""
    return _end(moment, quiet, zone) is not None


def _end(moment: datetime, quiet: Quiet, zone: str) -> datetime | None:
    """When the quiet time ends that a moment lies in; None where it lies in none."""
    local = wall(moment, zone)
    if quiet.weekends and local.weekday() >= SATURDAY:
        return utc(local.date() + timedelta(days=1), _MIDNIGHT, zone)
    clock = local.time().replace(fold=0)
    if quiet.first < quiet.last:
        is_in, days = quiet.first <= clock < quiet.last, 0
    else:  # over night; one that begins as it ends is none
        is_in, days = quiet.first != quiet.last and not quiet.last <= clock < quiet.first, int(clock >= quiet.first)
    if not is_in:
        return None
    day = local.date() + timedelta(days=days)
    end = utc(day, quiet.last, zone)
    return end if end > moment else utc(day, quiet.last, zone, fold=1)  # the hour is there a second time


def wall(moment: datetime, zone: str) -> datetime:
    """What the clocks of a zone show at a moment (naive UTC)."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def utc(day: date, clock: time, zone: str, *, fold: int = 0) -> datetime:
    """When the clocks of a zone show that, or would: naive UTC. Of two times the first, with `fold=1` the second."""
    return datetime.combine(day, clock.replace(fold=fold), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
