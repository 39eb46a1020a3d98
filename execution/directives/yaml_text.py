"""YAML with its places kept: plain data, and for every key and value where it stands in the file.

The scalars are those of YAML 1.2's core schema, so `no` stays a country and `12:30` a time. What a directive does
without is refused: anchors and aliases, tags, several documents, keys that stand twice.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from execution.directives.places import Mark, Text
from execution.errors import Problem

try:
    from yaml._yaml import CParser as _Parser  # ten times as fast
except ImportError:  # a PyYAML built without libyaml

    class _Parser(  # type: ignore[no-redef]
        yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser
    ):
        def __init__(self, stream: str) -> None:
            yaml.reader.Reader.__init__(self, stream)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)


MAX_DEPTH = 40

KeyPath = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?[0-9]{1,40}|0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

_REMEDIES = {
    "found character '\\t' that cannot start any token": "YAML is indented with blanks, never with tabs",
    "found character that cannot start any token": "quote text that begins with @, ` or %; tabs never indent",
    "mapping values are not allowed in this context": "quote text that has a colon and a blank in it",
    "mapping values are not allowed here": "quote text that has a colon and a blank in it",
    "could not find expected ':'": "a key needs a colon and a blank after it; quote text that goes over several lines",
    "did not find expected ',' or '}'": "close the { with }, and quote text that has a comma or a brace in it",
    "did not find expected ',' or ']'": "close the [ with ], and quote text that has a comma or a bracket in it",
    "did not find expected key": "check the indentation of this line and the one before",
}


@dataclass
class Marked:
    """Data read from YAML with its marks by key path, and what was wrong with it."""

    data: Any = None
    marks: dict[KeyPath, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class _Refused(Exception):  # noqa: N818 - carries a problem to the one place that collects it
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_yaml(text: Text, start: int, end: int) -> Marked:
    """The YAML document between two indexes of a file. Never raises: what is wrong is in `problems`."""
    reader = _Reader(text, start, end)
    try:
        reader.found.data = reader.document()
    except _Refused as refused:
        reader.found.problems.append(refused.problem)
    except yaml.YAMLError as error:
        reader.found.problems.append(reader.invalid(error))
    return reader.found


class _Reader:
    """Builds the data from the parser's events, with every place noted."""

    def __init__(self, text: Text, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.found = Marked()
        self._stream = self._events()

    def document(self) -> object:
        data: object = None
        documents = 0
        for event in self._stream:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refused(event, "a second YAML document begins here", "leave out the line of ---")
            elif isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent):
                data = self._value(event, (), self._at(event))
        return data

    def _events(self) -> Iterator[Event]:
        parser = _Parser(self.text.content[self.start : self.end])
        while (event := parser.get_event()) is not None:
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                hint = "write it out; quote text that begins with & or *"
                raise self._refused(event, "directives have no anchors and aliases (& and *)", hint)
            if tag := getattr(event, "tag", None):
                raise self._refused(event, f"directives have no tags ({tag})", "quote text that begins with !")
            yield event

    def _value(self, event: Event, path: KeyPath, key: int) -> object:
        if len(path) > MAX_DEPTH:
            raise self._refused(event, f"nested more than {MAX_DEPTH} deep")
        begin = self._at(event)
        if isinstance(event, ScalarEvent):
            self.found.marks[path] = Mark(
                self.text, key, begin, self.start + cast("yaml.Mark", event.end_mark).index, event.style or None
            )
            return self._scalar(event)
        self.found.marks[path] = Mark(self.text, key, begin, begin)
        return self._mapping(path) if isinstance(event, MappingStartEvent) else self._sequence(path)

    def _mapping(self, path: KeyPath) -> dict[str, object]:
        data: dict[str, object] = {}
        while not isinstance(event := next(self._stream), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                problem = self.text.problem(
                    self._at(event), "E113", "a key must be text", "quote text that holds braces"
                )
                raise _Refused(problem)
            name, key = event.value, self._at(event)
            if name in data:
                line, _ = self.text.position(self.found.marks[*path, name].key)
                self._add(key, "E115", f"'{name}' stands twice in one mapping", f"it is on line {line} already")
            data[name] = self._value(next(self._stream), (*path, name), key)
        return data

    def _sequence(self, path: KeyPath) -> list[object]:
        data: list[object] = []
        while not isinstance(event := next(self._stream), SequenceEndEvent):
            data.append(self._value(event, (*path, len(data)), self._at(event)))
        return data

    def _scalar(self, event: ScalarEvent) -> object:
        value: str = event.value
        if event.style:
            return value
        if value in _WORDS:
            return _WORDS[value]
        if _INTEGER.fullmatch(value):
            return int(value, 0) if value[:2] in ("0o", "0x") else int(value)
        if _NUMBER.fullmatch(value) and math.isfinite(number := float(value)):
            return number
        if _NUMBER.fullmatch(value) or _NOT_FINITE.fullmatch(value):
            self._add(self._at(event), "E113", f"{value[:40]} is no number to work with", "quote it if it is text")
        return value

    def _at(self, event: Event) -> int:
        return self.start + cast("yaml.Mark", event.start_mark).index

    def _add(self, at: int, code: str, message: str, hint: str) -> None:
        self.found.problems.append(self.text.problem(at, code, message, hint))

    def _refused(self, event: Event, message: str, hint: str = "") -> _Refused:
        return _Refused(self.text.problem(self._at(event), "E116", message, hint))

    def invalid(self, error: yaml.YAMLError) -> Problem:
        """What the YAML parser says, at the place it says it of."""
        if isinstance(error, yaml.MarkedYAMLError):
            mark = error.problem_mark or error.context_mark
            said = error.problem or error.context or "it cannot be read"
            at = self.start + min(int(mark.index), self.end - self.start) if mark else self.start
            return self.text.problem(at, "E114", f"not valid YAML: {said}", _REMEDIES.get(said, ""))
        at = self.start + int(getattr(error, "position", 0) or 0)
        said = str(getattr(error, "reason", error)).splitlines()[0]
        return self.text.problem(at, "E114", f"not valid YAML: {said}", "leave out the character it names")
