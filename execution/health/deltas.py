"""How scores moved over the last days: what the customers did, and apart from it what a changed directive did.

A score "n days ago" is the last one up to the end of that day in the team's time zone, so that the hour of the daily
run does not matter. There is no change where there was no score then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from execution import engine
from execution.directives import Program, facts
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.health import runs, splits
from execution.measures import moments
from execution.measures.run import keep as keep_fresh
from execution.measures.stored import key_columns
from execution.measures.work import Work

WINDOWS = (1, 7, 30, 90)


@dataclass(frozen=True, slots=True)
class Delta:
    """What became of a score since the end of a day, in thousandths of a point.

    `customer` and `formula` add up to `change`; both are None where it is not known what a changed directive did.
    `marks` are the changes of definitions in between.
    """

    days: int
    since: date
    then: int | None
    now: int | None
    change: int | None
    customer: int | None
    formula: int | None
    marks: tuple[runs.Mark, ...]


def deltas(
    con: engine.Connection, program: Program, score: Health, as_of: datetime, windows: Sequence[int] = WINDOWS
) -> str:
    """SELECT of one row per key that has a history: `key`, `now_milli`, and for every window of n days `then_nd_milli`,
    `change_nd_milli`, `customer_nd_milli`, `formula_nd_milli`."""
    past = runs.read(con, score.name)
    selected, joins = ["n.key", "n.now_milli"], []
    states = ["key", "arg_max_null(score_milli, as_of) AS now_milli"]
    for days in windows:
        cut = end_of_day(program, as_of, days)
        then, formula = f"n.then_{days}d_milli", f"coalesce(f{days}.formula_milli, 0)"
        states.append(f"arg_max_null(score_milli, as_of) FILTER (as_of <= {literal(cut)}) AS then_{days}d_milli")
        joins.append(f"LEFT JOIN ({splits.formula_sql(score.name, cut, as_of)}) f{days} ON f{days}.key = n.key")
        known = all(mark.is_split for mark in runs.marks(past, cut, engine.naive_utc(as_of)))
        told = f"CASE WHEN f{days}.key IS NULL OR f{days}.formula_milli IS NOT NULL THEN {formula} END"
        shown = (
            f"CASE WHEN {then} IS NOT NULL AND n.now_milli IS NOT NULL THEN {told} END" if known else "NULL::INTEGER"
        )
        change = f"n.now_milli - {then}"
        selected += [
            then,
            f"{change} AS change_{days}d_milli",
            f"{change} - ({shown}) AS customer_{days}d_milli",
            f"{shown} AS formula_{days}d_milli",
        ]
    rows = (
        f"SELECT {', '.join(states)} FROM derived.score_history WHERE score = {literal(score.name)} "
        f"AND as_of <= {literal(engine.naive_utc(as_of))} GROUP BY key"
    )
    return f"SELECT {', '.join(selected)} FROM ({rows}) n " + " ".join(joins)


def of_key(
    con: engine.Connection, program: Program, score: Health, key: str, as_of: datetime, windows: Sequence[int] = WINDOWS
) -> tuple[Delta, ...]:
    """The same for one key, with what changed of the definitions; of all windows, whether or not there was a score."""
    rows = engine.dicts(con, f"SELECT * FROM ({deltas(con, program, score, as_of, windows)}) WHERE key = ?", [key])
    row = rows[0] if rows else {}
    past = runs.read(con, score.name)
    found = []
    for days in windows:
        cut = end_of_day(program, as_of, days)
        figures = [row.get(f"{name}_{days}d_milli") for name in ("then", "change", "customer", "formula")]
        then, change, customer, formula = figures
        marks = runs.marks(past, cut, engine.naive_utc(as_of))
        found.append(
            Delta(days, _day(program, as_of, days), then, row.get("now_milli"), change, customer, formula, marks)
        )
    return tuple(found)


def end_of_day(program: Program, as_of: datetime, days: int) -> datetime:
    """The last moment of the day so many days before a moment, in naive UTC."""
    zone = ZoneInfo(program.settings.time_zone)
    end = datetime.combine(_day(program, as_of, days), time.max, tzinfo=zone)
    return engine.naive_utc(end)


def _day(program: Program, as_of: datetime, days: int) -> date:
    aware = as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(program.settings.time_zone)).date() - timedelta(days=days)


# --- in the unified view ------------------------------------------------------------------------


def table_name(entity: str) -> str:
    """Where the changes of an entity's primary score are kept, without the schema `derived`."""
    return f"deltas__{entity}"


def declared(program: Program, entity: str) -> dict[str, int]:
    """The columns `health_score_delta_<n>d` that the data model wants filled → n."""
    columns = program.entities[entity].columns
    found = {name: facts.DELTA.fullmatch(name) for name, column in columns.items() if column.sources == ("health",)}
    return {name: int(match[1]) for name, match in found.items() if match}


def keep(work: Work, program: Program, as_of: datetime) -> None:
    """Keep what the data model declares of changes, for every entity: the customers' own change, without what a
    changed directive did.

    There is no open transaction. Written only where something differs.
    """
    con = work.con
    for name, entity in program.entities.items():
        wanted = declared(program, name) if entity.rows == "shared" else {}
        score = facts.primary(each for each in program.health.values() if each.entity == name)
        if not wanted or score is None:
            continue
        (key,) = key_columns(entity)
        sql = deltas(con, program, score, as_of, tuple(sorted(set(wanted.values()))))
        selected = ", ".join(f"customer_{days}d_milli AS {ident(column + '_milli')}" for column, days in wanted.items())
        try:
            con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT key AS {ident(key)}, {selected} FROM ({sql})")
            keep_fresh(work, table_name(name), moments.Moment(engine.naive_utc(as_of), history_hash(score)))
        finally:
            con.execute("DROP TABLE IF EXISTS temp.fresh")


def history_hash(score: Health) -> str:
    """What the changes of a score are made by."""
    return f"{score.name} {score.hash}"
