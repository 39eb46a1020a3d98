"""What people write in the body of a Markdown file: notes, each with its day where a heading or a line says one.

Only people's own words: what stands in a managed block was written by gtm, comments are for whoever edits the file, and
a box that is not ticked says nothing yet. A heading with nothing below it says nothing either.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from execution.files import managed

LONGEST = 20_000
"""Characters of one note that are kept."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t#]*$")
_DAY = r"(\d{4}-\d{2}-\d{2})"
_DATED = re.compile(rf"^(?:[-*+][ \t]+)?(?:\*\*|__)?\[?{_DAY}\]?(?:\*\*|__)?(?![\w-])[ \t:.,\u2013\u2014-]*(.*)$")
_IN_HEADING = re.compile(rf"(?<![\w-]){_DAY}(?![\w-])[ \t:.,\u2013\u2014-]*")
_IN_NAME = re.compile(rf"^{_DAY}(?![0-9])[_ -]*(.*)$")
_ITEM = re.compile(r"^(?:[-*+]|\d+[.)])[ \t]")
_OPEN_BOX = re.compile(r"^\s*[-*+][ \t]+\[[ \t]\][ \t]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_GAP = re.compile(r"\n{3,}")
_HASH = re.compile(r"_[0-9a-f]{8,12}$")


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote; `on` is its day, None where none is said. `line` counts from 1 in the text it came from."""

    on: date | None
    title: str | None
    text: str
    line: int


def of_account(body: str) -> tuple[Note, ...]:
    """The notes of an account's file: those with a day, in order, then what is said without one, as one."""
    dated: list[Note] = []
    rest: list[str] = []
    first = 0
    for piece in _pieces(_own(body)):
        if piece.on is not None:
            if piece.title or piece.lines:
                dated.append(Note(piece.on, piece.title, _joined(piece.lines), piece.line))
        elif piece.lines:
            first = first or piece.line
            rest += ([f"{'#' * piece.level} {piece.title}"] if piece.title else []) + [*piece.lines, ""]
    said = _joined(rest)
    return (*dated, *([Note(None, None, said, first)] if said else []))


def of_file(path: str, text: str) -> tuple[Note, ...]:
    """The note of a dated file: one, with the day that the file's name begins with. Nothing where nobody wrote any."""
    lines = _own(text)
    said = _joined([line for line in lines if not _HEADING.match(line) or not _is_ours(line)])
    if not any(line.strip() and not _HEADING.match(line) for line in said.splitlines()):
        return ()
    stem = _HASH.sub("", PurePosixPath(path).stem)
    named = _IN_NAME.match(stem)
    title = (named[2] if named else stem).replace("-", " ").replace("_", " ").strip()
    first = next(number for number, line in enumerate(lines, start=1) if line.strip() and not _HEADING.match(line))
    return (Note(_day(named[1]) if named else None, title or None, said, first),)


def _is_ours(line: str) -> bool:
    """Whether it is the heading that a new note ends with."""
    return line.strip().lower() == "## notes"


def _own(text: str) -> list[str]:
    """The lines that a person wrote; the others are empty, so that lines keep their numbers."""
    lines = _without_comments(text).split("\n")
    lines = _without_blocks(lines) if "gtm:" in text else lines
    return ["" if _OPEN_BOX.match(line) else line.rstrip() for line in lines]


def _without_comments(text: str) -> str:
    """The text without comments but for gtm's markers, which are taken out with all between them."""

    def emptied(match: re.Match[str]) -> str:
        return match[0] if managed.is_marker(match[0]) else "\n" * match[0].count("\n")

    return _COMMENT.sub(emptied, text.replace("\r\n", "\n"))


def _without_blocks(lines: Sequence[str]) -> list[str]:
    """Lines without managed blocks. From a begin marker without its end nothing is anybody's: rather too little is read
    as said than too much."""
    kept: list[str] = []
    is_inside = False
    for line in lines:
        is_begin, is_end = managed.is_marker(line, "begin"), managed.is_marker(line, "end")
        is_inside = is_begin or (is_inside and not is_end)
        kept.append("" if is_inside or is_end else line)
    return kept


@dataclass(slots=True)
class _Piece:
    """Lines below one heading, or from a line with a day on."""

    on: date | None
    title: str | None
    level: int
    line: int
    lines: list[str]


def _pieces(lines: Sequence[str]) -> Iterator[_Piece]:
    """The body in pieces: a day holds until a heading of its own level or above, or, said by a line, to the end of its
    paragraph or item."""
    piece = _Piece(None, None, 0, 1, [])
    below: date | None = None
    level = 0
    for number, line in enumerate(lines, start=1):
        heading, dated = _HEADING.match(line), _DATED.match(line)
        day = _day(dated[1]) if dated else None
        if heading:
            depth = len(heading[1])
            found = _IN_HEADING.search(heading[2])
            own = _day(found[1]) if found else None
            if own is None and depth > level and piece.level and piece.on:
                piece.lines.append(line)
                continue
            yield piece
            if own is not None or depth <= level:
                below, level = own, depth if own is not None else 0
            title = _IN_HEADING.sub("", heading[2]).strip() if own is not None else heading[2]
            piece = _Piece(below, title or None, depth, number, [])
        elif day is not None and dated is not None:
            yield piece
            piece = _Piece(day, None, 0, number, [dated[2]] if dated[2] else [])
        elif piece.level == 0 and piece.on is not None and _ends(line):
            yield piece
            piece = _Piece(below, None, level, number, [line] if line else [])
        elif line or piece.lines:
            piece.lines.append(line)
    yield piece


def _ends(line: str) -> bool:
    """Whether what a line with a day began ends here."""
    return not line or bool(_ITEM.match(line))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _joined(lines: Sequence[str]) -> str:
    return _GAP.sub("\n\n", "\n".join(lines).strip("\n"))[:LONGEST]
