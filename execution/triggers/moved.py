"""`was`, `drop`, `rise`, `entered` and `left` as SQL over the histories: a relation to join, and the value it gives.

Of whom nothing is noted since a moment, it was then what it is now. So only those are looked up who have a line after
it: the cost grows with what moved, and not with everybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from execution.directives import Program
from execution.directives.changes import Change
from execution.directives.facts import Fact
from execution.engine import ident, literal
from execution.health import names, runs, splits
from execution.segments.history import IN
from execution.triggers import past
from execution.triggers.past import Past

_SCORE = "score_milli"
_POINTS = "DECIMAL(18,4)"
_DAY = timedelta(days=1)
_M = "{m}"


@dataclass(frozen=True, slots=True)
class Moved:
    """`relation` is a SELECT with one row for each `key` of whom there is something to say, None where that is nobody;
    `value` what the call gives, as SQL over it (`{m}` stands for its alias) and the row as it is now (`e`)."""

    relation: str | None
    value: str


def moved(program: Program, facts: Mapping[str, Fact], change: Change, known: Past, rule: str) -> Moved:
    """What a call in the rule of that name asks for. What is not known of then is NULL."""
    name, _, group = change.of.partition(".")
    name = next((each for each in facts if each.lower() == name.lower()), name)
    fact = facts.get(name)
    if fact is None or fact.step is None or fact.step.kind not in ("health", "segment"):
        return Moved(None, "NULL")
    now = f"e.{ident(name)}"
    if fact.step.kind == "health":
        since = past.moment(program, known.as_of, change.window or _DAY)
        return _of_score(change, fact, now, since, known)
    segment = program.segments[fact.step.name]
    if change.function == "was":
        since = past.moment(program, known.as_of, change.window or _DAY)
        return _place_then(segment.name, None if segment.groups else IN, group, now, since, known)
    since = _looked_back(program, change, known, rule)
    if segment.name not in known.began:
        return Moved(None, "CAST(NULL AS BOOLEAN)")
    relation = (_came if change.function == "entered" else _went)(segment.name, group or IN, since, known)
    return Moved(relation, f"({_M}.key IS NOT NULL)")


# --- scores -------------------------------------------------------------------------------------


def _of_score(change: Change, fact: Fact, now: str, since: datetime, known: Past) -> Moved:
    """A figure of a score: what it was, or by how much the customers themselves changed it."""
    score = fact.step.name if fact.step else ""
    ran = known.runs.get(score, ())
    kind = fact.type if change.function == "was" else _POINTS
    marks = runs.marks(ran, since, known.as_of) if change.function != "was" else ()
    is_told = all(mark.is_split for mark in marks) if fact.column == _SCORE else not marks
    if fact.column not in names.COMPARED or not is_told or not any(run.as_of <= since for run in ran):
        return Moved(None, f"CAST(NULL AS {kind})")
    changed = _changed(score, fact.column, since, known.as_of)
    is_milli = fact.column.endswith("_milli")
    then = f"CAST({_M}.figure / 1000.0 AS {_POINTS})" if is_milli else f"{_M}.figure"
    then = f"CASE WHEN {_M}.is_changed THEN {then} ELSE {now} END"
    if change.function == "was":
        return Moved(changed, f"CAST({then} AS {kind})")
    relation, own = changed, f"{now} - ({then})"
    if marks:
        formula = splits.formula_sql(score, since, known.as_of)
        relation = (
            "SELECT coalesce(c.key, s.key) AS key, c.is_changed, c.figure, s.key IS NOT NULL AS is_split, "
            f"s.formula_milli FROM ({changed}) c FULL JOIN ({formula}) s ON s.key = c.key"
        )
        own += f" - CASE WHEN {_M}.is_split THEN CAST({_M}.formula_milli / 1000.0 AS {_POINTS}) ELSE 0 END"
    return Moved(relation, f"CAST({'-' if change.function == 'drop' else ''}({own}) AS {kind})")


def _changed(score: str, column: str, since: datetime, until: datetime) -> str:
    """SELECT of what a figure (`figure`) was at a moment, of those (`key`) who have had a line after it."""
    of_it = f"score = {literal(score)} AND as_of"
    lines = f"SELECT key FROM derived.score_history WHERE {of_it} > {literal(since)} AND as_of <= {literal(until)}"
    return (
        f"SELECT key, true AS is_changed, arg_max_null({ident(column)}, as_of) FILTER (as_of <= {literal(since)}) "
        f"AS figure FROM derived.score_history WHERE {of_it} <= {literal(until)} AND key IN ({lines}) GROUP BY key"
    )


# --- segments -----------------------------------------------------------------------------------


def _looked_back(program: Program, change: Change, known: Past, rule: str) -> datetime:
    """From when on somebody counts as having come or gone; without a window a day, or since the rule was last told if
    that is longer ago: so nobody is missed where there was no run."""
    if change.window is not None:
        return past.moment(program, known.as_of, change.window)
    day = known.as_of - _DAY
    return min(day, known.told.get(rule, day))


def _place_then(segment: str, only: str | None, group: str, now: str, since: datetime, known: Past) -> Moved:
    """Where a row stood, or with a group (or in a set, whose `only` place it is) whether it stood there."""
    if segment not in known.began or known.began[segment] > since:
        return Moved(None, f"CAST(NULL AS {'BOOLEAN' if only or group else 'VARCHAR'})")
    relation = f"WITH {_lines(segment, since, known.as_of)} SELECT key, was FROM moved"
    if only:
        return Moved(relation, f"CASE WHEN {_M}.key IS NULL THEN {now} ELSE {_M}.was IS NOT NULL END")
    was = f"CASE WHEN {_M}.key IS NULL THEN {now} ELSE {_M}.was END"
    return Moved(relation, f"(({was}) IS NOT DISTINCT FROM {literal(group)})" if group else was)


def _lines(segment: str, since: datetime, until: datetime) -> str:
    """CTEs of the `lines` that a segment's history has after a moment, and of where each of their keys stood then
    (`was`), stands now (`place`), and since when (`moved_at`), in `moved`."""
    of_it = f"segment = {literal(segment)} AND as_of"
    return f"""lines AS (
        SELECT key, place, as_of FROM derived.segment_history
        WHERE {of_it} > {literal(since)} AND as_of <= {literal(until)}),
    latest AS (SELECT key, arg_max_null(place, as_of) AS place, max(as_of) AS moved_at FROM lines GROUP BY key),
    earlier AS (
        SELECT key, arg_max_null(place, as_of) AS was FROM derived.segment_history SEMI JOIN latest USING (key)
        WHERE {of_it} <= {literal(since)} GROUP BY key),
    moved AS (SELECT key, was, place, moved_at FROM latest LEFT JOIN earlier USING (key))"""


def _came(segment: str, place: str, since: datetime, known: Past) -> str:
    """SELECT of who is in a place now and was not, and did not come in by other rules. Where the history begins nobody
    came: they were there."""
    since, there = max(since, known.began[segment]), literal(place)
    return (
        f"WITH {_lines(segment, since, known.as_of)} SELECT key FROM moved "
        f"WHERE place = {there} AND was IS DISTINCT FROM {there}{_by_themselves(segment, 'moved_at', known)}"
    )


def _went(segment: str, place: str, since: datetime, known: Past) -> str:
    """SELECT of who was in a place and is not any more, and did not fall out of it by other rules."""
    since, there = max(since, known.began[segment]), literal(place)
    return f"""WITH {_lines(segment, since, known.as_of)},
    last AS (
        SELECT key, coalesce(max(as_of) FILTER (place = {there}), {literal(since)}) AS seen FROM lines GROUP BY key),
    gone AS (
        SELECT m.key, min(l.as_of) AS went FROM moved m JOIN last USING (key) JOIN lines l ON l.key = m.key
        WHERE m.was = {there} AND m.place IS DISTINCT FROM {there} AND l.as_of > last.seen GROUP BY m.key)
    SELECT key FROM gone WHERE true{_by_themselves(segment, "went", known)}"""


def _by_themselves(segment: str, column: str, known: Past) -> str:
    """The condition that other rules did not begin to apply at that moment: what moves then is the directive's
    doing."""
    changed = known.changed.get(segment, ())
    return f" AND {column} NOT IN ({', '.join(map(literal, changed))})" if changed else ""
