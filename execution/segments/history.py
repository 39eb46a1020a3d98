"""Who entered a segment and who left it, and when: a row only where somebody's place changed.

A step function: where a row stands at a moment is what its last line up to then says. Whoever has no line was in none.
A moment at which other rules applied than at the one before is marked in `derived.segment_rules`: what changed then is
the directive's doing and not the customers'. `place` is NULL where a row is in no group, or not in the set.
"""

from datetime import datetime

from execution.directives.model import Segment
from execution.engine import ident, literal
from execution.measures import moments
from execution.measures.work import Work

IN = "in"
"""The place of a row that is in a segment without groups."""


def made(segment: str) -> str:
    """Under which name the last moment that entered the history is kept, with the rules that applied then."""
    return f"history of segment__{segment}"


def append(
    work: Work,
    segment: Segment,
    keys: tuple[str, ...],
    moment: moments.Moment,
    now: str,
    stored: str | None = None,
) -> int:
    """Add who is elsewhere in the relation `now` than the history has them; how many.

    `stored` is a relation with where the history has those who are in `now`, or were and are there no more. With it
    both may leave out whoever did not move; without it `now` has everybody. Inside the transaction that keeps `now`.
    A second run for the same moment takes the place of the first; one for an earlier moment than the last leaves no
    trace.
    """
    con, known = work.con, work.moment(made(segment.name))
    if known is not None and moment.as_of < known.as_of:
        return 0
    of_it = f"segment = {literal(segment.name)} AND as_of = {literal(moment.as_of)}"
    if known is not None and moment.as_of == known.as_of:
        con.execute(f"DELETE FROM derived.segment_history WHERE {of_it}")
        con.execute(f"DELETE FROM derived.segment_rules WHERE {of_it}")
    was = table_places(segment, keys, stored) if stored is not None else places(segment.name)
    moved = con.execute(
        f"INSERT INTO derived.segment_history SELECT {literal(segment.name)}, {literal(segment.entity)}, "
        f"coalesce(f.key, h.key), {literal(moment.as_of)}, f.place "
        f"FROM ({table_places(segment, keys, now)}) f FULL JOIN ({was}) h ON h.key = f.key "
        "WHERE f.place IS DISTINCT FROM h.place"
    ).fetchone()
    go_on(work, segment.name, moment)
    return int(moved[0]) if moved else 0


def go_on(work: Work, segment: str, moment: moments.Moment) -> None:
    """Note the moment, and the rules where they are others than the last that were noted."""
    row = work.con.execute(
        "SELECT arg_max(rules, as_of) FROM derived.segment_rules WHERE segment = ? AND as_of < ?",
        [segment, moment.as_of],
    ).fetchone()
    if not row or row[0] != moment.directive:
        values = [segment, moment.as_of, moment.directive]
        work.con.execute("INSERT INTO derived.segment_rules VALUES (?, ?, ?)", values)
    work.note(made(segment), moment)


def table_places(segment: Segment, keys: tuple[str, ...], table: str) -> str:
    """SELECT of `key` and `place` of everybody whom a relation with the segment's columns has in it."""
    place = place_sql(segment)
    return f"SELECT {key_sql(keys)} AS key, {place} AS place FROM {table} WHERE {place} IS NOT NULL"


def places(segment: str, until: datetime | None = None) -> str:
    """SELECT of `key` and `place` of everybody who was in the segment at a moment, by default at the last."""
    bound = f" AND as_of <= {literal(until)}" if until is not None else ""
    return (
        "SELECT key, arg_max_null(place, as_of) AS place FROM derived.segment_history "
        f"WHERE segment = {literal(segment)}{bound} GROUP BY key HAVING arg_max_null(place, as_of) IS NOT NULL"
    )


def place_sql(segment: Segment) -> str:
    """Where a row of the segment's own table stands: its group, or `in`; NULL where it is in none."""
    column = ident(segment.name)
    return column if segment.groups else f"CASE WHEN {column} THEN {literal(IN)} END"


def key_sql(keys: tuple[str, ...], table: str = "") -> str:
    """One text for a key of several columns, as the history keeps it."""
    prefix = f"{table}." if table else ""
    return " || '/' || ".join(f"{prefix}{ident(key)}" for key in keys)
