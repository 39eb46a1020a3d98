"""Tests of triggers: what is given on which day, and what the rule then says of each row.

    - name: forty days of silence
      timeline:
        - {day: 0, given: {customers: [{email: a@x.com, health_score: 80}]}, expect: {a@x.com: silent}}
        - {day: 7, given: {customers: [{email: a@x.com, health_score: 30}]}, expect: {a@x.com: fires}}

What is given is laid over what was given before, row by row; a moment without `given` is only a later one.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from execution.directives.model import Moment
from execution.directives.places import Text
from execution.directives.problems import suggest
from execution.directives.yaml_text import KeyPath, Marked
from execution.errors import Problem

START = "2026-01-01T06:00:00Z"
"""Day 0 of a test that names no `start`."""

CASE = ("name", "start", "timeline")
MOMENT = ("day", "at", "given", "expect", "stale")
WORDS = ("silent", "pending", "fires", "fires again", "firing", "resolves", "unknown")
"""What a rule may say of a row at a moment."""

ABOUT = ("message", "snippet", "words", "source", "severity", "account", "episode", "reason")
"""What else of an alert may be expected."""
EXPECTED = ("is", "items", *ABOUT)


def problems(marked: Marked, number: int, item: Mapping[str, Any]) -> list[Problem]:
    """Everything that keeps an item with a `timeline` from being a case."""
    return list(_Reading(marked, number).case(item))


def moments(text: Text, marked: Marked, number: int, item: Mapping[str, Any]) -> tuple[Moment, ...]:
    """The moments of an item without a problem."""
    start = _moment(item.get("start", START))
    found = []
    for place, each in enumerate(item["timeline"]):
        line, _ = text.position(marked.marks[number, "timeline", place].start)
        given = {name: tuple(rows) for name, rows in (each.get("given") or {}).items()}
        expect = {key: _told(said) for key, said in each.get("expect", {}).items()}
        stale = each.get("stale", ())
        stale = (stale,) if isinstance(stale, str) else tuple(stale)
        found.append(Moment(_when(each, start).isoformat(), given, expect, stale, line))
    return tuple(found)


def _told(said: object) -> Mapping[str, Any]:
    if isinstance(said, str):
        return {"is": said}
    told: dict[str, Any] = dict(said)  # type: ignore[call-overload]
    if "items" in told:
        told["items"] = {key: _told(each) for key, each in told["items"].items()}
    return told


def _when(moment: Mapping[str, Any], start: datetime) -> datetime:
    if "at" in moment:
        return _moment(moment["at"])
    return start + timedelta(days=moment["day"])


def _moment(text: object) -> datetime:
    """A moment as it is written, in UTC. Raises ValueError for what is none."""
    read = datetime.fromisoformat(text) if isinstance(text, str) else None
    if read is None:
        raise ValueError(f"{text!r} is no moment")
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def _is_moment(value: object) -> bool:
    try:
        return bool(_moment(value))
    except ValueError:
        return False


class _Reading:
    """Looks at one item, and says where something is wrong with it."""

    def __init__(self, marked: Marked, number: int) -> None:
        self._marks = marked.marks
        self._number = number

    def case(self, item: Mapping[str, Any]) -> Iterator[Problem]:
        for key in item:
            if key in ("given", "expect", "as_of"):
                hint = "say it in the moments of the timeline"
                yield self._wrong(f"a test with a timeline has no '{key}'", hint, key)
            elif key not in CASE:
                yield self._wrong(f"unknown key '{key}' in a test", suggest(str(key), CASE), key)
        if "name" not in item:
            yield self._wrong("the test has no 'name'", "add name:")
        elif not isinstance(item["name"], str):
            yield self._wrong("a test's name is text", "quote it", "name")
        if "start" in item and not _is_moment(item["start"]):
            yield self._wrong("start is not a moment", f'write UTC, as in "{START}"', "start")
        timeline = item["timeline"]
        if not isinstance(timeline, list) or not timeline:
            hint = "begin each moment with `- day: 0`"
            yield self._wrong("a timeline is a list of moments", hint, "timeline")
            return
        for place, moment in enumerate(timeline):
            yield from self._moment(moment, "timeline", place)
        yield from self._order(item, timeline)

    def _order(self, item: Mapping[str, Any], timeline: list[Any]) -> Iterator[Problem]:
        """Each moment is later than the one before it."""
        start = _moment(item.get("start", START)) if _is_moment(item.get("start", START)) else _moment(START)
        before: datetime | None = None
        for place, moment in enumerate(timeline):
            if not isinstance(moment, dict) or not (_is_day(moment.get("day")) or _is_moment(moment.get("at"))):
                continue
            at = _when(moment, start)
            if before is not None and at <= before:
                key = "at" if "at" in moment else "day"
                hint = "time goes one way: let each moment be later"
                yield self._wrong("this is not after the moment before it", hint, "timeline", place, key)
            before = at

    def _moment(self, moment: object, *at: str | int) -> Iterator[Problem]:
        if not isinstance(moment, dict):
            yield self._wrong("a moment is a mapping", "write day:, given: and expect:", *at)
            return
        for key in moment:
            if key not in MOMENT:
                yield self._wrong(f"unknown key '{key}' in a moment", suggest(str(key), MOMENT), *at, key)
        if ("day" in moment) == ("at" in moment):
            yield self._wrong("a moment has either day: or at:", "write one of the two", *at)
        elif "day" in moment and not _is_day(moment["day"]):
            hint = "write how many days after the start, as in 7 or 0.5"
            yield self._wrong("day is no number of days", hint, *at, "day")
        elif "at" in moment and not _is_moment(moment["at"]):
            yield self._wrong("at is not a moment", f'write UTC, as in "{START}"', *at, "at")
        stale = moment.get("stale", [])
        if not isinstance(stale, str) and not (isinstance(stale, list) and all(isinstance(x, str) for x in stale)):
            yield self._wrong("stale is a list of sources", "write their names, as in [intercom]", *at, "stale")
        yield from self._given(moment, *at)
        yield from self._expect(moment, *at)

    def _given(self, moment: Mapping[str, Any], *at: str | int) -> Iterator[Problem]:
        given = moment.get("given", {})
        if not isinstance(given, dict):
            hint = "write name: [{column: value}]"
            yield self._wrong("given is a mapping of names to rows", hint, *at, "given")
            return
        for name, rows in given.items():
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                hint = "write [{column: value}]"
                yield self._wrong(f"'{name}' is not a list of rows", hint, *at, "given", name)

    def _expect(self, moment: Mapping[str, Any], *at: str | int) -> Iterator[Problem]:
        expect = moment.get("expect", {})
        if not isinstance(expect, dict):
            hint = "write a row's key and what the rule says of it, as in a@x.com: fires"
            yield self._wrong("expect is a mapping of keys to what is said of them", hint, *at, "expect")
            return
        for key, said in expect.items():
            yield from self._said(said, *at, "expect", key)

    def _said(self, said: object, *at: str | int, of_item: bool = False) -> Iterator[Problem]:
        if isinstance(said, str):
            if said not in WORDS:
                yield self._wrong(f"'{said}' is nothing a rule says", suggest(said, WORDS), *at)
            return
        if not isinstance(said, dict) or not said:
            hint = f"write one of {', '.join(WORDS)}, or {{is: fires, message: …}}"
            yield self._wrong("this is nothing a rule says", hint, *at)
            return
        for key in said:
            if key not in EXPECTED or (of_item and key == "items"):
                yield self._wrong(f"unknown key '{key}' of an alert", suggest(str(key), EXPECTED), *at, key)
        if "is" in said:
            yield from self._said(said["is"] if isinstance(said["is"], str) else None, *at, "is")
        elif "items" not in said:
            yield self._wrong("it is not said what the alert is", f"add is: one of {', '.join(WORDS)}", *at)
        items = said.get("items", {})
        if not isinstance(items, dict):
            yield self._wrong("items is a mapping", "write {ITEM: fires}", *at, "items")
            return
        for item, told in items.items():
            yield from self._said(told, *at, "items", item, of_item=True)

    def _wrong(self, message: str, hint: str, *path: str | int) -> Problem:
        place: KeyPath = (self._number, *path)
        while place not in self._marks and len(place) > 1:
            place = place[:-1]
        mark = self._marks[place]
        return mark.text.problem(mark.key, "E150", message, hint)


def _is_day(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 100_000
