"""DuckDB itself: connections, identifiers and literals, parameters. The only package that imports duckdb.

A process works in one in-memory database; the store's file is attached to it for as short a time as possible.
Timestamps are kept as DuckDB TIMESTAMP in UTC.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from execution.errors import DataError

Connection = duckdb.DuckDBPyConnection
Error = duckdb.Error
IOError = duckdb.IOException  # noqa: A001 - the engine's own, named as its siblings are
BinderError = duckdb.BinderException
CatalogError = duckdb.CatalogException

STORAGE_VERSION = "v1.5.0"
"""What files are written as, so that DuckDB 1.5 and 2.x both open them."""

ROW_GROUP_ROWS = 30_720
"""Rows DuckDB compresses as one piece. A quarter of its default: a slice of a sync then fills several, which are
compressed on all cores while it is inserted (100,000 records of 1 KB: 0.7 s against 1.3 s)."""

SELECT = duckdb.StatementType.SELECT

VERSION: str = duckdb.__version__


_Config = dict[str, str | bool | int | float | list[str]]

DEFAULTS: _Config = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,  # a table's name never means a variable of ours
    "max_vacuum_tasks": 0,  # see `joining_pieces`
}
"""What every connection begins with."""

_LOCKED_DOWN: _Config = {"enable_external_access": False, "lock_configuration": True}


def memory(
    *,
    temp_dir: Path | None = None,
    memory_limit_mb: int | None = None,
    threads: int | None = None,
    locked_down: bool = False,
) -> Connection:
    """A new in-memory database. `locked_down` cuts it off from files, network and its own settings."""
    # No table's meaning lies in its order, and keeping it costs a third of the time.
    config: _Config = {**DEFAULTS, "preserve_insertion_order": False}
    if temp_dir is not None:
        config["temp_directory"] = str(temp_dir)
    if memory_limit_mb is not None:
        config["memory_limit"] = f"{memory_limit_mb}MB"
    if threads is not None:
        config["threads"] = threads
    return duckdb.connect(":memory:", config=config | (_LOCKED_DOWN if locked_down else {}))


def read_only(path: Path, *, locked_down: bool = False) -> Connection:
    """A connection that cannot write to the database at `path`; `locked_down` as for `memory`."""
    return duckdb.connect(str(path), read_only=True, config=DEFAULTS | (_LOCKED_DOWN if locked_down else {}))


@contextmanager
def attached(con: Connection, path: Path, name: str, *, write: bool = False) -> Iterator[None]:
    """The database file at `path` as catalogue `name` of `con`, detached at the end whatever happens.

    A writer creates the file where there is none.
    """
    options = f"STORAGE_VERSION {literal(STORAGE_VERSION)}, ROW_GROUP_SIZE {ROW_GROUP_ROWS}" if write else "READ_ONLY"
    con.execute(f"ATTACH {literal(str(path))} AS {ident(name)} ({options})")
    try:
        yield
    finally:
        con.execute("USE memory")
        con.execute(f"DETACH {ident(name)}")


def suit_threads(con: Connection, name: str | None = None) -> None:
    """Let a connection work alone where no table of catalogue `name`, its current one where none is named, has more
    rows than are scanned as one piece.

    Handing out work that cannot be divided is a quarter of what scoring a few hundred rows takes.
    """
    row = con.execute(
        "SELECT coalesce(max(estimated_size), 0) FROM duckdb_tables() "
        "WHERE database_name = coalesce(?, current_database())",
        [name],
    ).fetchone()
    if row and row[0] <= ROW_GROUP_ROWS:
        con.execute("SET threads = 1")


@contextmanager
def joining_pieces(con: Connection) -> Iterator[None]:
    """Checkpoints in here join row groups that are not full, and give back the room of deleted rows: others do not."""
    con.execute("SET max_vacuum_tasks = 1000")
    try:
        yield
    finally:
        con.execute("SET max_vacuum_tasks = 0")


@contextmanager
def within(con: Connection, memory_mb: int, *, threads: int | None = None) -> Iterator[None]:
    """In here a connection holds no more than that in memory, and puts the rest on disk; it has so many threads, where
    that is said. One whose settings are locked stays as it is, and so does one that holds more already."""
    row = con.execute("SELECT current_setting('memory_limit'), current_setting('threads')").fetchone()
    before, threads_before = row or ("", 1)
    try:
        con.execute(f"SET memory_limit = '{memory_mb}MB'")
    except Error:
        yield
        return
    try:
        con.execute(f"SET threads = {threads or threads_before}")
        yield
    finally:
        con.execute(f"SET memory_limit = {literal(before)}")
        con.execute(f"SET threads = {threads_before}")


@contextmanager
def transaction(con: Connection) -> Iterator[None]:
    """All or nothing: committed at the end, rolled back on any error."""
    con.execute("BEGIN")
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")


@contextmanager
def on_data(what: str, *, hint: str, where: str = "", code: str) -> Iterator[None]:
    """What a directive says is run in here: the engine's errors are told as those of the directive, `what` in words.

    Raises DataError.
    """
    try:
        yield
    except Error as error:
        raise DataError(f"{what}: {str(error).splitlines()[0]}", hint=hint, where=where, code=code) from error


def ident(*parts: str) -> str:
    """A quoted identifier: `ident("raw", "x")` → `"raw"."x"`."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(value: object) -> str:
    """A SQL literal for text, numbers, booleans, UTC times, None and lists of them."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case datetime():
            return f"TIMESTAMP '{naive_utc(value).isoformat(sep=' ')}'"
        case list() | tuple():
            return "[" + ", ".join(literal(item) for item in value) + "]"
        case _:
            quoted = "'" + str(value).replace("'", "''") + "'"
            return "(" + quoted.replace("\0", "' || chr(0) || '") + ")" if "\0" in quoted else quoted


def naive_utc(moment: datetime) -> datetime:
    """An aware time as the store keeps it: in UTC, without a zone. A naive one is taken to be UTC already."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def dicts(con: Connection, sql: str, params: Mapping[str, Any] | Sequence[Any] | None = None) -> list[dict[str, Any]]:
    """The rows of a query by column name."""
    cursor = con.execute(sql, params) if params is not None else con.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def numbers(con: Connection, sql: str) -> tuple[int, ...]:
    """The whole numbers in the one row that a query gives."""
    row = con.execute(sql).fetchone()
    return tuple(int(value) for value in row) if row else (0,)


