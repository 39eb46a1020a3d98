"""Staged rows → raw table, in one transaction with the cursor they belong to.

Staging files are Parquet, written while fetching went on; everything slow was done before the store is opened. Only
new and changed rows are written: an anti-join on key and hash costs a tenth of rewriting what is already there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from execution import engine, store
from execution.directives.model import Source, Stream
from execution.engine import ident, literal
from execution.errors import StoreRefusedError
from execution.store import volumes
from execution.sync import decode, unfinished
from execution.sync.raw import RECORD, learn_addresses, prepare_table, raw_table


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a stream's next read begins: the greatest moment known to be complete, and the bookmark of a read that
    has not come to its end. `swept_at` None leaves the stored one."""

    high_water: datetime | None = None
    resume: str | None = None
    swept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """One bounded piece of a stream, ready to be committed by `run`.

    `files` hold its staged rows. `parents` are the (key, hash) pairs wholly read in it: parents, or rows of a feed
    that were followed. `asked` are the ids asked for one by one: those without a row are gone. `cursor` None leaves
    the stored one. `seen` and `unseen_since` are set on the last slice of a whole read: rows first seen before that
    moment whose key is not in the memory table `seen` are gone.
    """

    run: str
    files: tuple[Path, ...] = ()
    parents: tuple[tuple[str, int], ...] = ()
    asked: tuple[str, ...] = ()
    cursor: Cursor | None = None
    seen: str | None = None
    unseen_since: datetime | None = None
    allow_empty: bool = False


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


def staged_files_sql(stream: Stream, files: Sequence[Path]) -> str:
    """SELECT of the rows in staging files but for tombstones; of none, typed the same, where there is no file."""
    where = " WHERE NOT is_tombstone" if stream.deleted else ""
    return _in_files_sql(stream, files) + where if files else decode.empty_sql(stream)


def _in_files_sql(stream: Stream, files: Sequence[Path]) -> str:
    return (
        f"SELECT * FROM read_parquet({literal([str(file) for file in files])})" if files else decode.empty_sql(stream)
    )


def merge(con: engine.Connection, source: Source, name: str, piece: Slice, now: datetime) -> Merged:
    """Commit one slice to the current store: rows, deletions, rejects, what was read per parent, and the cursor.

    Writes nothing at all where nothing differs from what is stored. Raises StoreRefusedError if a key would stand
    twice in the table.
    """
    stream, table = source.streams[name], raw_table(source.name, name)
    prepare_table(con, source, name)
    con.execute(f"CREATE OR REPLACE TEMP VIEW staged AS {staged_files_sql(stream, piece.files)}")
    engine.load(con, "read_parents", {"key": "VARCHAR", "hash": "UBIGINT"}, piece.parents)
    delta = _find_delta(con, stream, table)
    gone, kept = _find_gone(con, stream, table, piece)
    buried = _find_buried(con, source, stream)
    notes = _find_notes(con, source, name, now)
    if delta.new or delta.changed or gone or buried:
        with store.change(con):
            unfinished.mark(con, source.name, piece.run)
            _write_delta(con, stream, table, delta)
            if gone:
                _mark_gone(con, table, now)
            if stream.deletes and buried:
                _bury(con, source.name, stream.deletes, now)
            learn_addresses(con, stream, "staged")
            _count_change(con, source.name, name)
            volumes.note(con, source.name, name, now, (delta.new, delta.changed, gone))
            _write_notes(con, source.name, name, piece, now)
            _assert_unique(con, table)
    elif notes or piece.cursor:
        with engine.transaction(con):
            _write_notes(con, source.name, name, piece, now)
    return Merged(delta.new, delta.changed, gone, buried, kept)


def _count_change(con: engine.Connection, source: str, stream: str) -> None:
    con.execute("UPDATE meta.streams SET changes = changes + 1 WHERE source = ? AND stream = ?", [source, stream])


def _one(con: engine.Connection, sql: str) -> tuple[int, ...]:
    row = con.execute(sql).fetchone()
    return tuple(int(value) for value in row) if row else (0,)


