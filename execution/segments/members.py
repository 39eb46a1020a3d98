"""Who is in a segment, since when, and who came and went: read from a store, never worked out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from execution import engine
from execution.directives import Program
from execution.directives.dependencies import UNIFIED
from execution.directives.model import Segment
from execution.engine import ident, literal
from execution.measures.stored import Stored, key_columns
from execution.segments import history
from execution.segments.standing import MRR

LATELY = timedelta(days=30)

_SHOWN = {"name": "VARCHAR", MRR: "DECIMAL(18,4)", "health_score": "DECIMAL(18,4)", "health_status": "VARCHAR"}
"""What is shown of a member, where its entity has it."""


@dataclass(frozen=True, slots=True)
class Member:
    """One row of the segment: since when it is in this place, and how it stands now."""

    key: str
    place: str
    since: datetime
    name: str | None
    mrr: Decimal | None
    health_score: Decimal | None
    health_status: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """One row's way from a place to another; None is outside. `by_rules`: at that moment other rules began to apply,
    so it may not be the row that changed. `is_first`: the history began there."""

    key: str
    at: datetime
    was: str | None
    place: str | None
    by_rules: bool
    is_first: bool


def members(
    con: engine.Connection, program: Program, segment: Segment, until: datetime | None, limit: int
) -> tuple[Member, ...]:
    """Who is in the segment, those who pay most first, then by key. Of a past moment it is told who was in it, and how
    they stand now is left out."""
    stored = Stored.read(con)
    if not stored.columns("derived.segment_history"):
        return ()
    view = f"{UNIFIED}{segment.entity}"
    have = stored.columns(f"main.{view}") if until is None else {}
    shown = [f"u.{ident(name)}" if name in have else f"CAST(NULL AS {kind})" for name, kind in _SHOWN.items()]
    key = history.key_sql(key_columns(program.entities[segment.entity]), "u")
    join = f" LEFT JOIN {ident(view)} u ON {key} = p.key" if have else ""
    bound = f" AND as_of <= {literal(until)}" if until is not None else ""
    cut = f" LIMIT {limit}" if limit else ""
    rows = con.execute(
        f"""WITH p AS (
            SELECT key, max_by(place, as_of) AS place, max(as_of) AS since
            FROM (SELECT key, as_of, place FROM derived.segment_history WHERE segment = {literal(segment.name)}{bound})
            GROUP BY key HAVING arg_max_null(place, as_of) IS NOT NULL)
        SELECT p.key, p.place, p.since, {", ".join(shown)} FROM p{join}
        ORDER BY {shown[1]} DESC NULLS LAST, p.key{cut}"""
    ).fetchall()
    return tuple(Member(*row) for row in rows)


def moves(
    con: engine.Connection,
    segment: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    key: str | None = None,
    limit: int = 0,
) -> tuple[Move, ...]:
    """Who came and who went after `since` and up to `until`, the newest first; of one row alone with its `key`.

    Where the history begins nobody came: they were there.
    """
    if not Stored.read(con).columns("derived.segment_history"):
        return ()
    wanted = [f"moved_at > {literal(since)}"] if since is not None else []
    wanted += ["NOT is_first"] if key is None else []
    bound = f" AND h.as_of <= {literal(until)}" if until is not None else ""
    bound += f" AND h.key = {literal(key)}" if key is not None else ""
    condition = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    cut = f" LIMIT {limit}" if limit else ""
    rows = con.execute(
        f"""SELECT * FROM (
            SELECT h.key, h.as_of AS moved_at, lag(h.place) OVER (PARTITION BY h.key ORDER BY h.as_of) AS was, h.place,
                r.as_of IS NOT NULL AND h.as_of > b.began AS by_rules, h.as_of = b.began AS is_first
            FROM derived.segment_history h
            CROSS JOIN (SELECT min(as_of) AS began FROM derived.segment_rules WHERE segment = {literal(segment)}) b
            LEFT JOIN derived.segment_rules r ON r.segment = h.segment AND r.as_of = h.as_of
            WHERE h.segment = {literal(segment)}{bound}){condition}
        ORDER BY moved_at DESC, key{cut}"""
    ).fetchall()
    return tuple(Move(*row) for row in rows)
