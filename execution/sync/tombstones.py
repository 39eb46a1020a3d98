"""What is gone: the keys that a slice's absence, a tombstone or the vendor's own word speaks of."""

from datetime import datetime

from execution import engine
from execution.directives.model import Source, Stream
from execution.engine import ident, literal
from execution.sync import decode
from execution.sync.raw import count_change, prepare_table, raw_table
from execution.sync.slices import Slice


def find_gone(con: engine.Connection, stream: Stream, table: str, piece: Slice) -> tuple[int, int]:
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
        brought, *_ = engine.numbers(con, f"SELECT count(*) FROM {seen}")
    else:
        brought, *_ = engine.numbers(con, "SELECT count(key) FROM staged")
    if piece.parents:
        conditions.append(
            "(parent_key IN (SELECT key FROM read_parents) "
            "AND key NOT IN (SELECT key FROM staged WHERE key IS NOT NULL))"
        )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE gone AS SELECT key, key IN (SELECT key FROM said_gone) AS is_said FROM {table} "
        f"WHERE NOT deleted AND (key IN (SELECT key FROM said_gone) OR {' OR '.join(conditions) or 'false'})"
    )
    found, said = engine.numbers(con, "SELECT count(*), count(*) FILTER (is_said) FROM gone")
    if found > said and not brought and not piece.allow_empty:
        con.execute("DELETE FROM gone WHERE NOT is_said")
        return said, found - said
    return found, 0


def _said_gone_sql(con: engine.Connection, stream: Stream, piece: Slice) -> str:
    """SELECT of the keys that came as tombstones, or were asked for and not found."""
    engine.load(con, "asked", {"key": "VARCHAR"}, [(key,) for key in piece.asked])
    found = "SELECT key FROM staged WHERE key IS NOT NULL"
    tombstones = (
        f"SELECT key FROM ({decode.with_tombstones_sql(stream, piece.files)}) WHERE is_tombstone AND key IS NOT NULL"
    )
    return f"(SELECT key FROM asked EXCEPT {found}) UNION {tombstones if stream.deleted else found + ' AND false'}"


def find_buried(con: engine.Connection, source: Source, stream: Stream) -> int:
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
    found, *_ = engine.numbers(con, "SELECT count(*) FROM buried")
    return found


def _shared_version(stream: Stream, other: Stream) -> str | None:
    """SQL for whether the other stream's version of a record is the later one; None where they cannot be compared."""
    one, two = (s.columns.get(s.version or "") for s in (stream, other))
    if one is None or two is None or one.type != two.type:
        return None
    return f"t.{ident(str(other.version))} > s.{ident(str(stream.version))}"


def bury(con: engine.Connection, source: str, stream: str, now: datetime) -> None:
    con.execute(
        f"UPDATE {raw_table(source, stream)} SET deleted = true, last_changed = {literal(now)} "
        "WHERE key IN (SELECT key FROM buried)"
    )
    count_change(con, source, stream)


def mark_gone(con: engine.Connection, table: str, now: datetime) -> None:
    con.execute(f"UPDATE {table} SET deleted = true, last_changed = {literal(now)} WHERE key IN (SELECT key FROM gone)")
