"""What planning has to know of the rows that alerts are about: whose they are, what they are called, what holds."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from execution import engine
from execution.actions.grouping import Alert
from execution.actions.ways import OWNER
from execution.directives import Program
from execution.directives.dependencies import words
from execution.directives.model import Entity
from execution.engine import ident, literal
from execution.measures.compile import parameters
from execution.measures.relation import facts_select
from execution.measures.stored import Stored, key_columns
from execution.segments.history import key_sql

NAME = "name"
"""The column that says what a row is called, where its entity has one."""

DEALS = "deals"

_KEY, _OWNER = ".key", ".owner"


@dataclass(frozen=True, slots=True)
class Known:
    """One row: what it is called, its columns that recipients are found by, which conditions of actions hold for it,
    and who the owner is as it stands there (JSON)."""

    name: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    holds: frozenset[str] = frozenset()
    owner: str | None = None


Rows = Mapping[tuple[str, str], Known]
"""By entity and key."""


def read(
    con: engine.Connection, program: Program, alerts: Iterable[Alert], conditions: Mapping[str, Collection[str]],
    as_of: datetime,
) -> dict[tuple[str, str], Known]:  # fmt: skip
    """What is known of the rows of some alerts, with those of the `conditions` by entity that hold as of a moment. A
    row that is there no more is called by its key."""
    asked: dict[str, dict[str, None]] = defaultdict(dict)
    for alert in alerts:
        asked[alert.entity][alert.key] = None
    found = {(entity, key): Known(key) for entity, keys in asked.items() for key in keys}
    stored = Stored.read(con) if asked else None
    for name, keys in sorted(asked.items()):
        entity = program.entities.get(name)
        if entity is not None and stored is not None:
            held = sorted(set(conditions.get(name, ())))
            found.update(_read(con, program, entity, stored, list(keys), held, as_of))
    return found


def _read(
    con: engine.Connection, program: Program, entity: Entity, stored: Stored, keys: list[str], conditions: list[str],
    as_of: datetime,
) -> Iterator[tuple[tuple[str, str], Known]]:  # fmt: skip
    known = program.facts(entity.name)
    columns = [name for name in recipient_columns(program, entity.name) if name in known]
    columns += [NAME] if NAME in known and NAME not in columns else []
    named = {*columns, *owner_columns(program, entity.name)}
    for condition in conditions:
        named |= {name for name in known if name.lower() in words(condition)}
    selected = [f"f.{ident(name)}::VARCHAR AS {ident(name)}" for name in columns]
    selected += [f"coalesce(({condition}), false) AS {ident(f'.{n}')}" for n, condition in enumerate(conditions)]
    selected += [f"{owner_sql(program, entity.name, 'f')} AS {ident(_OWNER)}"]
    key = key_sql(key_columns(entity), "f")
    rows = facts_select(program, entity, named, stored)
    sql = (
        f"SELECT {key} AS {ident(_KEY)}, {', '.join(selected)}\nFROM ({rows}) f\n"
        f"WHERE {key} IN (SELECT key FROM {engine.rows_sql({'key': 'VARCHAR'}, '$keys')})"
    )
    bound = {"keys": json.dumps([{"key": each} for each in keys])}
    for row in engine.dicts(con, sql, bound | (parameters(sql, as_of) or {})):
        holds = frozenset(condition for n, condition in enumerate(conditions) if row[f".{n}"])
        title = row.get(NAME) or row[_KEY]
        yield (entity.name, row[_KEY]), Known(title, {name: row[name] for name in columns}, holds, row[_OWNER])


def recipient_columns(program: Program, entity: str) -> list[str]:
    """Every column of an entity by which a recipient is found."""
    recipients = program.routing.recipients.values()
    return sorted({column for each in recipients for column in each.columns.get(entity, ())})


def owner_columns(program: Program, entity: str) -> tuple[str, ...]:
    """Those by which the owner is."""
    owner = program.routing.recipients.get(OWNER)
    known = program.facts(entity)
    return tuple(name for name in (owner.columns.get(entity, ()) if owner is not None else ()) if name in known)


def owner_sql(program: Program, entity: str, alias: str) -> str:
    """The owner of a row as it stands there, as one text; NULL for an entity whose rows have none."""
    columns = [f"{alias}.{ident(name)}::VARCHAR" for name in owner_columns(program, entity)]
    return f"to_json([{', '.join(columns)}])::VARCHAR" if columns else "NULL::VARCHAR"


def deals_of(
    con: engine.Connection, program: Program, accounts: Collection[str], where: str | None, as_of: datetime
) -> dict[str, list[str]]:
    """The keys of the deals of some accounts that a condition holds for, by account."""
    entity, column = program.entities.get(DEALS), program.routing.account.get(DEALS)
    if entity is None or column is None or not accounts:
        return {}
    known = program.facts(DEALS)
    named = {column, *(name for name in known if where is not None and name.lower() in words(where))}
    among = ", ".join(map(literal, sorted(accounts)))
    sql = (
        f"SELECT f.{ident(column)}::VARCHAR, {key_sql(key_columns(entity), 'f')} AS key "
        f"FROM ({facts_select(program, entity, named, Stored.read(con))}) f "
        f"WHERE f.{ident(column)}::VARCHAR IN ({among}) AND ({where or 'true'}) ORDER BY ALL"
    )
    found: dict[str, list[str]] = defaultdict(list)
    for account, key in con.execute(sql, parameters(sql, as_of)).fetchall():
        found[account].append(key)
    return found
