"""Words from outside as a picture shows them: one line of visible characters, cut where there is no more room.

In an SVG's text nothing is a link or markup, and the one who writes the file escapes it; what is left to take away is
what cannot be seen or turns the line around.
"""

import unicodedata

from execution.charts.figures import UNKNOWN

LONGEST = 120


def words(value: object, longest: int = LONGEST) -> str:
    """A value in one line; an unknown one is `not captured`."""
    if value is None:
        return UNKNOWN
    text = unicodedata.normalize("NFC", str(value)[: longest * 8])
    seen = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    line = " ".join(seen.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def fitting(value: object, room: int) -> str:
    """A value in at most so many columns, of which wide characters (East Asian, emoji) take two."""
    line = words(value)
    if sum(map(_columns, line)) <= room:
        return line
    taken, kept = 1, ""
    for character in line:
        taken += _columns(character)
        if taken > room:
            break
        kept += character
    return kept.rstrip() + "…"


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
