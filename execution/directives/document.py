"""One directive's file as read: its keys, blocks and tests, each with its place; not yet checked against its kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from execution.directives.cases import MarkedCase, read_cases
from execution.directives.fences import Fence, running_fences, unindented
from execution.directives.frontmatter import read_frontmatter
from execution.directives.model import Block
from execution.directives.places import Mark, Text
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem


@dataclass(frozen=True)
class PlacedBlock:
    """A SQL block, the file it stands in and its fence there."""

    block: Block
    text: Text
    fence: Fence

    def problem(self, code: str, message: str, hint: str = "", *, at: int | None = None) -> Problem:
        """A problem with the character at index `at` of the block's SQL, or with the block's target."""
        if at is None:
            return self.text.problem(self.fence.named, code, message, hint)
        before = self.block.text[:at]
        line = self.block.line + before.count("\n")
        column = at - (before.rfind("\n") + 1)
        return self.text.problem(self.text.start_of(line) + column + self._lost(line), code, message, hint)

    def _lost(self, line: int) -> int:
        """How many blanks the line lost with its fence."""
        if not self.block.indent:
            return 0
        start = self.text.start_of(line)
        written = self.text.content[start:].split("\n", 1)[0]
        return min(self.block.indent, len(written) - len(written.lstrip(" ")))


@dataclass
class Document:
    """A directive, or an overlay, with the places of everything in it; values may come from several files."""

    text: Text
    data: dict[str, Any]
    marks: dict[KeyPath, Mark]
    blocks: list[PlacedBlock] = field(default_factory=list)
    cases: list[MarkedCase] = field(default_factory=list)
    is_whole: bool = True
    """Whether every block that was meant to run was read."""

    @property
    def path(self) -> str:
        return self.text.path

    def mark(self, *path: str | int) -> Mark | None:
        """Where `path` stands, or the nearest thing around it that was written."""
        for end in range(len(path), -1, -1):
            if mark := self.marks.get(path[:end]):
                return mark
        return None

    def problem(self, code: str, message: str, hint: str, *path: str | int, value: bool = False) -> Problem:
        """A problem with the key at `path`, or with its value."""
        mark = self.mark(*path)
        if mark is None:
            return self.text.problem(0, code, message, hint)
        return mark.text.problem(mark.start if value else mark.key, code, message, hint)

    def inside(self, code: str, message: str, hint: str, path: KeyPath, at: int) -> Problem:
        """A problem with the character at index `at` of the text at `path`."""
        mark, written = self.mark(*path), look_up(self.data, path)
        if mark is None or not isinstance(written, str):
            return self.problem(code, message, hint, *path, value=True)
        return mark.text.problem(mark.inside(written, at), code, message, hint)


def look_up(data: object, path: KeyPath) -> object:
    """The value at `path` in nested mappings and lists, or None."""
    for step in path:
        is_item = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if not is_item and not (isinstance(data, Mapping) and step in data):
            return None
        data = data[step]  # type: ignore[index]
    return data


def read_document(path: str, content: str) -> tuple[Document | None, list[Problem]]:
    """A file's document, None where it has no usable frontmatter, and every problem of its form. Never raises."""
    text = Text(path, content)
    marked, body = read_frontmatter(text)
    problems = list(marked.problems)
    form = len(problems)
    fences, wrong = running_fences(text, body)
    problems += wrong
    blocks: list[PlacedBlock] = []
    cases: list[MarkedCase] = []
    for fence in fences:
        if fence.language == "sql":
            blocks.append(_sql(text, fence))
        else:
            found, wrong = read_cases(text, fence)
            cases += found
            problems += wrong
    if not isinstance(marked.data, dict):
        return None, problems
    return Document(text, marked.data, marked.marks, blocks, cases, is_whole=len(problems) == form), problems


def _sql(text: Text, fence: Fence) -> PlacedBlock:
    sql = unindented(text.content[fence.start : fence.end], fence.indent).rstrip().removesuffix(";").rstrip()
    line, _ = text.position(fence.start)
    return PlacedBlock(Block(fence.target, sql, line, text.path, fence.indent), text, fence)
