"""What a test of an outcome, or of an entity's past, gives; and what comes out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from execution import engine
from execution.directives import Program
from execution.directives.model import Entity, Outcome
from execution.directives.schema import REVENUE
from execution.engine import ident
from execution.errors import GtmError
from execution.measures.compile import parameters
from execution.measures.stored import Stored, all_columns
from execution.proof import past
from execution.proof.history import happenings_sql
from execution.proof.past import Today
from execution.proof.rows import Row, table_of

Given = Mapping[str, Sequence[Row]]


def happened(
    con: engine.Connection, program: Program, outcome: Outcome, given: Given, as_of: datetime
) -> list[dict[str, Any]]:
    """Who could have the event at a moment, and when it came."""
    _load(con, program, given, "core")
    sql = happenings_sql(program, Stored.read(con), outcome)
    key = program.entities[outcome.entity].key
    return engine.dicts(con, f"SELECT key AS {ident(key)}, happened_at FROM ({sql})", parameters(sql, as_of))


def then(
    con: engine.Connection, program: Program, entity: Entity, given: Given, as_of: datetime
) -> list[dict[str, Any]]:
    """The rows of an entity as they were known at a moment."""
    _load(con, program, given, "today")
    today = {
        name: Today(f"SELECT * FROM {ident('today', name)}", all_columns(program.entities[name]))
        for name in given
        if name not in REVENUE
    }
    past.show(con, program, today, as_of)
    return engine.dicts(con, f"FROM {ident('core', entity.name)}")


def _load(con: engine.Connection, program: Program, given: Given, schema: str) -> None:
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for name, rows in given.items():
        if name in REVENUE:
            table_of(con, ident("derived", name), REVENUE[name], rows)
            continue
        if name not in program.entities:
            raise GtmError(f"there is no entity {name!r}", code="E151")
        table_of(con, ident(schema, name), all_columns(program.entities[name]), rows)
