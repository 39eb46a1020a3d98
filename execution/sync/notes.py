"""What is noted beside the rows, in the transaction that writes them: rejects, parents that were read, the cursor."""

from datetime import datetime

from execution import engine
from execution.directives.model import Source
from execution.engine import literal
from execution.sync.slices import Cursor, Slice


def find(con: engine.Connection, source: Source, name: str, now: datetime) -> bool:
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
    differing, *_ = engine.numbers(
        con,
        f"SELECT (SELECT count(*) FROM (FROM bad EXCEPT {stored})) + (SELECT count(*) FROM now_read) "
        f"+ (SELECT count(*) FROM ({stored} EXCEPT FROM bad) WHERE key IS NOT NULL)",
    )
    return bool(differing)


def write(con: engine.Connection, source: str, name: str, piece: Slice, now: datetime) -> None:
    """Write what `find` found, and move the cursor. A record's former rejects are replaced by today's."""
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
