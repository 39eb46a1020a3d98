"""Files of rows → records as JSON, whatever their form: CSV, TSV, Parquet or one JSON object per line.

Nothing is guessed but a CSV's delimiter, which its first line tells: every value of it is taken as text, to be typed
under what is declared.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from execution.engine import Connection, Error, literal

_DELIMITERS = (",", ";", "\t", "|")


class UnreadableError(Exception):
    """A file that is not what its name says; the text is one sentence about it, with the line where there is one."""


def load_records(con: Connection, table: str, files: Sequence[Path]) -> tuple[str, ...]:
    """Make the temporary `table` (already quoted) of (payload JSON, position BIGINT), a row per record in the order of
    the files and of their rows; the names of the columns, none for JSON lines.

    All files are of one form and have one heading. Raises UnreadableError.
    """
    form = files[0].suffix.lower()
    relation = _relation(form, files)
    con.execute("SET preserve_insertion_order = true")
    try:
        is_lines = form in (".jsonl", ".ndjson")
        columns = () if is_lines else tuple(row[0] for row in con.execute(f"DESCRIBE FROM {relation}").fetchall())
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {'json' if is_lines else 'to_json(t)'} AS payload, "
            f"row_number() OVER () AS position FROM {relation} t"
        )
    except Error as error:
        raise UnreadableError(_said(error)) from error
    finally:
        con.execute("SET preserve_insertion_order = false")
    return columns


def _relation(form: str, files: Sequence[Path]) -> str:
    names = literal([str(file) for file in files])
    match form:
        case ".csv" | ".tsv":
            return _csv(form, files)
        case ".parquet":
            return f"read_parquet({names})"
        case ".jsonl" | ".ndjson":
            return f"read_ndjson_objects({names})"
        case _:
            raise UnreadableError(f"{form or 'a name without an end'} is no form that is read")


def _csv(form: str, files: Sequence[Path]) -> str:
    headings = {file: _first_line(file) for file in files}
    first = headings[files[0]]
    if not first.strip():
        raise UnreadableError("it has no heading in its first line")
    delimiter = "\t" if form == ".tsv" else max(_DELIMITERS, key=first.count)
    columns = next(csv.reader([first], delimiter=delimiter), [])
    for file, heading in headings.items():
        if heading != first:
            raise UnreadableError(f"{file.name} has other columns than {files[0].name}")
    if twice := {name for name in columns if columns.count(name) > 1}:
        raise UnreadableError(f"it has two columns {min(twice)!r}")
    shape = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    return (
        f"read_csv({literal([str(file) for file in files])}, auto_detect = false, header = true, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', columns = {{{shape}}})"
    )


def _first_line(file: Path) -> str:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return opened.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise UnreadableError("it is not UTF-8 text") from None
    except OSError as error:
        raise UnreadableError(error.strerror or "it cannot be opened") from error


def _said(error: Exception) -> str:
    """DuckDB's words up to where it begins to list its options."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kept = [line for line in lines[:4] if not line.startswith(("Possible", "*", "file =", "LINE"))]
    return "; ".join(kept)[:400] or "it cannot be read"
