"""A score as it stood at a moment: its figures, what it was made of, and the directive it followed.

Today's is read from the score's table, the past from its history. What the history does not keep (points before
weighing, the action, the potential) is worked out again by the directive of then, from the values of then; it is shown
only where that gives the very score which was recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from execution import engine, store
from execution.directives import Program
from execution.directives.dependencies import after, before, words
from execution.directives.facts import own_facts
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.health import behind, history, names, runs
from execution.health.compile import compile_score
from execution.measures import moments
from execution.measures.compile import parameters
from execution.measures.stored import key_columns

_BAND = ".before"


@dataclass(frozen=True, slots=True)
class State:
    """One row's score at a moment. Everything in thousandths, as it is stored.

    `scored_at` is the scoring it is from, `since` when it came out so first (None: nothing was known of it by then).
    `values` are what the directive names, None where they were not kept; `points` of each component before weighing,
    None where they cannot be told.
    """

    key: str
    scored_at: datetime
    since: datetime | None
    health: Health
    directive: str
    is_kept: bool
    score: int | None
    low: int | None
    high: int | None
    coverage: int | None
    band: str | None
    churn_risk: int | None
    parts: Mapping[str, int | None]
    signals: tuple[str, ...]
    segment: str | None
    action: str | None
    potential: str | None
    potential_reason: str | None
    values: Mapping[str, Any] | None
    points: Mapping[str, int | None] | None


def current(con: engine.Connection, program: Program, score: Health, key: str) -> State | None:
    """The state of the last scoring; None where there was none, or nobody has that key."""
    made = names.table_name(score.name)
    if not store.has_table(con, "derived", made):
        return None
    shown, past = moments.read(con, made), runs.read(con, score.name)
    if shown is None or (past and past[-1].as_of != shown.as_of):
        return at(con, program, score, key, past[-1].as_of) if past else None
    keys = key_columns(program.entities[score.entity])
    table = ident("derived", made)
    rows = engine.dicts(con, f"SELECT s.* FROM {table} s WHERE {history.key_sql(keys, 's')} = ?", [key])
    if not rows:
        return None
    health, is_kept = _health(con, score, shown.directive)
    row = rows[0]
    values = row.get(_plain(behind.GIVEN))
    figures = _figures(con, program, health, key, values, row["band"], shown.as_of)
    known = figures is not None and figures["score_milli"] == row["score_milli"]
    return State(
        key=key,
        scored_at=shown.as_of,
        since=_since(con, score.name, key, shown.as_of),
        health=health,
        directive=shown.directive,
        is_kept=is_kept,
        **_scored(row),
        parts={part: row.get(column.strip('"')) for part, column in names.parts(health).items()},
        signals=tuple(name for name in health.signals if row.get(f"signal.{name}")),
        segment=row["segment"],
        action=row["recommended_action"],
        potential=row["expansion_potential"],
        potential_reason=row["expansion_reason"],
        values=values,
        points=_points(health, figures) if known and figures else None,
    )


def at(con: engine.Connection, program: Program, score: Health, key: str, moment: datetime) -> State | None:
    """The state that the history has for a moment; None before it begins."""
    past = [run for run in runs.read(con, score.name) if run.as_of <= engine.naive_utc(moment)]
    if not past:
        return None
    run = past[-1]
    health, is_kept = _health(con, score, run.directive)
    changes = engine.dicts(
        con,
        f"SELECT r.run, r.as_of, r.directive, c.* EXCLUDE (run) FROM derived.score_states c JOIN derived.score_runs r "
        f"ON r.run = c.run WHERE r.score = {literal(score.name)} AND c.key = ? ORDER BY r.as_of",
        [key],
    )
    earlier = [row for row in changes if row["as_of"] <= run.as_of]
    later = next((row["run"] for row in changes if row["as_of"] > run.as_of), None)
    if not earlier:
        return _nothing(key, run, health, is_kept=is_kept)
    row = earlier[-1]
    values = _values(con, program, score, key, later)
    figures = _figures(con, program, health, key, values, row["band"], run.as_of)
    parts = _named(con, row["directive"], row["contributions"])
    known = figures is not None and all(figures[name] == row[name] for name in ("score_milli", "coverage_milli"))
    told: Mapping[str, Any] = figures if known and figures else {}
    return State(
        key=key,
        scored_at=run.as_of,
        since=row["as_of"],
        health=health,
        directive=run.directive,
        is_kept=is_kept,
        **_scored(row),
        parts=parts,
        signals=tuple(row["signals"] or ()),
        segment=told.get("segment"),
        action=told.get("recommended_action"),
        potential=told.get("expansion_potential"),
        potential_reason=told.get("expansion_reason"),
        values=values,
        points=_points(health, told) if told else None,
    )


def before_change(con: engine.Connection, program: Program, state: State, score: Health) -> State | None:
    """The state that a state came out of; None where it is the first."""
    if state.since is None:
        return None
    return at(con, program, score, state.key, state.since - timedelta(microseconds=1))


def _health(con: engine.Connection, score: Health, hash_: str) -> tuple[Health, bool]:
    """The directive of that hash; where it was not kept, today's, and False."""
    if score.hash == hash_:
        return score, True
    found = history.directive(con, hash_)
    if found is None:
        return score, False
    return found.model_copy(update={"path": score.path}), True


