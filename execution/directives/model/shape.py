"""What every kind of directive shares: strict keys, its place in the tree, durations, its blocks and tests."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetPydanticSchema, PlainSerializer
from pydantic_core.core_schema import any_schema

STEP = "step"
"""The first word of the target of a block that is a step towards others: ```` ```sql step worth ````."""
NAME = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME, max_length=63)]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")


class UnfitError(ValueError):
    """A value that does not belong where it stands, and what to write instead."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def parse_duration(text: object) -> timedelta:
    """`500ms`, `30s`, `15m`, `6h`, `30d`, `2w` → timedelta. Raises ValueError with what is accepted."""
    if isinstance(text, timedelta):
        return text
    match = _DURATION.fullmatch(str(text).strip())
    if not match:
        raise ValueError(f"{text!r} is not a duration: write a number and ms, s, m, h, d or w, as in 30d")
    return timedelta(seconds=float(match[1]) * _UNITS[match[2]])


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(timedelta.total_seconds)]


class Shape(BaseModel):
    """A part of a directive: unknown keys are refused, values do not change."""

    # Built where a kind is first validated: a part's own validator is never asked, and building all takes 15 ms.
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block that runs.

    `line` is where its first line of content stands in the file at `path`, counted from 1; each of its lines lost
    `indent` blanks with its fence. The text ends without a semicolon, so it can stand in parentheses.
    """

    target: str
    text: str
    line: int
    path: str = ""
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of a timeline: when (`at`, ISO text), the rows by entity that are laid over those given before, what
    is expected of rows by their key, and the sources that cannot be relied on. `line` is where it begins."""

    at: str
    given: Mapping[str, tuple[Mapping[str, Any], ...]]
    expect: Mapping[str, Mapping[str, Any]]
    stale: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Case:
    """One test of a directive: raw records (or rows) by stream, and the rows expected by entity; or a timeline.

    `as_of` is ISO text where the test names a moment; `line` is where the test begins in the file at `path`.
    """

    name: str
    given: Mapping[str, tuple[Mapping[str, Any], ...]]
    expect: Mapping[str, tuple[Mapping[str, Any], ...]]
    line: int
    as_of: str | None = None
    path: str = ""
    timeline: tuple[Moment, ...] = ()


_AS_READ = GetPydanticSchema(lambda _type, _handler: any_schema())
"""What the reader fills in needs no validator of its own."""


class Directive(Shape):
    """The keys every kind has. The last five are not written in the frontmatter: the reader fills them.

    `written` are the directive's keys as the files have them, overlays laid over, before they were read as values.
    """

    kind: str
    name: Name
    title: str = ""
    owner: str | None = None
    description: str = ""

    path: str = Field(default="", exclude=True)
    hash: str = Field(default="", exclude=True)
    blocks: Annotated[tuple[Block, ...], _AS_READ] = Field(default=(), exclude=True)
    cases: Annotated[tuple[Case, ...], _AS_READ] = Field(default=(), exclude=True)
    written: Annotated[Mapping[str, Any], _AS_READ] = Field(default={}, exclude=True, repr=False)

    def sql(self, target: str) -> Block | None:
        """The `sql <target>` block, if the directive has one."""
        return next((block for block in self.blocks if block.target == target), None)
