"""Tables and links in Markdown, out of text that may hold anything."""

from collections.abc import Iterable, Sequence
from posixpath import relpath

FOLDER = "directives"
"""Where the pages stand, so what links are relative to."""


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a table; nothing where there are no rows. A column without any entry is left out."""
    filled = [[cell(value) for value in row] for row in rows]
    kept = [n for n in range(len(headings)) if any(row[n] for row in filled)]
    if not kept:
        return []
    lines = [[headings[n] for n in kept], ["---" for _ in kept], *([row[n] for n in kept] for row in filled)]
    return [f"| {' | '.join(line)} |" for line in lines]


def cell(value: object) -> str:
    """A value in one cell: on one line, and no bar of its own."""
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case _:
            return " ".join(str(value).split()).replace("\\", "\\\\").replace("|", "\\|")


def code(text: object) -> str:
    """Text as code, in one cell; nothing for nothing."""
    flat = " ".join(str(text).split())
    ticks = "``" if "`" in flat else "`"
    return f"{ticks}{flat}{ticks}" if flat else ""


def link(path: str) -> str:
    """A link to a file of the workspace."""
    short = relpath(path, FOLDER)
    return f"[{short}](<{short}>)" if " " in short or ")" in short else f"[{short}]({short})"
