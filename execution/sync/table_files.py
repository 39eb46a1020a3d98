"""Files of rows as pages of JSON records, so that they go the way of a vendor's pages: landed, decoded, merged."""

from collections.abc import Iterator
from dataclasses import dataclass

from execution import engine
from execution.directives.model import Source, Stream
from execution.directives.paths import json_path, parse_path
from execution.directives.problems import suggest
from execution.engine import files, literal
from execution.errors import FileError
from execution.sync.shelf import Shelf

PAGE_BYTES = 4 << 20
_RECORDS = "temp.file_records"
_SAVE = "save it again as it should be; nothing of it was stored, and what was read last stays"


@dataclass(frozen=True, slots=True)
class Rows:
    """The records of a stream's files, in a temporary table of `con`: how many, and how many go into a page."""

    con: engine.Connection
    count: int
    at_once: int

    def first(self, count: int) -> "Rows":
        """No more than so many of them."""
        return Rows(self.con, min(self.count, count), count)

    def pages(self) -> Iterator[tuple[bytes, int]]:
        """The pages as JSON, with the number of their records; an empty one where there is no record."""
        for start in range(1, self.count + 1, self.at_once):
            end = min(start + self.at_once, self.count + 1)
            row = self.con.execute(
                f"SELECT string_agg(payload::VARCHAR, ',\n' ORDER BY position) FROM {_RECORDS} "
                f"WHERE position >= {start} AND position < {end}"
            ).fetchone()
            yield f"[{row[0] if row else ''}]".encode(), end - start


def load(con: engine.Connection, shelf: Shelf, source: Source, name: str) -> Rows:
    """Read the files of a stream. Raises FileError, with path and line, where they are not what they should be."""
    stream = source.streams[name]
    try:
        columns = files.load_records(con, _RECORDS, shelf.files)
    except files.UnreadableError as error:
        where = shelf.shown(error.file) if error.file else name
        where += f":{error.line}" if error.line else ""
        raise FileError(f"it cannot be read: {error}", hint=_SAVE, where=where, code="E378") from error
    _require_columns(shelf, stream, columns)
    _require_one_each(con, shelf, stream)
    row = con.execute(f"SELECT count(*), coalesce(sum(strlen(payload::VARCHAR)), 0) FROM {_RECORDS}").fetchone()
    count, size = row or (0, 0)
    pages = max(1, -(-int(size) // PAGE_BYTES))
    return Rows(con, int(count), max(1, -(-int(count) // pages)))


def _require_columns(shelf: Shelf, stream: Stream, columns: tuple[str, ...]) -> None:
    """What the directive reads is there in the heading. JSON lines have none, and may lack anything."""
    paths = {"key": stream.key} | {column: spec.path for column, spec in stream.columns.items()}
    for column, path in paths.items() if columns else ():
        first = str(parse_path(path)[0])
        if first not in columns:
            raise FileError(
                f"its heading has no column {first!r}, which is read as {column}",
                hint=suggest(first, columns),
                where=f"{shelf.shown(shelf.files[0])}:1",
                code="E378",
            )


def _require_one_each(con: engine.Connection, shelf: Shelf, stream: Stream) -> None:
    key = f"json_extract_string(payload, {literal(json_path(stream.key))})"
    row = con.execute(
        f"SELECT {key} AS key, min({{'at': position, 'file': file}}), max({{'at': position, 'file': file}}), count(*) "
        f"FROM {_RECORDS} WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1 ORDER BY 2 LIMIT 1"
    ).fetchone()
    if row is None:
        return
    first, last = (_place(con, shelf, found["file"], found["at"]) for found in row[1:3])
    others = f", {row[3]} in all" if row[3] > 2 else ""
    raise FileError(
        f"two records have the {stream.key} {row[0]!r}: here, and in {last}{others}",
        hint="one key is one record: take one of them out, or name another key in the directive",
        where=first,
        code="E377",
    )


def _place(con: engine.Connection, shelf: Shelf, file: int, position: int) -> str:
    """The file and the line of a record, or its row where the file has no lines."""
    row = con.execute(f"SELECT min(position) FROM {_RECORDS} WHERE file = {file}").fetchone()
    number = position - (row[0] if row else 1) + 1
    line = files.line_of(shelf.files[file], number)
    shown = shelf.shown(shelf.files[file])
    return f"{shown}:{line}" if line else f"{shown} (row {number})"
