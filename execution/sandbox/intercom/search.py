"""Finding contacts and conversations, and paging through what was found.

Spans of creation and change, which is what a sync asks for, are cut out of rows kept in order; conditions on anything
else look at every record that is left.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from execution.sandbox.exchange import Record, encode
from execution.sandbox.intercom.asking import Many, One, Search, Sort
from execution.sandbox.intercom.days import by_seconds
from execution.sandbox.intercom.errors import invalid
from execution.sandbox.intercom.matching import holds, value_of

_REMEMBERED = 16
_TEXTS = frozenset({"id", "name", "email"})

Row = tuple[Any, int]
"""(what it is sorted by, number)."""


class Source(NamedTuple):
    """What is searched: all numbers; when each was made and changed (seconds), by the field's name; its record; and
    which fields are matched by the day."""

    everything: Callable[[], Sequence[int]]
    times: Mapping[str, Callable[[int], int]]
    record: Callable[[int], Record]
    dates: frozenset[str]


class Span(NamedTuple):
    """Seconds from `low` up to, but not including, `high`."""

    low: int = -(1 << 62)
    high: int = 1 << 62

    def cut(self, low: int = -(1 << 62), high: int = 1 << 62) -> "Span":
        return Span(max(self.low, low), min(self.high, high))


class Found(NamedTuple):
    """An answer in ascending order; read from its end where `descending`."""

    rows: list[Row]
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
        self._ordered: dict[str, list[Row]] = {}
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

    def prepare(self) -> None:
        """Put everything in order now instead of when it is first asked for."""
        self._forget_the_past()
        for field in self._source.times:
            self._in_order(field)

    def _forget_the_past(self) -> None:
        if self._seen != self._version():
            self._answers.clear()
            self._ordered.clear()
            self._seen = self._version()

    def _found(self, search: Search | None, seen_until_s: int) -> Found:
        self._forget_the_past()
        asked = encode((None if search is None else (search.query, search.sort), seen_until_s))
        if asked not in self._answers:
            self._answers[asked] = self._answer(search, seen_until_s)
            if len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)
        return self._answers[asked]

    def _answer(self, search: Search | None, seen_until_s: int) -> Found:
        sort = (search.sort if search is not None else None) or Sort("created_at")
        spans = dict.fromkeys(self._source.times, Span())
        rest: list[One | Many] = []
        if search is not None:
            query = by_seconds(search.query, self._source.dates, self._zone)
            rest = [one for one in _all_of(query) if not _narrow(spans, one)]
        spans["created_at"] = spans["created_at"].cut(high=seen_until_s + 1)
        ordered = sort.field if sort.field in spans else "created_at"
        rows = self._within(spans, ordered)
        rows = [row for row in rows if all(holds(one, self._values(row[1])) for one in rest)] if rest else rows
        if ordered != sort.field:
            rows = sorted((self._sort_value(sort.field, key), key) for _, key in rows)
        return Found(rows, sort.order == "descending")

    def _within(self, spans: Mapping[str, Span], ordered: str) -> list[Row]:
        """The rows in order of one time, where every time lies within its span."""
        rows = self._in_order(ordered)
        rows = rows[bisect_left(rows, (spans[ordered].low,)) : bisect_left(rows, (spans[ordered].high,))]
        for field, (low, high) in spans.items():
            others, of = self._in_order(field), self._source.times[field]
            if field != ordered and others and not (low <= others[0][0] and others[-1][0] < high):
                rows = [row for row in rows if low <= of(row[1]) < high]
        return rows

    def _in_order(self, field: str) -> list[Row]:
        rows = self._ordered.get(field)
        if rows is None:
            of = self._source.times[field]
            rows = self._ordered[field] = sorted((of(key), key) for key in self._source.everything())
        return rows

    def _values(self, key: int) -> Callable[[str], Any]:
        record: list[Record] = []

        def value(field: str) -> Any:  # noqa: ANN401 - any JSON
            if field in self._source.times:
                return self._source.times[field](key)
            if not record:
                record.append(self._source.record(key))
            return value_of(record[0], field)

        return value

    def _sort_value(self, field: str, key: int) -> Any:  # noqa: ANN401 - a number or a text
        value = value_of(self._source.record(key), field)
        return (value or "") if field in _TEXTS else (value if isinstance(value, int) else 0)


def _all_of(query: One | Many) -> list[One | Many]:
    """The conditions that must all hold."""
    if isinstance(query, One) or query.operator == "OR":
        return [query]
    return [one for part in query.value for one in _all_of(part)]


def _narrow(spans: dict[str, Span], query: One | Many) -> bool:
    """Narrow the span that a condition is about; False where it is about none."""
    if isinstance(query, Many) or query.field not in spans or query.value is None:
        return False
    if query.operator not in {">", ">=", "<", "<=", "="}:
        return False
    span, second = spans[query.field], int(query.value)
    match query.operator:
        case ">":
            span = span.cut(low=second + 1)
        case ">=":
            span = span.cut(low=second)
        case "<":
            span = span.cut(high=second)
        case "<=":
            span = span.cut(high=second + 1)
        case _:
            span = span.cut(second, second + 1)
    spans[query.field] = span
    return True


def _cursor(row: Row, page: int) -> str:
    return urlsafe_b64encode(encode([*row, page])).decode()


def _read(cursor: str) -> tuple[int, Row]:
    """(page, place) of a cursor. Raises Refusal (400) where it is none of ours."""
    try:
        value, key, page = msgspec.json.decode(urlsafe_b64decode(cursor), type=tuple[int | str, int, int])
    except (ValueError, msgspec.MsgspecError) as error:
        raise invalid("starting_after is not a valid cursor", "invalid_starting_after") from error
    return page, (value, key)
