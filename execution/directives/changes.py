"""What became of a row: `drop(health_score, 7d)`, `was(health_status, 1d)`, `entered(paying)` in an expression.

Each such call stands for a column of its own, so that what is left is plain SQL over one row. The column's name is as
long as the call, so a place in the one text is a place in the other.

| call | is |
|---|---|
| `was(x, 7d)` | what a figure of a score, or a segment, was so long ago |
| `drop(x, 7d)`, `rise(x, 7d)` | by how much customers let the figure of a score fall, or rise, since then |
| `entered(s)`, `entered(s, 7d)` | whether the row is in the segment (or group `s.g`) and was not so long ago |
| `left(s)`, `left(s, 7d)` | whether the row was in it so long ago, and is no more |

Without a time `entered` and `left` look back a day, or to when the rule was last looked at if that is longer ago.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from execution.directives.model import parse_duration

Function = Literal["was", "drop", "rise", "entered", "left"]
FUNCTIONS: tuple[Function, ...] = get_args(Function)
MOVES: frozenset[str] = frozenset({"entered", "left"})
"""Those about segments, whose time may be left out."""

_PASSED_OVER = r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
_NAME = r"[A-Za-z_]\w*(?:\.\w+)?"
_CALL = re.compile(
    rf"(?P<skip>{_PASSED_OVER})|(?<![\w.])(?P<function>was|drop|rise|entered|left)\s*\("
    rf"(?P<arguments>\s*(?P<of>{_NAME})\s*(?:,\s*(?P<window>\d+(?:\.\d+)?(?:ms|s|m|h|d|w))\s*)?\))?",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One call: which function, of which name, over which time (None where it is left out); `column` is the name of
    the column that it stands for, `at` the index in the text."""

    function: Function
    of: str
    window: timedelta | None
    column: str
    at: int


@dataclass(frozen=True, slots=True)
class Misused:
    """A call that cannot be read, where it stands."""

    function: Function
    at: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression with columns in the place of its calls."""

    text: str
    changes: tuple[Change, ...] = ()
    misused: tuple[Misused, ...] = ()


def parse(text: str) -> Parsed:
    """Find the calls. `left(name, 3)` is SQL's own and stays as it is."""
    changes: list[Change] = []
    misused: list[Misused] = []

    def column(found: re.Match[str]) -> str:
        if found["skip"] is not None:
            return found[0]
        function: Function = next(each for each in FUNCTIONS if each == found["function"].lower())
        window = parse_duration(found["window"]) if found["window"] else None
        if found["arguments"] is None or (window is None and function not in MOVES):
            if function != "left":
                misused.append(Misused(function, found.start()))
            return found[0]
        name = found[0][1:-1].replace('"', "'")
        changes.append(Change(function, found["of"], window, name, found.start()))
        return f'"{name}"'

    return Parsed(_CALL.sub(column, text), tuple(changes), tuple(misused))