def _find_delta(con: engine.Connection, stream: Stream, table: str) -> Delta:
    """Make the temporary table `delta` of the staged keys whose row is new or differs.

    What was read earlier than the stored row, or is an older version of it, never replaces it.
    """
    staged, unique = _one(con, "SELECT count(key), count(DISTINCT key) FROM staged")
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
    new, changed = _one(con, "SELECT count(*) - count(first_seen), count(first_seen) FROM delta")
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


def _find_gone(con: engine.Connection, stream: Stream, table: str, piece: Slice) -> tuple[int, int]:
    """Make the temporary table `gone` of stored keys that a whole read, or a re-read parent, no longer has, and of
    those that the vendor itself says are gone.

    (gone, kept): where the read brought nothing at all, absence says more about the vendor's day than about the
    records, so they are kept and counted unless `allow_empty`.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE said_gone AS {_said_gone_sql(con, stream, piece)}")
    conditions = []
    if piece.unseen_since is not None and piece.seen is not None:
        seen = f"memory.main.{ident(piece.seen)}"
        conditions.append(f"(first_seen < {literal(piece.unseen_since)} AND key NOT IN (SELECT key FROM {seen}))")
        brought, *_ = _one(con, f"SELECT count(*) FROM {seen}")
    else:
        brought, *_ = _one(con, "SELECT count(key) FROM staged")
    if piece.parents:
        conditions.append(
            "(parent_key IN (SELECT key FROM read_parents) "
            "AND key NOT IN (SELECT key FROM staged WHERE key IS NOT NULL))"
        )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE gone AS SELECT key, key IN (SELECT key FROM said_gone) AS is_said FROM {table} "
        f"WHERE NOT deleted AND (key IN (SELECT key FROM said_gone) OR {' OR '.join(conditions) or 'false'})"
    )
    found, said = _one(con, "SELECT count(*), count(*) FILTER (is_said) FROM gone")
    if found > said and not brought and not piece.allow_empty:
        con.execute("DELETE FROM gone WHERE NOT is_said")
        return said, found - said
    return found, 0


def _said_gone_sql(con: engine.Connection, stream: Stream, piece: Slice) -> str:
    """SELECT of the keys that came as tombstones, or were asked for and not found."""
    engine.load(con, "asked", {"key": "VARCHAR"}, [(key,) for key in piece.asked])
    found = "SELECT key FROM staged WHERE key IS NOT NULL"
    tombstones = f"SELECT key FROM ({_in_files_sql(stream, piece.files)}) WHERE is_tombstone AND key IS NOT NULL"
    return f"(SELECT key FROM asked EXCEPT {found}) UNION {tombstones if stream.deleted else found + ' AND false'}"


def _find_buried(con: engine.Connection, source: Source, stream: Stream) -> int:
    """Make the temporary table `buried` of the records, in the stream that this one deletes from, that the staged rows
    are tombstones of. A record that was read later as it is, or is a later version, stays: it came back."""
    if stream.deletes is None:
        return 0
    prepare_table(con, source, stream.deletes)
    later = "t.last_changed > s.read_at"
    if version := _shared_version(stream, source.streams[stream.deletes]):
        later += f" OR {version}"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE buried AS SELECT t.key FROM {raw_table(source.name, stream.deletes)} t "
        f"JOIN latest s ON s.key = t.key WHERE NOT t.deleted AND NOT coalesce({later}, false)"
    )
    found, *_ = _one(con, "SELECT count(*) FROM buried")
    return found


def _shared_version(stream: Stream, other: Stream) -> str | None:
    """SQL for whether the other stream's version of a record is the later one; None where they cannot be compared."""
    one, two = (s.columns.get(s.version or "") for s in (stream, other))
    if one is None or two is None or one.type != two.type:
        return None
    return f"t.{ident(str(other.version))} > s.{ident(str(stream.version))}"


def _bury(con: engine.Connection, source: str, stream: str, now: datetime) -> None:
    con.execute(
        f"UPDATE {raw_table(source, stream)} SET deleted = true, last_changed = {literal(now)} "
        "WHERE key IN (SELECT key FROM buried)"
    )
    _count_change(con, source, stream)


