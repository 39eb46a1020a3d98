"""Pieces of lines for a terminal of 100 columns: points, moments, values, and text from outside as data."""

import textwrap
from datetime import date, datetime
from decimal import Decimal

from execution.cli.printing import cell, harmless, say

WIDTH = 100


def paragraph(text: str, indent: str = "  ") -> None:
    say(textwrap.fill(one_line(text), WIDTH, initial_indent=indent, subsequent_indent=indent + "  "))


def one_line(text: str) -> str:
    """Text from outside on one line."""
    return harmless(" ".join(text.split()))


def cut(text: str, width: int) -> str:
    """Text in so many cells, whatever the characters are wide."""
    from rich.cells import cell_len, set_cell_size

    shown = harmless(" ".join(text.split()) if text[:1] != " " else text.rstrip())
    if cell_len(shown) <= width:
        return set_cell_size(shown, width)
    return set_cell_size(shown, width - 1) + "…"


def near(line: str, path: str) -> str:
    """A line of the directive itself by its number, of another file whole."""
    return line.removeprefix(path) or line if line.startswith(path) else line


def value_text(value: object) -> str:
    match value:
        case None:
            return "not known"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case str():
            return one_line(value)
        case _:
            return cell(value)


def points(milli: int | None) -> str:
    return "unknown" if milli is None else f"{milli / 1000:.3f}"


def short(milli: int) -> str:
    return f"{milli / 1000:g}"


def signed(milli: int) -> str:
    return f"{milli / 1000:+.3f}"


def words(label: str) -> str:
    return label.replace("_", " ")


def at_utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
