"""What of a Markdown text is prose: everything else is blanked out, so that places in it stay where they are.

Frontmatter, code, comments and what gtm generated say nothing that somebody wrote, and what stands in them is neither
a reference nor a claim. Fenced SQL with a name is kept apart: it can be cited.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

_FENCE = re.compile(r"^[ ]{0,3}(?:>[ ]?)*[ ]*(`{3,}|~{3,})(.*)$")
_BEGIN, _END = re.compile(r"^<!--\s*gtm:begin\b"), re.compile(r"^<!--\s*gtm:end\b")
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\1)[^\n]|(?<=`)`)*?(?<!`)\1(?!`)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_NAMED = re.compile(r"sql\s+(\S+)\s*", re.IGNORECASE)
_VISIBLE = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Query:
    """A fenced block ```` ```sql NAME ````; `line` is where its SQL begins, `is_alone` whether its name is its own."""

    name: str
    sql: str
    line: int
    is_alone: bool = True


@dataclass(frozen=True)
class Prose:
    """The text of a file with all but its prose blanked out, character by character, and its named queries."""

    text: str
    queries: Mapping[str, Query]

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]


def prose_of(content: str) -> Prose:
    """The prose of a file's content, whose lines end as they may."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    queries: dict[str, Query] = {}
    kept: list[str] = []
    for line, is_prose in _read(lines, queries):
        kept.append(line if is_prose else blank(line))
    text = _COMMENT.sub(lambda match: blank(match[0]), "\n".join(kept))
    return Prose(_SPAN.sub(lambda match: blank(match[0]), text), queries)


def blank(text: str) -> str:
    """As many blanks; lines stay lines."""
    return _VISIBLE.sub(" ", text)


def _read(lines: list[str], queries: dict[str, Query]) -> Iterator[tuple[str, bool]]:
    """Every line, and whether it is prose; what is fenced as a query is put among the queries."""
    at = _after_frontmatter(lines)
    yield from ((line, False) for line in lines[:at])
    while at < len(lines):
        if _BEGIN.match(lines[at]):
            end = next((n for n in range(at, len(lines)) if _END.match(lines[n])), len(lines) - 1)
        elif fence := _FENCE.match(lines[at]):
            end = _closing(lines, at, fence[1])
            _note(queries, fence[2].strip(), lines[at + 1 : end], at + 2)
        else:
            yield lines[at], True
            at += 1
            continue
        yield from ((line, False) for line in lines[at : end + 1])
        at = end + 1


def _after_frontmatter(lines: list[str]) -> int:
    if lines[0].rstrip() != "---":
        return 0
    return next((n + 1 for n in range(1, len(lines)) if lines[n].rstrip() == "---"), 0)


def _closing(lines: list[str], opening: int, marker: str) -> int:
    """The line that closes a fence; behind the last where none does."""
    for number in range(opening + 1, len(lines)):
        found = _FENCE.match(lines[number])
        if found and found[1].startswith(marker) and not found[2].strip():
            return number
    return len(lines)


def _note(queries: dict[str, Query], info: str, sql: list[str], line: int) -> None:
    if named := _NAMED.fullmatch(info):
        name = named[1]
        queries[name] = Query(name, "\n".join(sql).strip(), line, is_alone=name not in queries)
