"""Looks: what was known of somebody at a moment, and what came of it. One row each, in temporary tables.

`looks` says whose it is, of when, and whether the event came; `facts` what a score's expressions see. Both are made by
`history` out of the store or by `labelled` out of a table, and read by everything that judges a score. A third,
`recorded`, has the scores of those moments of which the store knows what it said then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from execution import engine
from execution.directives import Program
from execution.directives.model import Health
from execution.directives.model.outcome import Foretold
from execution.engine import ident
from execution.health.compile import compile_score
from execution.health.inputs import input_names
from execution.health.names import own
from execution.measures.compile import parameters

LOOK = own("look")
"""The number of a look, where it stands beside facts: none of them can have that name."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The event that scores are held against, in words, and what it takes to conclude anything.

    `where` is the place of the directive that says so.
    """

    name: str
    title: str
    foretold_by: Foretold
    least_looks: int
    least_events: int
    where: str
    horizon_days: int | None = None


def fact_types(program: Program, health: Health) -> dict[str, str]:
    """The facts that a score's expressions name, but its own figures, with their DuckDB types."""
    facts = program.facts(health.entity)
    return {name: facts[name].type for name in input_names(program, health)}


def create(con: engine.Connection, facts: Mapping[str, str]) -> None:
    """Make the tables, empty."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE looks (
            look BIGINT, moment TIMESTAMP, key VARCHAR, customer VARCHAR, cluster BIGINT, happened BOOLEAN,
            happened_at TIMESTAMP)"""
    )
    columns = "".join(f", {ident(name)} {kind}" for name, kind in facts.items())
    con.execute(
        "CREATE OR REPLACE TEMP TABLE recorded (look BIGINT, score_milli INTEGER, band VARCHAR, coverage_milli INTEGER)"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE facts ({LOOK} BIGINT{columns})")


def number_customers(con: engine.Connection) -> None:
    """Give every look the number of the customer it is of, in `cluster`: what is drawn anew by the bootstrap."""
    con.execute(
        "UPDATE looks SET cluster = n.number FROM "
        "(SELECT customer, row_number() OVER (ORDER BY customer) AS number "
        "FROM (SELECT DISTINCT customer FROM looks)) n WHERE n.customer = looks.customer"
    )


def score(con: engine.Connection, health: Health, expected: Expected, table: str) -> None:
    """Make the temporary `table` of what a directive gives for every look: look, cluster, happened, score_milli, band,
    coverage_milli, off_milli (what its penalties take away) and `rank`, which is the lower the more the score says that
    the event will come."""
    bare = health.model_copy(update={"signals": {}, "actions": (), "expansion": {}})
    moments: Iterable[datetime | None] = [None]
    if parameters(compile_score(bare, "FROM facts", [".look"]), datetime(2000, 1, 1)) is not None:  # noqa: DTZ001
        moments = [row[0] for row in con.execute("SELECT DISTINCT moment FROM looks ORDER BY 1").fetchall()]
    for number, moment in enumerate(moments):
        inputs = "SELECT * FROM facts"
        if moment is not None:
            inputs += f" WHERE {LOOK} IN (SELECT look FROM looks WHERE moment = {engine.literal(moment)})"
        sql = _ranked(bare, compile_score(bare, inputs, [".look"]), expected)
        made = f"INSERT INTO {ident(table)}" if number else f"CREATE OR REPLACE TEMP TABLE {ident(table)} AS"
        con.execute(f"{made} {sql}", parameters(sql, moment) if moment is not None else None)


def _ranked(health: Health, scored: str, expected: Expected) -> str:
    sign = "" if expected.foretold_by == "low score" else "-"
    off = " - ".join(f"coalesce(s.{ident(f'penalty.{name}')}, 0)" for name in health.penalties) or "0"
    off = f"0 - {off}" if health.penalties else "0"
    return (
        f"SELECT l.look, l.cluster, l.happened, s.score_milli, {sign}s.score_milli AS rank, s.band, s.coverage_milli, "
        f"{off} AS off_milli FROM ({scored}) s JOIN looks l ON l.look = s.{LOOK}"
    )


def take_recorded(con: engine.Connection, expected: Expected, table: str) -> None:
    """Put what was said then, where that is known, in the place of what the temporary `table` of scores has."""
    sign = "" if expected.foretold_by == "low score" else "-"
    con.execute(
        f"UPDATE {ident(table)} SET score_milli = r.score_milli, rank = {sign}r.score_milli, band = r.band, "
        f"coverage_milli = r.coverage_milli FROM recorded r WHERE r.look = {ident(table)}.look"
    )


def only(health: Health, component: str) -> Health:
    """A score that is one component alone, in its own points."""
    alone = {component: health.components[component]}
    nothing = {"penalties": {}, "segments": {}, "coverage_floor": 0.0}
    return health.model_copy(update={"components": alone, **nothing})
