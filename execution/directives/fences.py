"""The fenced blocks of a Markdown body: which of them run, and the mistakes that would keep one from running."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from execution.directives.model.shape import STEP
from execution.directives.places import Text
from execution.directives.problems import closest
from execution.errors import Problem

_OPENING = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: the words of its info line, and the half-open span of its content in the file.

    `at` is the index of the fence itself, `named` that of the target (or where one belongs).
    """

    marker: str
    language: str
    target: str
    at: int
    named: int
    start: int
    end: int | None
    indent: int


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str
    following: int

    @property
    def indent(self) -> int:
        blanks = self.text[: len(self.text) - len(self.text.lstrip())]
        return len(blanks.expandtabs(4))


def running_fences(text: Text, body: int) -> tuple[list[Fence], list[Problem]]:
    """The `sql …` and `yaml tests` blocks of the body that begins at index `body`, and every mistake in a fence."""
    running: list[Fence] = []
    problems: list[Problem] = []
    for fence in _fences(text, body, problems):
        if fence.end is None:
            message, hint = f"this {fence.marker} block is never closed", f"end it with a line of {fence.marker}"
            problems.append(text.problem(fence.at, "E120", message, hint))
        elif wrong := _why_not(text, fence):
            problems.append(wrong)
        elif fence.language == "sql" or (fence.language, fence.target) == ("yaml", "tests"):
            running.append(fence)
    return running, problems


def _why_not(text: Text, fence: Fence) -> Problem | None:
    """What is wrong with a block that was meant to run; None where it is fine, or only shown."""
    if fence.language == "yaml" and fence.target != "tests" and closest(fence.target, ["tests"]):
        return text.problem(fence.named, "E121", f"unknown block 'yaml {fence.target}'", "did you mean 'tests'?")
    if fence.language != "sql" and (fence.language, fence.target) != ("yaml", "tests"):
        return None
    if fence.indent >= 4:
        message = f"a block that runs is indented by {fence.indent}, which Markdown shows as plain text"
        return text.problem(fence.at, "E123", message, "move it to the beginning of the line")
    if not fence.target:
        hint = "name it after sql, as in ```sql customers; for SQL that is only shown write ```text"
        return text.problem(fence.named, "E121", "a sql block names no target", hint)
    if " " in fence.target and not _is_step(fence):
        return text.problem(fence.named, "E121", f"'{fence.target}' is more than one name", "one block has one target")
    return None


def _is_step(fence: Fence) -> bool:
    """Whether a block is one of the named steps that a source's other blocks read."""
    words = fence.target.split(" ")
    return fence.language == "sql" and words[0] == STEP and len(words) == 2


def _fences(text: Text, body: int, problems: list[Problem]) -> Iterator[Fence]:
    """Every fence, in order; one that is never closed has no end and is the last. Comments are passed over."""
    lines = list(_lines(text.content, body))
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.indent < 4 and line.text.lstrip().startswith("<!--"):
            after = next((n for n in range(at - 1, len(lines)) if "-->" in lines[n].text), None)
            if after is None:
                problems.append(text.problem(line.start, "E120", "this comment is never closed", "end it with -->"))
                return
            at = after + 1
        elif opening := _opening(line):
            marker, info, position = opening
            close = next((n for n in range(at, len(lines)) if _closes(lines[n], marker, line.indent)), None)
            end = None if close is None else lines[close].start
            yield _fence(line, marker, info, position, end)
            at = len(lines) if close is None else close + 1


def _lines(content: str, start: int) -> Iterator[_Line]:
    while start < len(content):
        end = content.find("\n", start)
        end = len(content) if end < 0 else end
        yield _Line(start, content[start:end].removesuffix("\r"), end + 1)
        start = end + 1


def _opening(line: _Line) -> tuple[str, str, int] | None:
    """The marker, the info text and where that begins in the file, if the line opens a fence."""
    match = _OPENING.fullmatch(line.text)
    if not match or (match[2][0] == "`" and "`" in match[3]):
        return None
    return match[2], match[3], line.start + match.start(3)


def _closes(line: _Line, marker: str, indent: int) -> bool:
    stripped = line.text.strip()
    return len(stripped) >= len(marker) and set(stripped) == {marker[0]} and line.indent < indent + 4


def _fence(line: _Line, marker: str, info: str, position: int, end: int | None) -> Fence:
    words = info.split()
    language = {"yml": "yaml"}.get(words[0].lower(), words[0].lower()) if words else ""
    target = " ".join(words[1:])
    named = position + (info.find(words[1], len(words[0])) if target else len(info))
    at = line.start + len(line.text) - len(line.text.lstrip())
    return Fence(marker, language, target, at, named, line.following, end, line.indent)


def unindented(content: str, indent: int) -> str:
    """Content without the blanks that its fence was indented by, and without carriage returns."""
    lines = [line.removesuffix("\r") for line in content.split("\n")]
    return "\n".join(line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in lines)
