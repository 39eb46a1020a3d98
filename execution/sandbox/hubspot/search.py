"""Finding contacts: filters and sorting over the index.

Spans of record ids and of modification times, which is what a sync asks for, are answered from arrays, and the rest
of an answer is remembered from page to page; filters on other properties look at every contact.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from execution.sandbox.hubspot.asking import Filter, Group, Search, sort_of
from execution.sandbox.hubspot.kinds import Index, Kind, Library
from execution.sandbox.hubspot.matching import holds, searchable
from execution.sandbox.hubspot.values import number_of
from execution.sandbox.world import moments

_SHUFFLE, _LOW = 0x9E37_79B1, 0xFFFF_FFFF


class Span(NamedTuple):
    """low … high, both included."""

    low: int
    high: int

    def cut(self, low: int, high: int) -> "Span":
        return Span(max(self.low, low), min(self.high, high))


EVERYTHING = Span(-(1 << 62), 1 << 62)


class Condition(NamedTuple):
    """A group, sorted by how it is answered: a span of record ids, one of modification times, and the rest."""

    ids: Span
    modified: Span
    rest: tuple[Filter, ...]


class Searches:
    """Answers searches over a library. Remembers the last few answers."""

    def __init__(self, kind: Kind, library: Library, most: int = 16) -> None:
        self._kind = kind
        self._library = library
        self._most = most
        self._answers: OrderedDict[Hashable, Sequence[int]] = OrderedDict()

    @property
    def _index(self) -> Index:
        """As it is now: some libraries lay out a new one when the world moves on."""
        return self._library.index

    def _values(self, index: int) -> dict[str, str | None]:
        return self._library.values(index)

    def find(self, search: Search, seen_until: int) -> Sequence[int]:
        """The contacts that match, in the order asked for; changes after `seen_until` are not in the search index yet,
        so the contacts they befell are not found."""
        order = sort_of(search)
        conditions = [self._condition(group) for group in search.filter_groups] or [
            Condition(EVERYTHING, EVERYTHING, ())
        ]
        if len(conditions) == 1 and order == ("hs_object_id", False) and not search.query:
            # keyset paging: only the span of ids differs from page to page, so the rest is answered once
            ids, modified, rest = conditions[0]
            found = self._remembered((modified, rest, seen_until), lambda: self._matching(conditions[:1], seen_until))
            return self._between(found, ids)
        key = (tuple(conditions), order, search.query, seen_until)
        return self._remembered(key, lambda: self._sorted(search, conditions, order, seen_until))

    def _remembered(self, key: Hashable, answer: Callable[[], Sequence[int]]) -> Sequence[int]:
        key = (self._index.version, key)
        if key not in self._answers:
            self._answers[key] = answer()
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return self._answers[key]

    def _matching(self, conditions: Sequence[Condition], seen_until: int) -> Sequence[int]:
        """Those that meet any of the conditions, by record id; the spans of ids are left to the caller."""
        modified, live = self._index.modified, self._index.live
        found: set[int] = set()
        for condition in conditions:
            low, high = condition.modified.cut(-(1 << 62), seen_until)
            matching = [i for i in live if low <= modified[i] <= high]
            if condition.rest:
                matching = [i for i in matching if self._holds(i, condition.rest)]
            if len(conditions) == 1:
                return memoryview(array("I", matching))
            found.update(self._between(matching, condition.ids))
        return sorted(found)

    def _sorted(
        self, search: Search, conditions: Sequence[Condition], order: tuple[str, bool], seen_until: int
    ) -> Sequence[int]:
        found = self._matching(conditions, seen_until)
        indexes = list(self._between(found, conditions[0].ids if len(conditions) == 1 else EVERYTHING))
        if search.query:
            words = search.query.casefold().split()
            indexes = [
                i for i in indexes if all(word in searchable(self._values(i), self._kind.searched) for word in words)
            ]
        name, descending = order
        # ties are in an order of their own: the vendor promises none, and one by record id would hide who relies on it
        indexes.sort(key=lambda index: index * _SHUFFLE & _LOW)
        indexes.sort(key=self._sort_key(name), reverse=descending)
        return indexes

    def _sort_key(self, name: str) -> Callable[[int], Any]:
        if name == "hs_object_id":
            return lambda index: index
        if name in {self._kind.modified, "createdate"}:
            times = self._index.modified if name == self._kind.modified else self._index.created
            return times.__getitem__
        is_number = self._kind.by_name[name].kind[0] in {"number", "datetime"}

        def key(index: int) -> tuple[bool, float, str]:
            text = self._values(index)[name]
            number = (number_of(text or "") or 0) if is_number else 0
            return text is not None, number, "" if is_number else (text or "").casefold()

        return key

    def _holds(self, index: int, filters: Sequence[Filter]) -> bool:
        values = self._values(index)
        return all(holds(filter_, values[filter_.property_name]) for filter_ in filters)

    def _between(self, found: Sequence[int], ids: Span) -> Sequence[int]:
        """Those of `found` (ascending) whose record id lies in the span; of a memoryview, without a copy."""
        if ids == EVERYTHING:
            return found
        low = bisect_left(found, ids.low, key=self._kind.id_of)
        return found[low : bisect_right(found, ids.high, lo=low, key=self._kind.id_of)]

    def _condition(self, group: Group) -> Condition:
        ids = modified = EVERYTHING
        rest = []
        for filter_ in group.filters:
            span = _span(filter_)
            if span is not None and filter_.property_name == "hs_object_id":
                ids = ids.cut(*span)
            elif span is not None and filter_.property_name == self._kind.modified:
                modified = modified.cut(span.low * moments.MILLISECOND, span.high * moments.MILLISECOND)
            else:
                rest.append(filter_)
        return Condition(ids, modified, tuple(rest))


def _span(filter_: Filter) -> Span | None:
    """A condition on whole numbers as a span of them; None where it is not one."""
    low = int(number_of(filter_.value or "") or 0)
    top = 1 << 50
    match filter_.operator:
        case "EQ":
            return Span(low, low)
        case "GT":
            return Span(low + 1, top)
        case "GTE":
            return Span(low, top)
        case "LT":
            return Span(-top, low - 1)
        case "LTE":
            return Span(-top, low)
        case "BETWEEN":
            return Span(low, int(number_of(filter_.high_value or "") or 0))
        case _:
            return None
