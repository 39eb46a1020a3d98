"""Looks at the store's own past: what was known of everybody at earlier moments, and what came of them since.

The past is shown as `past` tells it. Measures, segments and scores are then derived as of that moment as they would be
now, on a database in memory: nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from execution import engine, health, sentiment
from execution.directives import Program
from execution.directives.dependencies import Use
from execution.directives.facts import Step
from execution.directives.model import Block, Entity, Health, Outcome
from execution.engine import ident, literal
from execution.errors import GtmError, UsageError
from execution.measures.compile import parameters
from execution.measures.relation import facts_select
from execution.measures.stored import Stored, all_columns, entity_ctes
from execution.proof import looks, past
from execution.proof.looks import LOOK
from execution.proof.past import Today
from execution.store import migrations

STORE = "store"
"""The catalogue that the published store is attached as."""

MOST_MOMENTS = 120


@dataclass(frozen=True, slots=True)
class Span:
    """The moments looked at, earliest first; `end` is when the store was last brought up to date. At `recorded` of the
    moments the scores are known as they were given then."""

    moments: tuple[datetime, ...]
    end: datetime
    recorded: int = 0


def collect(
    con: engine.Connection,
    program: Program,
    score: Health,
    outcome: Outcome,
    *,
    end: datetime,
    since: datetime | None = None,
    with_today: bool = False,
) -> Span:
    """Fill the tables of `looks` from the store that is attached to `con`, whose current database is in memory.

    The last moment lies so far before `end` that what came within the horizon is known. With `with_today` columns are
    taken as they are today where the past is not known. Raises UsageError where the store has no past to look at.
    """
    migrations.migrate(con)
    entity = program.entities[score.entity]
    facts = looks.fact_types(program, score)
    looks.create(con, facts)
    stored = stored_in(con)
    moments = _moments(con, program, stored, outcome, end, since)
    _happenings(con, program, stored, outcome, moments)
    needed = narrowed(program, score)
    today = todays(program, stored)
    sentiment.lend(con, STORE)
    for moment in moments:
        if not engine.count(con, f"FROM temp.happenings WHERE moment = {literal(moment)}"):
            continue
        past.show_revenue(con, STORE, stored, moment)
        past.show(con, program, today, moment, with_today=with_today)
        health.derive(con, needed, moment)
        _look(con, program, entity, list(facts), moment)
    looks.number_customers(con)
    return Span(moments, end, _record(con, stored, score, outcome, moments))


def narrowed(program: Program, score: Health) -> Program:
    """The program without what the score does not depend on, and without the score. The ledger of revenue is taken as
    it is, up to a moment, and not told anew."""
    wanted = {step for use in depended_on(program, score) for step in (use.user, use.used)}
    return replace(
        program,
        revenue={},
        measures={name: each for name, each in program.measures.items() if Step("measures", each.entity) in wanted},
        quality=program.quality if any(step.kind == "quality" for step in wanted) else {},
        segments={name: each for name, each in program.segments.items() if Step("segment", name) in wanted},
        health={
            name: each for name, each in program.health.items() if name != score.name and Step("health", name) in wanted
        },
    )


def depended_on(program: Program, score: Health) -> list[Use]:
    """Every use of one step by another on the way to a score."""
    used = program.uses
    wanted = {Step("health", score.name)}
    while more := {use.used for use in used if use.user in wanted} - wanted:
        wanted |= more
    return [use for use in used if use.user in wanted]


# --- moments ------------------------------------------------------------------------------------


def stored_in(con: engine.Connection) -> Stored:
    """What the attached store has."""
    con.execute(f"USE {ident(STORE)}")
    try:
        return Stored.read(con)
    finally:
        con.execute("USE memory")


def _moments(
    con: engine.Connection, program: Program, stored: Stored, outcome: Outcome, end: datetime, since: datetime | None
) -> tuple[datetime, ...]:
    """The moments, earliest first: steps back from the last whose horizon is over, to the first thing known."""
    end = engine.naive_utc(end)
    begun = [at for entity in program.entities.values() if (at := _first_known(con, entity, stored, end))]
    if not begun:
        raise UsageError(
            "the store has no past: nothing in it says since when it is known",
            hint="`past: {known_from: …}` of an owned entity, as events have it, says so; then `gtm sync`",
            code="E283",
        )
    start = max(min(begun), engine.naive_utc(since) if since else min(begun))
    last = end - outcome.horizon
    found = [last - number * outcome.every for number in range(MOST_MOMENTS) if last - number * outcome.every >= start]
    if not found:
        days = outcome.horizon // timedelta(days=1)
        raise UsageError(
            f"the store begins {start:%Y-%m-%d}, so no moment has {days} days after it until {end:%Y-%m-%d}",
            hint="wait, or give a directive of the outcome a shorter horizon",
            where=outcome.path,
            code="E283",
        )
    return tuple(reversed(found))


def _first_known(con: engine.Connection, entity: Entity, stored: Stored, end: datetime) -> datetime | None:
    """When the first row of an owned entity came to be known."""
    if entity.past is None or entity.past.known_from is None or not stored.columns(f"core.{entity.name}"):
        return None
    known = past.at(entity.past.known_from, end)
    relation = _rows(entity, stored)
    row = con.execute(
        f"SELECT min(known) FROM (SELECT {known} AS known FROM ({relation}) t) WHERE known <= ?", [end]
    ).fetchone()
    return row[0] if row else None


# --- what came ----------------------------------------------------------------------------------


def happenings_sql(program: Program, stored: Stored, outcome: Outcome) -> str:
    """SELECT of (key, happened_at) at the moment `$as_of`, out of the entities as `stored` has them."""
    block, key = _block(outcome), ident(program.entities[outcome.entity].key)
    ctes = ",\n".join(entity_ctes(program.entities.values(), stored))
    return f"WITH {ctes}\nSELECT {key} AS key, happened_at FROM (\n{block.text}\n) WHERE {key} IS NOT NULL"


def _block(outcome: Outcome) -> Block:
    block = outcome.sql("outcome")
    if block is None:
        raise GtmError(f"{outcome.name} has no sql outcome block", where=outcome.path, code="E283")
    return block


def _happenings(
    con: engine.Connection, program: Program, stored: Stored, outcome: Outcome, moments: Sequence[datetime]
) -> None:
    """The temporary table of who could have the event at each moment, and when it came, if within the horizon."""
    where = f"{outcome.path}:{_block(outcome).line}"
    rows = happenings_sql(program, stored, outcome)
    con.execute("CREATE OR REPLACE TEMP TABLE happenings (moment TIMESTAMP, key VARCHAR, happened_at TIMESTAMP)")
    con.execute(f"USE {ident(STORE)}")
    try:
        for moment in moments:
            selected = f"SELECT {literal(moment)}, key, happened_at FROM ({rows})"
            con.execute(f"INSERT INTO temp.happenings {selected}", parameters(selected, moment))
    except engine.Error as error:
        message = f"the outcome {outcome.name} failed: {str(error).splitlines()[0]}"
        raise UsageError(message, hint="its block does not hold on the data", where=where, code="E283") from error
    finally:
        con.execute("USE memory")
    twice = con.execute("SELECT key, count(*) FROM temp.happenings GROUP BY moment, key HAVING count(*) > 1 LIMIT 1")
    if row := twice.fetchone():
        raise UsageError(
            f"the outcome {outcome.name} gives {row[1]} rows for {row[0]!r}",
            hint="its block gives one row per key: group by it",
            where=where,
            code="E283",
        )
    con.execute(
        "UPDATE temp.happenings SET happened_at = NULL WHERE happened_at <= moment "
        f"OR happened_at > moment + INTERVAL {outcome.horizon // timedelta(seconds=1)} SECOND"
    )


# --- what was said ------------------------------------------------------------------------------


def _record(
    con: engine.Connection, stored: Stored, score: Health, outcome: Outcome, moments: Sequence[datetime]
) -> int:
    """Fill the table of what was said at those moments at which this very directive was being run; how many those are.

    A run longer ago than the moments are apart is none of that moment.
    """
    if not stored.columns("derived.score_runs"):
        return 0
    found = 0
    con.execute(f"USE {ident(STORE)}")
    try:
        for moment in moments:
            row = con.execute(
                "SELECT arg_max(directive, as_of), max(as_of) FROM derived.score_runs WHERE score = ? AND as_of <= ?",
                [score.name, moment],
            ).fetchone()
            if row and row[0] == score.hash and moment - row[1] < outcome.every:
                found += 1
                con.execute(_RECORDED, {"score": score.name, "moment": moment})
    finally:
        con.execute("USE memory")
    return found


_RECORDED = """
    INSERT INTO temp.recorded
    SELECT l.look, h.score_milli, h.band, h.coverage_milli
    FROM temp.looks l JOIN (
        SELECT
            key, arg_max_null(score_milli, as_of) AS score_milli, arg_max_null(band, as_of) AS band,
            arg_max_null(coverage_milli, as_of) AS coverage_milli
        FROM derived.score_history WHERE score = $score AND as_of <= $moment GROUP BY key
    ) h ON h.key = l.key
    WHERE l.moment = $moment"""


# --- what was known -----------------------------------------------------------------------------


def todays(program: Program, stored: Stored) -> dict[str, Today]:
    """The entities that the attached store has, as they are today."""
    return {
        name: Today(_rows(each, stored), have)
        for name, each in program.entities.items()
        if (have := stored.columns(f"core.{name}"))
    }


def _rows(entity: Entity, stored: Stored) -> str:
    """SELECT of the entity's rows as they are today; a column that the store has not got is NULL."""
    have = stored.columns(f"core.{entity.name}")
    missing = [f"CAST(NULL AS {kind}) AS {ident(n)}" for n, kind in all_columns(entity).items() if n not in have]
    return f"SELECT {', '.join(['*', *missing])} FROM {ident(STORE, 'core', entity.name)}"


def _look(con: engine.Connection, program: Program, entity: Entity, facts: list[str], moment: datetime) -> None:
    """Add the looks of one moment to both tables."""
    first = engine.count(con, "FROM looks")
    con.execute(
        f"""INSERT INTO looks
            SELECT
                {first} + row_number() OVER (ORDER BY h.key), h.moment, h.key, h.key, NULL,
                h.happened_at IS NOT NULL, h.happened_at
            FROM temp.happenings h WHERE h.moment = {literal(moment)}"""
    )
    known = facts_select(program, entity, facts, Stored.read(con))
    columns = ", ".join(f"f.{ident(name)}" for name in facts)
    con.execute(
        f"INSERT INTO facts BY NAME SELECT l.look AS {LOOK}, {columns} FROM looks l "
        f"LEFT JOIN ({known}) f ON f.{ident(entity.key)} = l.key WHERE l.moment = {literal(moment)}"
    )
