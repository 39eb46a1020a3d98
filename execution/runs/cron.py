"""Five-field cron expressions in a time zone: when they come round next.

Two rules where the clocks change, as cron itself has them. A time that does not exist that day comes as much later as
the clocks jumped. A time that exists twice comes once; only an hour field of `*` means every hour that passes.
APScheduler's own trigger halts at the second case and counts weekdays from Monday, so it is not used for this.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_HORIZON_DAYS = 8 * 366 + 2
"""Far enough for 29 February over a century's missing leap day."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression. Weekdays count from Sunday = 0.

    Where both day fields are restricted, either of them makes a day match; that is cron's rule.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_every_hour: bool
    is_either_day: bool

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first time after `moment` (aware), in UTC; None where the expression never comes round."""
        today = moment.astimezone(zone).date()
        # From the day before, because a time in a gap moves past midnight where the clocks jump at midnight.
        for ahead in range(-1, _HORIZON_DAYS):
            day = today + timedelta(days=ahead)
            if self._is_on(day):
                later = [at for at in self._times_on(day, zone) if at > moment]
                if later:
                    return min(later)
        return None

    def _is_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        on_day, on_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return on_day or on_weekday if self.is_either_day else on_day and on_weekday

    def _times_on(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        for hour in self.hours:
            for minute in self.minutes:
                local = datetime.combine(day, time(hour, minute), tzinfo=zone)
                yield local.astimezone(UTC)
                if self.is_every_hour:
                    yield local.replace(fold=1).astimezone(UTC)


def parse(text: str) -> Cron:
    """`30 6 * * mon-fri` → Cron. Raises ValueError saying which field is wrong and what it may hold."""
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{text!r} has {len(fields)} fields; it takes five: minute hour day month weekday")
    minutes, hours, days, months, weekdays = (
        _values(field, *limits) for field, limits in zip(fields, _FIELDS, strict=True)
    )
    return Cron(
        minutes,
        hours,
        days,
        months,
        frozenset(day % 7 for day in weekdays),
        is_every_hour=fields[1].startswith("*"),
        is_either_day=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )


def _values(field: str, name: str, least: int, most: int) -> frozenset[int]:
    return frozenset(value for part in field.split(",") for value in _range(part, name, least, most))


def _range(part: str, name: str, least: int, most: int) -> range:
    span, slash, step = part.partition("/")
    first, dash, last = span.partition("-")
    if slash and not (step.isdecimal() and int(step)):
        raise ValueError(f"{part!r} is no {name}: the step after `/` is a whole number from 1")
    if span == "*":
        return range(least, most + 1, int(step or 1))
    start = _number(first, part, name, least, most)
    end = _number(last, part, name, least, most) if dash else most if slash else start
    if dash and last.lower() == "sun":
        end = 7
    if end < start:
        raise ValueError(f"{part!r} is no {name}: the range runs backwards")
    return range(start, end + 1, int(step or 1))


def _number(word: str, part: str, name: str, least: int, most: int) -> int:
    names = {"month": _MONTHS, "weekday": _WEEKDAYS}.get(name, ())
    if word.lower() in names:
        return names.index(word.lower()) + least
    if not word.isdecimal() or not least <= int(word) <= most:
        also = f" or {names[0]} to {names[-1]}" if names else ""
        raise ValueError(f"{part!r} is no {name}: write {least} to {most}{also}")
    return int(word)


def upcoming(at: str, time_zone: str, after: datetime, count: int) -> list[datetime]:
    """The next `count` times after `after`, in UTC; fewer where there are fewer."""
    cron, zone = parse(at), ZoneInfo(time_zone)
    times: list[datetime] = []
    while len(times) < count:
        found = cron.next_after(times[-1] if times else after, zone)
        if found is None:
            break
        times.append(found)
    return times
