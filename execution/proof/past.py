"""What was known at an earlier moment, out of what is known today: the entities' tables as they were then.

Of each entity its directive says (`past`) from when on a row was known, which columns never change, and what others
were then; a `sql past` block says what can be told from other entities as they were. Everything else is today's state,
which knows how things went, and is left empty.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from execution import engine
from execution.directives import Program
from execution.directives.model import Block, Entity
from execution.directives.schema import SETTINGS
from execution.engine import ident, literal
from execution.errors import UsageError
from execution.measures.compile import parameters
from execution.measures.stored import Stored, all_columns, entity_ctes, key_columns
from execution.sync.rates import rates_select

BLOCK = "past"

_AS_OF = re.compile(r"\$as_of\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Today:
    """An entity's rows as they are today: SQL that gives every declared column, and which of them there are, with their
    types."""

    rows: str
    have: Mapping[str, str]


def show(
    con: engine.Connection,
    program: Program,
    today: Mapping[str, Today],
    moment: datetime,
    *,
    with_today: bool = False,
) -> None:
    """Make `core.<entity>` of the current database what was known at a moment of each entity named in `today`.

    With `with_today` a column is taken as it is today where the past is not known. Raises UsageError where a block does
    not hold on the data.
    """
    con.execute("CREATE SCHEMA IF NOT EXISTS told")
    told = [name for name in sorted(today) if program.entities[name].sql(BLOCK) is not None]
    for name in [name for name in sorted(today) if name not in told]:
        _show(con, program.entities[name], today[name], {}, moment, with_today=with_today)
    for name in told:
        entity = program.entities[name]
        _show(con, entity, today[name], _tell(con, program, entity, moment), moment, with_today=with_today)


def _show(
    con: engine.Connection,
    entity: Entity,
    today: Today,
    told: Mapping[str, str],
    moment: datetime,
    *,
    with_today: bool,
) -> None:
    past = entity.past
    selected = []
    for name, kind in (all_columns(entity) | dict(today.have) | dict(told)).items():
        if past is not None and name in past.columns and name in today.have:
            value = f"CAST(({at(past.columns[name], moment)}) AS {kind})"
        elif name in told:
            value = f"CAST(told.{ident(name)} AS {kind})"
        elif name not in today.have:
            continue
        elif with_today or name in key_columns(entity) or (past is not None and name in past.same):
            value = f"t.{ident(name)}"
        else:
            value = f"CAST(NULL AS {kind})"
        selected.append(f"{value} AS {ident(name)}")
    known = "true"
    if past is not None and past.known_from is not None:
        known = f"({at(past.known_from, moment)}) <= {literal(moment)}"
    joined = f" LEFT JOIN {ident('told', entity.name)} told ON told.{ident(entity.key)} = t.{ident(entity.key)}"
    con.execute(
        f"CREATE OR REPLACE VIEW {ident('core', entity.name)} AS "
        f"SELECT {', '.join(selected)} FROM ({today.rows}) t{joined if told else ''} WHERE {known}"
    )


def _tell(con: engine.Connection, program: Program, entity: Entity, moment: datetime) -> dict[str, str]:
    """Run an entity's block at a moment, into the table `told.<entity>`; the columns it gives and their types."""
    block = entity.sql(BLOCK)
    if block is None:
        return {}
    sql = f"WITH {_visible(con, program)}\nSELECT * FROM (\n{block.text}\n) WHERE {ident(entity.key)} IS NOT NULL"
    table = ident("told", entity.name)
    try:
        con.execute(f"CREATE OR REPLACE TABLE {table} AS {sql}", parameters(sql, moment))
    except engine.Error as error:
        raise _wrong(entity, block, f"failed: {str(error).splitlines()[0]}", "it does not hold on the data") from error
    key = ident(entity.key)
    twice = con.execute(f"SELECT {key}, count(*) FROM {table} GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1")
    if row := twice.fetchone():
        raise _wrong(entity, block, f"gives {row[1]} rows for {entity.key} {row[0]!r}", f"group it by {entity.key}")
    types = all_columns(entity)
    return {name: types[name] for name in engine.columns(con, f"FROM {table}") if name in types and name != entity.key}


def _visible(con: engine.Connection, program: Program) -> str:
    """CTEs of what a block may read: the entities that tell of no others, the settings and the rates."""
    plain = [entity for entity in program.entities.values() if entity.sql(BLOCK) is None]
    row = ", ".join(f"{literal(getattr(program.settings, name))} AS {ident(name)}" for name in SETTINGS)
    ctes = entity_ctes(plain, Stored.read(con))
    return ",\n".join([*ctes, f"settings AS (SELECT {row})", f"rates AS ({rates_select(program.settings)})"])


def _wrong(entity: Entity, block: Block, message: str, hint: str) -> UsageError:
    where = f"{entity.path}:{block.line}"
    return UsageError(f"the past block of {entity.name} {message}", hint=hint, where=where, code="E283")


def show_revenue(con: engine.Connection, store: str, stored: Stored, moment: datetime) -> None:
    """Make the ledger of recurring revenue what it was at a moment: that of the catalogue `store`, up to then."""
    con.execute("CREATE SCHEMA IF NOT EXISTS derived")
    then = literal(moment)
    for name, (when, hidden) in _LEDGER.items():
        if stored.columns(f"derived.{name}"):
            con.execute(
                f"CREATE OR REPLACE VIEW {ident('derived', name)} AS SELECT *{hidden.format(then=then)} "
                f"FROM {ident(store, 'derived', name)} WHERE {when} <= {then}"
            )


_LEDGER = {
    "mrr_movements": ("moved_at", ""),
    "churn_events": (
        "churned_at",
        " REPLACE (CASE WHEN returned_on <= {then}::DATE THEN returned_on END AS returned_on)",
    ),
}
"""When a row of the ledger came to be, and what of it came later."""


def at(expression: str, moment: datetime) -> str:
    """The expression with its moment written in: a view takes no parameters."""
    return f"\n{_AS_OF.sub(literal(moment), expression)}\n"
