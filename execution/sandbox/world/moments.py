"""Time in the world: whole microseconds since 1970 in UTC, and how vendors write it."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = 1 << 62

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - everything here is UTC by definition
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?")


def of(moment: datetime) -> int:
    """An aware time in microseconds since 1970."""
    return (moment.astimezone(UTC).replace(tzinfo=None) - _EPOCH) // timedelta(microseconds=1)


def iso_us(moment: int) -> str:
    """`2026-01-01T00:00:00.000000Z`."""
    return (_EPOCH + timedelta(microseconds=moment)).isoformat(timespec="microseconds") + "Z"


def iso_ms(moment: int) -> str:
    """`2026-01-01T00:00:00.000Z`."""
    return (_EPOCH + timedelta(microseconds=moment)).isoformat(timespec="milliseconds") + "Z"


def day(moment: int) -> str:
    """`2026-01-01`."""
    return (_EPOCH + timedelta(microseconds=moment)).date().isoformat()


def parse(text: str) -> int | None:
    """ISO 8601 text in microseconds, a missing zone taken as UTC; None where it is no such text."""
    if not _ISO.fullmatch(text):
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return of(read if read.tzinfo else read.replace(tzinfo=UTC))


def months_after(moment: int, months: int) -> int:
    """So many months later, at the same time of day; on the month's last day where it is shorter."""
    read = _EPOCH + timedelta(microseconds=moment)
    year, month = divmod(read.year * 12 + read.month - 1 + months, 12)
    day_ = min(read.day, monthrange(year, month + 1)[1])
    return (read.replace(year=year, month=month + 1, day=day_) - _EPOCH) // timedelta(microseconds=1)


def weekday(moment: int) -> int:
    """0 for Monday … 6 for Sunday."""
    return (moment // DAY + 3) % 7
