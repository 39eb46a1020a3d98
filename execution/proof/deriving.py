"""What a test of measures, a segment or a score gives, put where deriving looks for it, and what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from execution import engine, health, measures, segments, sentiment
from execution.directives import Program
from execution.directives.dependencies import UNIFIED
from execution.directives.facts import Fact, Step
from execution.directives.model import Health, Measures, Segment
from execution.directives.schema import REVENUE, entity_columns
from execution.engine import ident
from execution.errors import GtmError
from execution.health import view
from execution.measures.relation import facts_select
from execution.measures.stored import Stored, key_columns
from execution.proof.rows import Row, table_of

Given = Mapping[str, Sequence[Row]]
Found = list[dict[str, Any]]


def measured(con: engine.Connection, program: Program, directive: Measures, given: Given, as_of: datetime) -> Found:
    """One directive's measures of its entity, for rows of the entities and rows of others with all known of them."""
    for name in REVENUE.keys() & given.keys():
        table_of(con, ident("derived", name), REVENUE[name], given[name])
    for name in {name.removeprefix(UNIFIED): None for name in given if name not in REVENUE}:
        if name not in program.entities:
            raise GtmError(f"there is no entity {name!r}", code="E151")
        load(con, program, name, [*given.get(name, ()), *given.get(UNIFIED + name, ())])
    sentiment.run(con)
    others = {name: each for name, each in program.measures.items() if each.entity != directive.entity}
    alone = replace(program, measures={**others, directive.name: directive})
    measures.measure(con, alone, directive.entity, as_of)
    return engine.dicts(con, f"FROM {ident('derived', Step('measures', directive.entity).table)}")


def placed(con: engine.Connection, program: Program, directive: Segment, given: Given, as_of: datetime) -> Found:
    """Where a segment places rows of its entity, given with whatever else is known of them."""
    own = Step("segment", directive.name)
    load(con, program, directive.entity, given.get(directive.entity, ()), without=own)
    segments.run(con, program, directive.name, as_of)
    entity = program.entities[directive.entity]
    return engine.dicts(con, facts_select(program, entity, list(program.facts(entity.name)), Stored.read(con)))


def scored(con: engine.Connection, program: Program, directive: Health, given: Given, as_of: datetime) -> Found:
    """One score for rows of its entity, given with whatever else is known of them. What a row gives as this score's
    own status is the band that it was in before."""
    own = Step("health", directive.name)
    rows = given.get(directive.entity, ())
    load(con, program, directive.entity, rows, without=own)
    _remember(con, program, directive, rows, as_of)
    health.score(con, program, directive.name, as_of)
    return _unified(con, program, directive.entity)


def load(con: engine.Connection, program: Program, name: str, rows: Sequence[Row], without: Step | None = None) -> None:
    """The entity's table of what the rows say of its columns, and one table for each step that gives the rest."""
    entity, facts = program.entities[name], program.facts(name)
    named = {column for row in rows for column in row}
    types = entity_columns(entity)
    given = {column: fact.type for column, fact in facts.items() if column in named or column in types}
    table_of(con, ident("given"), given, rows)
    con.execute(f"CREATE TABLE {ident('core', name)} AS SELECT {', '.join(map(ident, types))} FROM given")
    steps = {fact.step for column, fact in facts.items() if column in named}
    for step in steps - {None, without}:
        _keep(con, step, key_columns(entity), facts, named)
    con.execute("DROP TABLE given")


def _keep(
    con: engine.Connection, step: Step | None, keys: Sequence[str], facts: Mapping[str, Fact], named: set[str]
) -> None:
    """A step's table of what is given of it, as the step itself would keep it."""
    columns: dict[str, list[str]] = {}
    for name, fact in facts.items():
        if fact.step == step and name in named:
            value = f"CAST(round({ident(name)} * 1000) AS INTEGER)" if fact.column.endswith("_milli") else ident(name)
            columns.setdefault(fact.column, []).append(value)
    selected = [*map(ident, keys)]
    selected += [f"coalesce({', '.join(values)}) AS {ident(column)}" for column, values in columns.items()]
    table = ident("derived", step.table if step else "")
    con.execute(f"CREATE TABLE {table} AS SELECT {', '.join(selected)} FROM given")


def _remember(
    con: engine.Connection, program: Program, directive: Health, rows: Sequence[Row], as_of: datetime
) -> None:
    """The bands that rows were in, as if scored a second before."""
    facts = program.facts(directive.entity)
    own = Step("health", directive.name)
    bands = [name for name, fact in facts.items() if fact.step == own and fact.column == "band"]
    keys = key_columns(program.entities[directive.entity])
    run = [directive.name, directive.entity, engine.naive_utc(as_of - timedelta(seconds=1)), directive.hash, 1]
    con.execute(
        "INSERT INTO derived.score_runs (run, score, entity, as_of, directive, version) VALUES (1, ?, ?, ?, ?, ?)", run
    )
    for row in rows:
        if band := next((row[name] for name in bands if name in row), None):
            key = "/".join(str(row.get(part)) for part in keys)
            con.execute("INSERT INTO derived.score_changes (run, key, band) VALUES (1, ?, ?)", [key, band])


def _unified(con: engine.Connection, program: Program, entity: str) -> Found:
    view.create(con, program)
    return engine.dicts(con, f"FROM {ident(UNIFIED + entity)}")
