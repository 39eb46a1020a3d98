"""Staged rows → raw table, in one transaction with the cursor they belong to.

Staging files are Parquet, written while fetching went on; everything slow was done before the store is opened. Only
new and changed rows are written: an anti-join on key and hash costs a tenth of rewriting what is already there.
"""

from dataclasses import dataclass
from datetime import datetime

from execution import engine, store
from execution.directives.model import Source, Stream
from execution.engine import ident
from execution.errors import StoreRefusedError
from execution.store import volumes
from execution.sync import decode, notes, tombstones, unfinished
from execution.sync.raw import RECORD, count_change, learn_addresses, prepare_table, raw_table
from execution.sync.slices import Slice


@dataclass(frozen=True, slots=True)
class Merged:
    """How many records a slice added, changed and removed, there or in the stream it `deletes` from (`buried`); `kept`
    is how many the emptiness guard kept."""

    new: int = 0
    changed: int = 0
    deleted: int = 0
    buried: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """How many staged records are new or differ; `is_all`: every one of them is new."""

    new: int
    changed: int
    is_all: bool


def merge(con: engine.Connection, source: Source, name: str, piece: Slice, now: datetime) -> Merged:
    """Commit one slice to the current store: rows, deletions, rejects, what was read per parent, and the cursor.

    Writes nothing at all where nothing differs from what is stored. Raises StoreRefusedError if a key would stand
    twice in the table.
    """
    stream, table = source.streams[name], raw_table(source.name, name)
    prepare_table(con, source, name)
    con.execute(f"CREATE OR REPLACE TEMP VIEW staged AS {decode.staged_files_sql(stream, piece.files)}")
    engine.load(con, "read_parents", {"key": "VARCHAR", "hash": "UBIGINT"}, piece.parents)
    delta = _find_delta(con, stream, table)
    gone, kept = tombstones.find_gone(con, stream, table, piece)
    buried = tombstones.find_buried(con, source, stream)
    has_notes = notes.find(con, source, name, now)
    if delta.new or delta.changed or gone or buried:
        with store.change(con):
            unfinished.mark(con, source.name, piece.run)
            _write_delta(con, stream, table, delta)
            if gone:
                tombstones.mark_gone(con, table, now)
            if stream.deletes and buried:
                tombstones.bury(con, source.name, stream.deletes, now)
            learn_addresses(con, stream, "staged")
            count_change(con, source.name, name)
            volumes.note(con, source.name, name, now, (delta.new, delta.changed, gone))
            notes.write(con, source.name, name, piece, now)
            _assert_unique(con, table)
    elif has_notes or piece.cursor:
        with engine.transaction(con):
            notes.write(con, source.name, name, piece, now)
    return Merged(delta.new, delta.changed, gone, buried, kept)


def _find_delta(con: engine.Connection, stream: Stream, table: str) -> Delta:
    """Make the temporary table `delta` of the staged keys whose row is new or differs.

    What was read earlier than the stored row, or is an older version of it, never replaces it.
    """
    staged, unique = engine.numbers(con, "SELECT count(key), count(DISTINCT key) FROM staged")
    latest = decode.latest_sql(stream, "staged") if unique < staged else "SELECT * FROM staged WHERE key IS NOT NULL"
    con.execute(f"CREATE OR REPLACE TEMP VIEW latest AS {latest}")
    older = "s.read_at < t.last_changed"
    if stream.version:
        version = ident(stream.version)
        older = f"(s.{version} < t.{version} OR (s.{version} IS NOT DISTINCT FROM t.{version} AND {older}))"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE delta AS SELECT s.key, t.first_seen "
        f"FROM latest s LEFT JOIN {table} t ON t.key = s.key "
        "WHERE t.key IS NULL OR ((t.hash <> s.hash OR t.deleted OR t.parent_key IS DISTINCT FROM s.parent_key) "
        f"AND NOT coalesce({older}, false))"
    )
    new, changed = engine.numbers(con, "SELECT count(*) - count(first_seen), count(first_seen) FROM delta")
    return Delta(new, changed, is_all=new == unique)


def _write_delta(con: engine.Connection, stream: Stream, table: str, delta: Delta) -> None:
    """Insert what is new and what changed, the latter in place of the old rows.

    Not an UPDATE: that of one row in a hundred has DuckDB write every column of the table anew at the next checkpoint
    (0.5 s for 100,000 records, and twice the file), a deletion leaves a mark.
    """
    typed = [ident(column) for column in decode.typed_columns(stream)]
    if delta.changed:
        con.execute(f"DELETE FROM {table} WHERE key IN (SELECT key FROM delta WHERE first_seen IS NOT NULL)")
    rows = "(SELECT *, NULL AS first_seen FROM latest)" if delta.is_all else "(FROM latest JOIN delta USING (key))"
    con.execute(
        f"INSERT INTO {table} ({', '.join([*RECORD, *typed])}) SELECT "
        "s.key, s.parent_key, s.payload, s.hash, coalesce(s.first_seen, s.read_at), s.read_at, false"
        f"{''.join(f', s.{column}' for column in typed)} FROM {rows} s"
    )


def _assert_unique(con: engine.Connection, table: str) -> None:
    row = con.execute(
        f"SELECT key FROM {table} WHERE key IN (SELECT key FROM delta) GROUP BY key HAVING count(*) > 1 LIMIT 1"
    ).fetchone()
    if row:
        raise StoreRefusedError(
            f"in {table} the key {row[0]!r} would stand twice",
            hint="this is a fault of gtm; nothing was written. Please report it",
            code="E423",
        )