def count(con: Connection, relation: str) -> int:
    """How many rows a relation has, named with its `FROM`."""
    return numbers(con, f"SELECT count(*) {relation}")[0]


def rows_sql(columns: Mapping[str, str], parameter: str = "?") -> str:
    """A relation of the rows in a JSON array of objects that is bound to `parameter`: `columns` are names and types.

    One text is bound in milliseconds where a list of 20,000 values takes seconds.
    """
    shape = json.dumps([dict(columns)])
    return f"(SELECT unnest(from_json({parameter}::VARCHAR, {literal(shape)}), recursive := true))"


def load(con: Connection, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """A temporary table of the given rows; times and 64-bit numbers go as text and are cast to `columns`."""
    typed = ", ".join(f"{ident(name)}::{kind} AS {ident(name)}" for name, kind in columns.items())
    texts = dict.fromkeys(columns, "VARCHAR")
    body = json.dumps([dict(zip(columns, map(_as_text, row), strict=True)) for row in rows])
    con.execute(f"CREATE OR REPLACE TEMP TABLE {ident(table)} AS SELECT {typed} FROM {rows_sql(texts)}", [body])


def _as_text(value: object) -> str | None:
    if isinstance(value, datetime):
        return naive_utc(value).isoformat(sep=" ")
    return None if value is None else str(value)


def columns(con: Connection, sql: str, params: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Column name → DuckDB type of what a query would give; nothing is run. Raises Error where it does not bind."""
    rows = con.execute(f"DESCRIBE {sql}", params).fetchall() if params else con.execute(f"DESCRIBE {sql}").fetchall()
    return {row[0]: row[1] for row in rows}
