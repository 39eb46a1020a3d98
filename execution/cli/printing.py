"""Printing for people: tables, errors and problems, in colour where the terminal has it and NO_COLOR is not set.

Text from outside (names from a CRM, a vendor's words) is data here: it can neither style nor steer the terminal.
"""

import os
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TextIO

from execution.errors import GtmError, Problem

if TYPE_CHECKING:
    from execution.store.holding import Held

_WIDTH_WHEN_PIPED = 160
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def say(text: str = "") -> None:
    """One line on stdout."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """One line on stderr: what happens, not the answer."""
    sys.stderr.write(text + "\n")


def print_error(error: GtmError) -> None:
    """`where: CODE message`, and the hint below it."""
    note(f"{_red(harmless(str(error)))}" + (f"\n  hint: {harmless(error.hint)}" if error.hint else ""))


def print_problems(problems: Iterable[Problem], to: Callable[[str], None] = say) -> None:
    """Each as `path:line:col: CODE message` with its hint: on stdout where they are the answer."""
    for problem in problems:
        to(harmless(str(problem), keep="\n"))


def note_failure(said: str, hint: str = "") -> None:
    """What went wrong with one part of a whole, and what to do about it; nothing where `said` is empty."""
    if said:
        note(harmless(said) + (f"\n  hint: {harmless(hint)}" if hint else ""))


def absent(missing: Sequence[str]) -> str:
    """What a source needs and is not there: variables of the environment, or files, whose names have a dot."""
    named = ", ".join(missing)
    return f"there is no {named}" if any("." in name for name in missing) else f"{named} not set"


def not_connected(source: str, missing: Sequence[str], otherwise: str) -> str:
    """That a source is not connected, and what to do: put a file there, or `otherwise` connect it."""
    if any("." in name for name in missing):
        return f"{source}: {absent(missing)}; put one there"
    return f"{source}: {otherwise}; run `gtm connect {source}`"


def note_held(held: "Held | None", overridden: Sequence[str] = ()) -> None:
    """Why readers do not get what was worked out, and what they keep; or which checks did not keep it from them."""
    if overridden:
        note(f"published although these failed: {', '.join(overridden)}")
    if held is None:
        return
    stays = "readers have nothing yet"
    if held.publication is not None:
        stays = f"readers keep publication {held.publication} of {held.published_at:%Y-%m-%d %H:%M} UTC"
    note(_red(f"{held.code} held back since {held.since:%Y-%m-%d %H:%M} UTC: {stays}"))
    for reason in held.reasons:
        shown = f"; {', '.join(reason.examples)}" if reason.examples else ""
        note(harmless(f"  {reason}{shown}") + f"\n  hint: {harmless(reason.remedy)}")


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", right: Collection[str] = ()
) -> None:
    """A table on stdout. Cells are shown as `cell` shows them; numbers and what is under `right` stand to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title) if title else None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    cells = [[*row] for row in rows]
    for index, heading in enumerate(headings):
        is_number = any(isinstance(row[index], int | float) and not isinstance(row[index], bool) for row in cells)
        justify: Literal["right", "left"] = "right" if is_number or heading in right else "left"
        table.add_column(Text(harmless(heading)), justify=justify, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell(value)) for value in row))
    is_said = sys.stdout.isatty() or "COLUMNS" in os.environ
    Console(width=None if is_said else _WIDTH_WHEN_PIPED, highlight=False).print(table)


def cell(value: object) -> str:
    """One value as people read it: nothing for None, UTC times to the second, durations in their largest unit."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case timedelta():
            return ago(value)
        case list() | tuple():
            return ", ".join(cell(item) for item in value)
        case _:
            return harmless(str(value))


def ago(length: timedelta) -> str:
    """`90 s`, `12 min`, `5 h`, `3 d`: one number, good enough to act on."""
    seconds = length.total_seconds()
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"


def harmless(text: str, *, keep: str = "") -> str:
    """`text` with control and direction characters made visible: no escape sequence reaches the terminal."""
    if text.isprintable():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if _steers(char) and char not in keep else char for char in text)


def _steers(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or char in _DIRECTION_MARKS


def _red(text: str) -> str:
    return f"\x1b[31m{text}\x1b[0m" if has_colour(sys.stderr) else text


def has_colour(stream: TextIO) -> bool:
    """Whether colour is wanted there: a terminal, no NO_COLOR, not a dumb one."""
    import os

    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
