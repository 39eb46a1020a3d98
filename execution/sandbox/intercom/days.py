"""How searches of contacts read dates: as calendar days of the workspace's time zone.

`>` begins on the next day, `<` ends with the day before, `=` is the whole day. A condition is turned into one on
seconds, so that the search itself knows no days.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from execution.sandbox.intercom.asking import Many, One


def by_seconds(query: One | Many, dates: frozenset[str], zone: ZoneInfo) -> One | Many:
    """The query with the conditions on `dates` as conditions on seconds."""
    if isinstance(query, Many):
        return Many(query.operator, tuple(by_seconds(one, dates, zone) for one in query.value))
    if query.field not in dates or query.value is None:
        return query
    low, high = day_of(int(query.value), zone)
    match query.operator:
        case ">":
            return One(query.field, ">=", high)
        case "<":
            return One(query.field, "<", low)
        case _:
            return Many("AND", (One(query.field, ">=", low), One(query.field, "<", high)))


def day_of(second: int, zone: ZoneInfo) -> tuple[int, int]:
    """The calendar day of a moment: its first second, and that of the next day."""
    midnight = datetime.fromtimestamp(second, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    following = (midnight.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
    return int(midnight.timestamp()), int(following.timestamp())
