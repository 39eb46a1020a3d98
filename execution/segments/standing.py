"""How many are in each segment, what they pay, and how that changed: read from a store, never worked out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from execution import engine
from execution.directives import Program
from execution.directives.dependencies import UNIFIED
from execution.directives.facts import Step
from execution.directives.model import Segment
from execution.engine import ident, literal
from execution.measures import moments
from execution.measures.relation import same_key
from execution.measures.stored import Stored, key_columns
from execution.segments import history

MRR = "mrr"
"""The column that says what a row pays a month, where its entity has one."""

WINDOWS_D = (7, 30)

_OUT, _UNKNOWN = ".out", ".unknown"
"""Where a row is that is in no place; no group can have such a name."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Who came and who went within so many days; None where the history does not reach back so far."""

    days: int
    entered: int | None
    left: int | None
    rules_changed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Those who stand in one place of a segment: a group of it, or the set itself. `mrr` is in the base currency;
    `unpriced` are those among them whose MRR is not known."""

    name: str
    meaning: str
    members: int
    mrr: Decimal | None
    unpriced: int | None
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One segment as of a moment. `not_in` are the rows outside, `unknown` those of whom it cannot be told (of a
    segment with groups: both together); None of a moment that is past. Without `as_of` it was never worked out."""

    segment: str
    title: str
    entity: str
    meaning: str
    null: str
    owner: str | None
    path: str
    as_of: datetime | None
    since: datetime | None
    groups: tuple[Group, ...]
    not_in: int | None = None
    unknown: int | None = None


def standing(con: engine.Connection, program: Program, segment: Segment, until: datetime | None = None) -> Standing:
    """How a segment stands, as last worked out or as it stood at a moment of its history."""
    stored = Stored.read(con)
    made = Step("segment", segment.name).table
    now = moments.read(con, made) if stored.columns(f"derived.{made}") else None
    since = started(con, stored, segment.name)
    at = engine.naive_utc(until) if until is not None else now.as_of if now else None
    if now is None or at is None or (until is not None and (since is None or at < since)):
        return _told(segment, None, since, ())
    counted = _now(con, program, segment, stored) if until is None else _then(con, segment, at)
    moved = {days: _flow(con, segment.name, at, timedelta(days=days), since) for days in WINDOWS_D}
    groups = tuple(
        Group(name, meaning, *counted.get(name, (0, None, None)), tuple(_of(moved, name)))
        for name, meaning in group_names(segment).items()
    )
    if until is not None:
        return _told(segment, at, since, groups)
    outside = {place: counted.get(place, (0, None, None))[0] for place in (_OUT, _UNKNOWN)}
    return _told(segment, at, since, groups, None if segment.groups else outside[_OUT], outside[_UNKNOWN])


def group_names(segment: Segment) -> dict[str, str]:
    """Every place there is in a segment, and what it means."""
    return {name: group.meaning for name, group in segment.groups.items()} or {history.IN: segment.meaning}


def started(con: engine.Connection, stored: Stored, segment: str) -> datetime | None:
    """Since when a segment's history is kept."""
    if not stored.columns("derived.segment_rules"):
        return None
    row = con.execute("SELECT min(as_of) FROM derived.segment_rules WHERE segment = ?", [segment]).fetchone()
    return row[0] if row else None


def _told(
    segment: Segment,
    at: datetime | None,
    since: datetime | None,
    groups: tuple[Group, ...],
    not_in: int | None = None,
    unknown: int | None = None,
) -> Standing:
    about = (segment.name, segment.title, segment.entity, segment.meaning, segment.null, segment.owner, segment.path)
    return Standing(*about, at, since, groups, not_in, unknown)


def _now(
    con: engine.Connection, program: Program, segment: Segment, stored: Stored
) -> dict[str, tuple[int, Decimal | None, int | None]]:
    """By place, those outside among them: how many, what they pay, of how many that is not known."""
    keys = key_columns(program.entities[segment.entity])
    view = f"{UNIFIED}{segment.entity}"
    priced = MRR in stored.columns(f"main.{view}")
    column = ident(segment.name)
    unknown, out = literal(_UNKNOWN), literal(_OUT)
    of_set = f"CASE {column} WHEN true THEN {literal(history.IN)} WHEN false THEN {out} ELSE {unknown} END"
    place = f"coalesce({column}, {unknown})" if segment.groups else of_set
    pays = f"sum(u.{MRR}), count(*) - count(u.{MRR})" if priced else "NULL, NULL"
    join = f" LEFT JOIN {ident(view)} u ON {same_key(keys, 'u', 's')}" if priced else ""
    listed = ", ".join(map(ident, keys))
    table = ident("derived", Step("segment", segment.name).table)
    rows = con.execute(
        f"SELECT place, count(*), {pays} FROM (SELECT {listed}, {place} AS place FROM {table}) s{join} GROUP BY place"
    ).fetchall()
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _then(con: engine.Connection, segment: Segment, at: datetime) -> dict[str, tuple[int, None, None]]:
    sql = f"SELECT place, count(*) FROM ({history.places(segment.name, at)}) GROUP BY place"
    return {place: (count, None, None) for place, count in con.execute(sql).fetchall()}


@dataclass(frozen=True, slots=True)
class Flow:
    """By place how many entered it and left it within a window, and whether the rules changed then."""

    by_place: Mapping[str, tuple[int, int]]
    rules_changed: bool


def _flow(con: engine.Connection, segment: str, at: datetime, window: timedelta, since: datetime | None) -> Flow | None:
    """None where the history began within the window. Who came and went again did not move."""
    begin = at - window
    if since is None or since > begin:
        return None
    of_it = f"segment = {literal(segment)} AND as_of"
    rows = con.execute(
        f"""WITH after AS (
            SELECT key, arg_max_null(place, as_of) AS place FROM derived.segment_history
            WHERE {of_it} > {literal(begin)} AND {of_it} <= {literal(at)} GROUP BY key),
        before AS (
            SELECT key, arg_max_null(place, as_of) AS place FROM derived.segment_history SEMI JOIN after USING (key)
            WHERE {of_it} <= {literal(begin)} GROUP BY key),
        moved AS (
            SELECT b.place AS was, a.place AS is_now FROM after a LEFT JOIN before b USING (key)
            WHERE a.place IS DISTINCT FROM b.place)
        SELECT place, sum(entered), sum(gone) FROM (
            SELECT is_now AS place, 1 AS entered, 0 AS gone FROM moved UNION ALL SELECT was, 0, 1 FROM moved)
        WHERE place IS NOT NULL GROUP BY place"""
    ).fetchall()
    changed = con.execute(
        f"SELECT count(*) FROM derived.segment_rules WHERE {of_it} > {literal(begin)} AND as_of <= {literal(at)}"
    ).fetchone()
    return Flow({place: (int(came), int(went)) for place, came, went in rows}, bool(changed and changed[0]))


def _of(moved: Mapping[int, Flow | None], place: str) -> Iterator[Moved]:
    for days, flow in moved.items():
        entered, left = flow.by_place.get(place, (0, 0)) if flow is not None else (None, None)
        yield Moved(days, entered, left, flow is not None and flow.rules_changed)