def _mark_gone(con: engine.Connection, table: str, now: datetime) -> None:
    con.execute(f"UPDATE {table} SET deleted = true, last_changed = {literal(now)} WHERE key IN (SELECT key FROM gone)")


def _find_notes(con: engine.Connection, source: Source, name: str, now: datetime) -> bool:
    """Make the temporary tables of what is to be noted beside the rows; whether there is anything.

    `bad`: every value of a staged record that did not fit, and records without a key. `now_read`: parents whose noted
    version differs from the one read now, or was noted `refresh` ago.
    """
    refresh = source.streams[name].refresh
    con.execute(
        "CREATE OR REPLACE TEMP TABLE bad AS SELECT DISTINCT key, bad.column_name, bad.content FROM "
        "(SELECT key, unnest(rejects) AS bad FROM latest WHERE rejects IS NOT NULL) "
        "UNION SELECT NULL, '(key)', left(payload, 200) FROM staged WHERE key IS NULL"
    )
    mine = f"source = {literal(source.name)} AND stream = {literal(name)}"
    stored = (
        f"SELECT key, column_name, content FROM meta.rejects WHERE {mine} "
        "AND (key IS NULL OR key IN (SELECT key FROM staged))"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE now_read AS SELECT p.key, p.hash FROM read_parents p LEFT JOIN meta.reads r "
        f"ON r.source = {literal(source.name)} AND r.stream = {literal(name)} AND r.parent_key = p.key "
        "WHERE r.parent_hash IS DISTINCT FROM p.hash"
        + (f" OR r.read_at <= {literal(now - refresh)}" if refresh is not None else "")
    )
    differing, *_ = _one(
        con,
        f"SELECT (SELECT count(*) FROM (FROM bad EXCEPT {stored})) + (SELECT count(*) FROM now_read) "
        f"+ (SELECT count(*) FROM ({stored} EXCEPT FROM bad) WHERE key IS NOT NULL)",
    )
    return bool(differing)


def _write_notes(con: engine.Connection, source: str, name: str, piece: Slice, now: datetime) -> None:
    """Write what `_find_notes` found, and move the cursor. A record's former rejects are replaced by today's."""
    mine, named = f"source = {literal(source)} AND stream = {literal(name)}", f"{literal(source)}, {literal(name)}"
    con.execute(f"DELETE FROM meta.rejects WHERE {mine} AND key IN (SELECT key FROM staged)")
    con.execute(
        f"INSERT INTO meta.rejects SELECT {named}, b.*, {literal(now)} FROM bad b WHERE b.key IS NOT NULL OR "
        f"b.content NOT IN (SELECT content FROM meta.rejects WHERE {mine} AND key IS NULL)"
    )
    con.execute(f"DELETE FROM meta.reads WHERE {mine} AND parent_key IN (SELECT key FROM now_read)")
    con.execute(f"INSERT INTO meta.reads SELECT {named}, key, hash, {literal(now)} FROM now_read")
    if piece.cursor:
        _move_cursor(con, source, name, piece.cursor)


def _move_cursor(con: engine.Connection, source: str, name: str, to: Cursor) -> None:
    """The cursor goes to where this slice got; its high water never goes back, whoever else has moved it meanwhile."""
    row = con.execute(
        "SELECT high_water, swept_at FROM meta.cursors WHERE source = ? AND stream = ?", [source, name]
    ).fetchone()
    swept_at = engine.naive_utc(to.swept_at) if to.swept_at else row[1] if row else None
    reached = engine.naive_utc(to.high_water).isoformat(timespec="microseconds") if to.high_water else None
    high = max((text for text in (row[0] if row else None, reached) if text is not None), default=None)
    con.execute("DELETE FROM meta.cursors WHERE source = ? AND stream = ?", [source, name])
    con.execute("INSERT INTO meta.cursors VALUES (?, ?, ?, ?, ?)", [source, name, high, to.resume, swept_at])


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