def _scored(row: Mapping[str, Any]) -> dict[str, Any]:
    figures = {"score": "score_milli", "low": "low_milli", "high": "high_milli", "coverage": "coverage_milli"}
    return {name: row[column] for name, column in figures.items()} | {
        "band": row["band"],
        "churn_risk": row["churn_risk_milli"],
    }


def _nothing(key: str, run: runs.Run, health: Health, *, is_kept: bool) -> State:
    """The state of somebody of whom nothing was known."""
    return State(
        key=key, scored_at=run.as_of, since=None, health=health, directive=run.directive, is_kept=is_kept,
        score=None, low=None, high=None, coverage=None, band=None, churn_risk=None, parts={}, signals=(), segment=None,
        action=None, potential=None, potential_reason=None, values=None, points=None,
    )  # fmt: skip


def _since(con: engine.Connection, score: str, key: str, moment: datetime) -> datetime | None:
    row = con.execute(
        "SELECT max(as_of) FROM derived.score_history WHERE score = ? AND key = ? AND as_of <= ?", [score, key, moment]
    ).fetchone()
    found: datetime | None = row[0] if row else None
    return found


def _named(con: engine.Connection, directive: str, contributions: list[int | None] | None) -> dict[str, int | None]:
    """Contributions under the names that the directive gave them."""
    rows = con.execute(
        "SELECT part FROM derived.score_parts WHERE directive = ? ORDER BY position", [directive]
    ).fetchall()
    return dict(zip([part for (part,) in rows], contributions or [], strict=False))


def _values(
    con: engine.Connection, program: Program, score: Health, key: str, later: int | None
) -> dict[str, Any] | None:
    """What a score was made from until the run `later` found it changed, or until today."""
    if later is not None:
        if not store.has_table(con, "derived", behind.table_name(score.name)):
            return None
        table = ident("derived", behind.table_name(score.name))
        rows = engine.dicts(
            con,
            f"SELECT * EXCLUDE ({behind.RUN}, {behind.KEY}) FROM {table} WHERE {behind.RUN} = ? AND {behind.KEY} = ?",
            [later, key],
        )
        return rows[0] if rows else None
    kept = behind.kept_name(score.name)
    if store.has_table(con, "derived", kept):
        table, of_key = ident("derived", kept), behind.KEY
    else:
        table = ident("derived", names.table_name(score.name))
        of_key = history.key_sql(key_columns(program.entities[score.entity]), "s")
    if not behind.fields(con, table):
        return None
    row = con.execute(f"SELECT s.{behind.GIVEN} FROM {table} s WHERE {of_key} = ?", [key]).fetchone()
    return dict(row[0]) if row and row[0] is not None else None


def _figures(
    con: engine.Connection,
    program: Program,
    health: Health,
    key: str,
    values: Mapping[str, Any] | None,
    band: str | None,
    moment: datetime,
) -> dict[str, Any] | None:
    """The score worked out again from those values, with every component's points; None where they do not do."""
    if values is None or health.entity not in program.entities:
        return None
    known = program.facts(health.entity)
    named = frozenset[str]().union(*map(words, (before(health) | after(health)).values()))
    own = own_facts(health, known)
    facts = {name: fact.type for name, fact in known.items() if name.lower() in named and name not in own}
    keys = key_columns(program.entities[health.entity])
    selected = [
        f"{literal(part)} AS {ident(name)}" for name, part in zip(keys, key.split("/", len(keys) - 1), strict=True)
    ]
    selected += [
        f"CAST({literal(_text(values.get(name)))} AS {kind}) AS {ident(name)}"
        for name, kind in facts.items()
        if name not in keys
    ]
    selected.append(f"CAST({literal(band)} AS VARCHAR) AS {ident(_BAND)}")
    passed = [ident(f"score.{name}") for name in health.components]
    sql = compile_score(health, f"SELECT {', '.join(selected)}", keys, own=own, before=_BAND, passed=passed)
    try:
        rows = engine.dicts(con, sql, parameters(sql, moment))
    except engine.Error:
        return None
    return rows[0]


def _text(value: object) -> object:
    """A value as text that its type reads back the same."""
    if value is None or isinstance(value, bool | int | float | str | datetime):
        return value
    return str(value)


def _points(health: Health, figures: Mapping[str, Any]) -> dict[str, int | None]:
    return {name: figures[f"score.{name}"] for name in health.components}


def _plain(quoted: str) -> str:
    return quoted.strip('"')
