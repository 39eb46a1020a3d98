"""Finding contacts and conversations, and paging through what was found.

Dates of contacts are matched by calendar day in the workspace's time zone, as the vendor does: `>` begins on the next
day, `<` ends with the day before, `=` is the whole day. Those of conversations are matched to the second.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from execution.sandbox.exchange import Record, encode
from execution.sandbox.intercom.asking import Many, One, Search, Sort
from execution.sandbox.intercom.errors import invalid

_REMEMBERED = 16


class Source(NamedTuple):
    """What is searched: all numbers, when each was made and changed (seconds), and its record."""

    everything: Callable[[], Sequence[int]]
    times: Callable[[int], tuple[int, int]]
    record: Callable[[int], Record]
    dates: frozenset[str]


class Found(NamedTuple):
    """An answer: (what it is sorted by, number) in ascending order; read from its end where `descending`."""

    rows: list[tuple[Any, int]]
    descending: bool


class Page(NamedTuple):
    """One page of numbers, which page it is, how many there are, and the cursor of the next one."""

    keys: list[int]
    number: int
    total: int
    following: str | None


class Searches:
    """Answers searches over one kind of thing; remembers the last few answers until the world moves on."""

    def __init__(self, source: Source, zone: str, version: Callable[[], int]) -> None:
        self._source = source
        self._zone = ZoneInfo(zone)
        self._version = version
        self._answers: OrderedDict[bytes, Found] = OrderedDict()
        self._seen = -1

    def page(self, search: Search | None, per_page: int, cursor: str | None, seen_until_s: int) -> Page:
        """One page of a search, or of everything. Things made after `seen_until_s` are not in the index yet."""
        found = self._found(search, seen_until_s)
        rows = found.rows
        number, place = (1, None) if cursor is None else _read(cursor)
        if found.descending:
            stop = len(rows) if place is None else bisect_left(rows, place)
            taken = rows[max(0, stop - per_page) : stop][::-1]
            has_more = stop > per_page
        else:
            start = 0 if place is None else bisect_right(rows, place)
            taken = rows[start : start + per_page]
            has_more = start + per_page < len(rows)
        following = _cursor(taken[-1], number + 1) if has_more else None
        return Page([key for _, key in taken], number, len(rows), following)

    def _found(self, search: Search | None, seen_until_s: int) -> Found:
        if self._seen != self._version():
            self._answers.clear()
            self._seen = self._version()
        asked = encode((None if search is None else (search.query, search.sort), seen_until_s))
        if asked not in self._answers:
            self._answers[asked] = self._answer(search, seen_until_s)
            if len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)
        return self._answers[asked]

    def _answer(self, search: Search | None, seen_until_s: int) -> Found:
        source = self._source
        sort = (search.sort if search is not None else None) or Sort("created_at")
        keys = [
            key
            for key in source.everything()
            if source.times(key)[0] <= seen_until_s and (search is None or self._holds(search.query, key))
        ]  # fmt: skip
        rows = sorted((self._sort_value(sort.field, key), key) for key in keys)
        return Found(rows, sort.order == "descending")

    def _sort_value(self, field: str, key: int) -> Any:  # noqa: ANN401 - a number or a text
        value = self._value(field, key)
        is_text = field in {"id", "name", "email"}
        return (value or "") if is_text else (value if isinstance(value, int) else 0)

    def _value(self, field: str, key: int) -> Any:  # noqa: ANN401 - any JSON
        if field == "created_at":
            return self._source.times(key)[0]
        if field == "updated_at":
            return self._source.times(key)[1]
        record = self._source.record(key)
        if field == "contact_ids":
            return [contact["id"] for contact in record["contacts"]["contacts"]]
        if field == "teammate_ids":
            return [admin["id"] for admin in record["teammates"]["teammates"]]
        if field == "tag_ids":
            return [tag["id"] for tag in record["tags"]["tags"]]
        if field == "conversation_rating.score":
            return (record["conversation_rating"] or {}).get("rating")
        value: Any = record
        for name in field.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def _holds(self, query: One | Many, key: int) -> bool:
        if isinstance(query, Many):
            return (all if query.operator == "AND" else any)(self._holds(one, key) for one in query.value)
        value = self._value(query.field, key)
        if query.field in self._source.dates:
            return self._on_day(query, value)
        values = value if isinstance(value, list) else [value]
        is_negated = query.operator in {"!=", "NIN", "!~"}
        holds = any(_compared(query, one) for one in values)
        return not holds if is_negated else holds

    def _on_day(self, query: One, value: int | None) -> bool:
        if value is None or query.value is None:
            return query.operator == "=" and value is None and query.value is None
        low, high = self.day_of(int(query.value))
        match query.operator:
            case ">":
                return value >= high
            case "<":
                return value < low
            case _:
                return low <= value < high

    def day_of(self, second: int) -> tuple[int, int]:
        """The workspace's calendar day of a moment: its first second, and that of the next day."""
        midnight = datetime.fromtimestamp(second, self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        following = (midnight.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=self._zone)
        return int(midnight.timestamp()), int(following.timestamp())


def _compared(query: One, value: Any) -> bool:  # noqa: ANN401 - any JSON; one case per operator
    """Whether one value meets a condition; for negated operators, whether it meets what they negate."""
    wanted = query.value
    match query.operator:
        case "=" | "!=":
            return _plain(value) == _plain(wanted)
        case "IN" | "NIN":
            return _plain(value) in {_plain(one) for one in wanted}
        case "~" | "!~":
            return value is not None and str(wanted).casefold() in str(value).casefold()
        case "^":
            return value is not None and str(value).casefold().startswith(str(wanted).casefold())
        case "$":
            return value is not None and str(value).casefold().endswith(str(wanted).casefold())
    if value is None or wanted is None:
        return False
    match query.operator:
        case "<":
            return int(value) < int(wanted)
        case ">":
            return int(value) > int(wanted)
        case "<=":
            return int(value) <= int(wanted)
        case _:
            return int(value) >= int(wanted)


def _plain(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Numbers may come as texts, texts are compared without regard to case."""
    return None if value is None else str(value).casefold()


def _cursor(row: tuple[Any, int], page: int) -> str:
    return urlsafe_b64encode(encode([*row, page])).decode()


def _read(cursor: str) -> tuple[int, tuple[Any, int]]:
    """(page, place) of a cursor. Raises Refusal (400) where it is none of ours."""
    try:
        value, key, page = msgspec.json.decode(urlsafe_b64decode(cursor), type=tuple[int | str, int, int])
    except (ValueError, msgspec.MsgspecError) as error:
        raise invalid("starting_after is not a valid cursor", "invalid_starting_after") from error
    return page, (value, key)
