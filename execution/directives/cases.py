"""The `yaml tests` blocks of a directive, as cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from execution.directives import timelines
from execution.directives.fences import Fence
from execution.directives.model import Case
from execution.directives.places import Mark, Text
from execution.directives.problems import closest, suggest
from execution.directives.yaml_text import KeyPath, Marked, read_yaml
from execution.errors import Problem

_KEYS = ("name", "as_of", "given", "expect")

Rows = Mapping[str, tuple[Mapping[str, Any], ...]]


@dataclass(frozen=True)
class MarkedCase:
    """A case and where its parts stand; keys are as in its YAML: ("expect", "customers", 0, "email")."""

    case: Case
    marks: Mapping[KeyPath, Mark]

    def problem(self, code: str, message: str, hint: str, *path: str | int) -> Problem:
        """A problem with the key at `path`, or with the nearest thing around it that was written."""
        mark = next(self.marks[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.marks)
        return mark.text.problem(mark.key, code, message, hint)


def read_cases(text: Text, fence: Fence) -> tuple[list[MarkedCase], list[Problem]]:
    """The cases of one block and what is wrong with them; a case that is not whole is left out."""
    marked = read_yaml(text, fence.start, fence.end or fence.start)
    if marked.problems:
        return [], marked.problems
    if not isinstance(marked.data, list):
        hint = "begin each test with `- name: what holds`"
        return [], [text.problem(fence.at, "E150", "a block of tests is a list of tests", hint)]
    cases: list[MarkedCase] = []
    problems: list[Problem] = []
    for number, item in enumerate(marked.data):
        is_timeline = isinstance(item, dict) and "timeline" in item
        wrong = timelines.problems(marked, number, item) if is_timeline else _problems(marked, number, item)
        problems += wrong
        if not wrong:
            cases.append(_case(text, marked, number, item))
    return cases, problems


def _problems(marked: Marked, number: int, item: object) -> list[Problem]:
    """Everything that keeps an item from being a case."""

    def wrong(message: str, hint: str, *path: str | int) -> Problem:
        mark = marked.marks[(number, *path)]
        return mark.text.problem(mark.key, "E150", message, hint)

    if not isinstance(item, dict):
        return [wrong("a test is a mapping", "write name:, given: and expect:")]
    found = [wrong(f"unknown key '{key}' in a test", suggest(key, _KEYS), key) for key in item if key not in _KEYS]
    slips = {closest(str(key), _KEYS) for key in item if key not in _KEYS}
    absent = [key for key in ("name", "given", "expect") if key not in item and key not in slips]
    found += [wrong(f"the test has no '{key}'", f"add {key}:") for key in absent]
    if not isinstance(item.get("name", ""), str):
        found.append(wrong("a test's name is text", "quote it", "name"))
    if "as_of" in item and not _is_moment(item["as_of"]):
        found.append(wrong("as_of is not a moment", 'write UTC, as in "2026-03-01T00:00:00Z"', "as_of"))
    for part in ("given", "expect"):
        if part not in item:
            continue
        if not isinstance(item[part], dict):
            found.append(wrong(f"{part} is a mapping of names to rows", "write name: [{column: value}]", part))
            continue
        for name, rows in item[part].items():
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                found.append(
                    wrong(f"'{name}' is not a list of rows", "write [{column: value}], or [] for none", part, name)
                )
    return found


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _case(text: Text, marked: Marked, number: int, item: Mapping[str, Any]) -> MarkedCase:
    line, _ = text.position(marked.marks[(number,)].start)
    if "timeline" in item:
        timeline = timelines.moments(text, marked, number, item)
        case = Case(item["name"], {}, {}, line, path=text.path, timeline=timeline)
    else:
        given, expect = _rows(item["given"]), _rows(item["expect"])
        case = Case(item["name"], given, expect, line, item.get("as_of"), text.path)
    return MarkedCase(case, {path[1:]: mark for path, mark in marked.marks.items() if path[:1] == (number,)})


def _rows(part: Mapping[str, list[Mapping[str, Any]]]) -> Rows:
    return {name: tuple(rows) for name, rows in part.items()}
