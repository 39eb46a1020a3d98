"""Files of rows → records as JSON, whatever their form: CSV, TSV, Parquet or one JSON object per line.

Nothing is guessed but a CSV's delimiter, which its first line tells: every value of it is taken as text, to be typed
under what is declared.
"""

import csv
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from execution.engine import Connection, Error, literal

_DELIMITERS = (",", ";", "\t", "|")
_LINE = re.compile(r"(?:Line|line|record/value):? (\d+)")


class UnreadableError(Exception):
    """A file that is not what its name says; the text is one sentence about it. `line` is None where none is known."""

    def __init__(self, message: str, *, file: Path | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.file = file
        self.line = line


def load_records(con: Connection, table: str, files: Sequence[Path]) -> tuple[str, ...]:
    """Make the temporary `table` (already quoted) of (payload JSON, file INTEGER, position BIGINT), a row per record in
    the order of the files and of their rows; the names of the columns, none for JSON lines.

    All files are of one form and have one heading; `file` counts them from 0. Raises UnreadableError.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (payload JSON, file INTEGER, position BIGINT)")
    heading: tuple[str, ...] = ()
    con.execute("SET preserve_insertion_order = true")
    try:
        for number, file in enumerate(files):
            columns = _load(con, table, file, number)
            if number and columns != heading:
                raise UnreadableError(f"{file.name} has other columns than {files[0].name}", file=file, line=1)
            heading = columns
    finally:
        con.execute("SET preserve_insertion_order = false")
    return heading


def _load(con: Connection, table: str, file: Path, number: int) -> tuple[str, ...]:
    form = file.suffix.lower()
    relation, is_lines = _relation(form, file), form in (".jsonl", ".ndjson")
    try:
        columns = () if is_lines else tuple(row[0] for row in con.execute(f"DESCRIBE FROM {relation}").fetchall())
        con.execute(
            f"INSERT INTO {table} SELECT {'json' if is_lines else 'to_json(t)'}, {number}, "
            f"row_number() OVER () + (SELECT coalesce(max(position), 0) FROM {table}) FROM {relation} t"
        )
    except Error as error:
        raise UnreadableError(_said(error), file=file, line=_line_said(error)) from error
    return columns


def line_of(file: Path, row: int) -> int | None:
    """The line on which a record begins, the first being row 1; None in a file without lines.

    Reads the file again: for messages only."""
    form = file.suffix.lower()
    if form == ".parquet":
        return None
    with file.open(encoding="utf-8-sig", newline="") as opened:
        if form in (".jsonl", ".ndjson"):
            filled = (number for number, line in enumerate(opened, 1) if line.strip())
            return next(islice(filled, row - 1, None), None)
        rows = csv.reader(opened, delimiter=_delimiter(form, _first_line(file)))
        begins = 1
        for number, _ in enumerate(filter(None, rows)):
            if number == row:
                return begins
            begins = rows.line_num + 1
    return None


def _relation(form: str, file: Path) -> str:
    name = literal(str(file))
    match form:
        case ".csv" | ".tsv":
            return _csv(form, file)
        case ".parquet":
            return f"read_parquet({name})"
        case ".jsonl" | ".ndjson":
            return f"read_ndjson_objects({name})"
        case _:
            raise UnreadableError(f"{form or 'a name without an end'} is no form that is read", file=file)


def _csv(form: str, file: Path) -> str:
    heading = _first_line(file)
    if not heading.strip():
        raise UnreadableError("it has no heading in its first line", file=file, line=1)
    delimiter = _delimiter(form, heading)
    columns = next(csv.reader([heading], delimiter=delimiter), [])
    if twice := {name for name in columns if columns.count(name) > 1}:
        raise UnreadableError(f"it has two columns {min(twice)!r}", file=file, line=1)
    shape = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    return (
        f"read_csv({literal(str(file))}, auto_detect = false, header = true, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', columns = {{{shape}}})"
    )


def _delimiter(form: str, heading: str) -> str:
    return "\t" if form == ".tsv" else max(_DELIMITERS, key=heading.count)


def _first_line(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.readline().decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise UnreadableError("it is not UTF-8 text", file=file, line=1) from None
    except OSError as error:
        raise UnreadableError(error.strerror or "it cannot be opened", file=file) from error


def _line_said(error: Exception) -> int | None:
    found = _LINE.search(str(error))
    return int(found[1]) if found else None


def _said(error: Exception) -> str:
    """DuckDB's words up to where it begins to list its options."""
    if "not utf-8" in str(error).lower():
        return "it is not UTF-8 text"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kept = [line for line in lines[:4] if not line.startswith(("Possible", "*", "file =", "LINE"))]
    return "; ".join(kept)[:400] or "it cannot be read"
