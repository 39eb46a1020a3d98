"""What the store knows before a run: cursors, row counts, which parents' children have yet to be read, and what a feed
names that has yet to be asked for again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from execution import engine, store
from execution.directives.model import FeedSync, Source
from execution.engine import ident, literal
from execution.sync.decode import typed_columns
from execution.sync.plan import StreamState
from execution.sync.raw import prepare_table, raw_table


@dataclass(frozen=True, slots=True)
class Parent:
    """One parent record whose children are to be read: `values` are its columns, for placeholders."""

    key: str
    hash: int
    values: dict[str, Any]


def stream_states(con: engine.Connection, source: Source) -> dict[str, StreamState]:
    """Each stream's state, from the current database; blank for streams never read. Writes nothing."""
    cursors = {
        row[0]: (row[1], row[2], row[3])
        for row in con.execute(
            "SELECT stream, high_water, resume, swept_at FROM meta.cursors WHERE source = ?", [source.name]
        ).fetchall()
    }
    return {name: _state(con, source, name, *cursors.get(name, (None, None, None))) for name in source.streams}


def _state(
    con: engine.Connection,
    source: Source,
    name: str,
    high_water: str | None,
    resume: str | None,
    swept_at: datetime | None,
) -> StreamState:
    stream = source.streams[name]
    parents = 0
    if stream.each and store.has_table(con, "raw", f"{source.name}__{stream.each}"):
        has_reads = f"SELECT count(*) FROM {raw_table(source.name, stream.each)} WHERE NOT deleted"
        found = con.execute(has_reads).fetchone()
        parents = int(found[0]) if found else 0
    rows = 0
    if store.has_table(con, "raw", f"{source.name}__{name}"):
        found = con.execute(f"SELECT count(*) FROM {raw_table(source.name, name)} WHERE NOT deleted").fetchone()
        rows = int(found[0]) if found else 0
    moment = datetime.fromisoformat(high_water).replace(tzinfo=UTC) if high_water else None
    return StreamState(moment, resume, rows, parents, swept_at.replace(tzinfo=UTC) if swept_at else None)


def parents_to_read(
    con: engine.Connection, source: Source, name: str, now: datetime, *, everything: bool = False
) -> list[Parent]:
    """The parents of stream `name` that changed since their children were last read, whose `reread` holds now, or
    whose children were last read `refresh` ago.

    Ordered by key, so that runs ask in the same order.
    """
    stream = source.streams[name]
    each = str(stream.each)
    parent = source.streams[each]
    prepare_table(con, source, each)
    columns = list(typed_columns(parent))
    due = "true" if everything else "(r.parent_hash IS NULL OR r.parent_hash <> p.hash)"
    if stream.reread and not everything:
        due += f" OR coalesce(({stream.reread.replace('$as_of', literal(now))}), false)"
    if stream.refresh is not None:
        due += f" OR r.read_at <= {literal(now - stream.refresh)}"
    selected = ", ".join(["p.hash", *(f"p.{ident(column)}" for column in columns)])
    rows = con.execute(
        f"SELECT p.key, {selected} FROM {raw_table(source.name, each)} p "
        f"LEFT JOIN meta.reads r ON r.source = {literal(source.name)} AND r.stream = {literal(name)} "
        f"AND r.parent_key = p.key WHERE NOT p.deleted AND ({due}) ORDER BY p.key"
    ).fetchall()
    return [Parent(row[0], row[1], {"key": row[0], **dict(zip(columns, row[2:], strict=True))}) for row in rows]


@dataclass(frozen=True, slots=True)
class Change:
    """What a feed says has changed: the id, and the (key, hash) of the feed's rows that name it."""

    id: str
    rows: tuple[tuple[str, int], ...]


def changes_to_read(con: engine.Connection, source: Source, name: str) -> list[Change]:
    """What the feed of stream `name` names in rows that were not followed yet, ordered by id."""
    sync = source.streams[name].sync
    if not isinstance(sync, FeedSync):
        return []
    prepare_table(con, source, sync.feed)
    named = (
        f"SELECT key, hash, {ident(sync.id)}::VARCHAR AS id FROM {raw_table(source.name, sync.feed)} "
        f"AS {ident(sync.feed)} WHERE NOT deleted AND trim({ident(sync.id)}::VARCHAR) <> '' "
        f"AND coalesce(({sync.where or 'true'}), false)"
    )
    rows = con.execute(
        f"SELECT f.id, f.key, f.hash FROM ({named}) f "
        f"LEFT JOIN meta.reads r ON r.source = {literal(source.name)} AND r.stream = {literal(name)} "
        "AND r.parent_key = f.key WHERE r.parent_hash IS DISTINCT FROM f.hash ORDER BY ALL"
    ).fetchall()
    by_id = groupby(rows, key=lambda row: str(row[0]))
    return [Change(found, tuple((key, version) for _, key, version in group)) for found, group in by_id]
