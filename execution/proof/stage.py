"""The stage a test runs on: an in-memory store with what the test gives, made by the code that syncs and scores.

An empty store is made once; every case plays on a copy of it, through a connection of its own, and neither is seen by
the next.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from execution import engine
from execution.directives import Program
from execution.directives.model import Block, Settings, Source
from execution.engine import ident
from execution.errors import GtmError
from execution.proof.rows import Row
from execution.store import migrations
from execution.sync import decode, project
from execution.sync.raw import learn_addresses, prepare_table, raw_table

ANY_DAY = "0001-01-01"
ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
Given = Mapping[str, Sequence[Row]]

_GIVEN = {"payload": "VARCHAR", "parent_key": "VARCHAR", "position": "BIGINT"}


@dataclass(frozen=True, slots=True)
class Empty:
    """A store without data, as the catalogue `name` of the database; `filled` are the tables that have rows even so,
    `columns` what the blocks give that were asked for by now."""

    con: engine.Connection
    name: str
    filled: tuple[str, ...]
    columns: dict[Block, tuple[str, ...]] = field(default_factory=dict)


@contextmanager
def empty() -> Iterator[Empty]:
    """An empty store in a database of its own. A few rows are not worth a second thread."""
    con = engine.memory(threads=1)
    try:
        con.execute("ATTACH ':memory:' AS empty")
        con.execute("USE empty")
        migrations.migrate(con)
        yield _as_it_is(con, "empty")
    finally:
        con.close()


@contextmanager
def empty_for(store: Empty, source: Source) -> Iterator[Empty]:
    """An empty store with the tables that a source's records go into."""
    name = f"empty_for_{source.name}"
    with copy_of(store, name) as con:
        for stream in source.streams:
            prepare_table(con, source, stream)
        yield _as_it_is(con, name)


def _as_it_is(con: engine.Connection, name: str) -> Empty:
    rows = con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND estimated_size > 0", [name]
    ).fetchall()
    return Empty(con, name, tuple(ident(*row) for row in rows))


@contextmanager
def copy_of(store: Empty, name: str = "played") -> Iterator[engine.Connection]:
    """A copy of a store as the current database of a connection of its own, gone at the end."""
    con = store.con.cursor()
    try:
        con.execute(f"ATTACH ':memory:' AS {ident(name)}")
        con.execute(f"COPY FROM DATABASE {ident(store.name)} TO {ident(name)} (SCHEMA)")
        con.execute(f"USE {ident(name)}")
        for table in store.filled:
            con.execute(f"INSERT INTO {table} FROM {ident(store.name)}.{table}")
        yield con
    finally:
        con.close()
        store.con.execute(f"DETACH DATABASE IF EXISTS {ident(name)}")


def projected(store: Empty, program: Program, source: Source, given: Given, entity: str) -> list[dict[str, Any]]:
    """What a source's block gives of an entity for raw records as the vendor sends them. `store` is empty for it."""
    block, target = source.sql(entity), program.entities[entity]
    if block is None:
        raise GtmError(f"{source.name} has no ```sql {entity} block", code="E151")
    if block not in store.columns:
        store.columns[block] = project.block_columns(store.con, source, target, block, program.settings)
    made = project.projection(source, target, block, store.columns[block], with_rates(program.settings, given))
    with copy_of(store) as con:
        for name in source.streams:
            _load_records(con, source, name, given)
        try:
            con.execute(f"CREATE TEMP TABLE made AS {made.sql}")
        except engine.Error:
            project.refresh(con, made)  # fails likewise, in the words that a sync has for it
            raise
        project.refresh(con, replace(made, sql="FROM temp.made"))
        return engine.dicts(con, f"SELECT * EXCLUDE (row_hash) FROM temp.made WHERE {ident(target.key)} IS NOT NULL")


def with_rates(settings: Settings, given: Given) -> Settings:
    """The settings with the rates that a test gives in the place of the team's own.

    Raises GtmError for one that cannot be.
    """
    rows = given.get("rates")
    if rows is None:
        return settings
    rates: dict[str, Any] = {}
    for row in rows:
        spans = rates.setdefault(str(row.get("currency")), {})
        spans[row.get("since") or ANY_DAY] = row.get("rate")
    written = {"kind": "settings", "name": "settings", "base_currency": settings.base_currency, "rates": rates}
    try:
        return settings.model_copy(update={"rates": Settings.model_validate(written).rates})
    except ValueError as error:
        raise GtmError(f"these rates cannot be: {str(error).splitlines()[2].strip()}", code="E151") from None


def _load_records(con: engine.Connection, source: Source, name: str, given: Given) -> None:
    """Put what is given of a stream into its table, decoded as a sync decodes a page of it."""
    stream, records = source.streams[name], given.get(name, ())
    if not records:
        return
    body = json.dumps(
        [
            {
                "payload": json.dumps(_with_key(record, stream.key, name, number)),
                "parent_key": _parent(source, name, record, given),
                "position": number,
            }
            for number, record in enumerate(records)
        ]
    )
    page = (
        "SELECT payload::JSON AS payload, parent_key, TIMESTAMP '2026-01-01' AS read_at, 0 AS page, position "
        f"FROM {engine.rows_sql(_GIVEN)}"
    )
    table = raw_table(source.name, name)
    typed = ", ".join(ident(column) for column in decode.typed_columns(stream))
    con.execute(
        f"INSERT INTO {table} BY NAME SELECT key, parent_key, payload, hash, "
        f"read_at AS first_seen, read_at AS last_changed, false AS deleted, {typed} "
        f"FROM ({decode.latest_sql(stream, f'({decode.staged_sql(stream, page)})')}) WHERE NOT is_tombstone",
        [body],
    )
    learn_addresses(con, stream, table)


def _with_key(record: Row, key: str, stream: str, number: int) -> dict[str, Any]:
    """The record; a test that does not care for its key gets one, where the key is a plain name."""
    return {key: f"{stream}-{number}", **record} if key.isidentifier() else dict(record)


def _parent(source: Source, name: str, record: Row, given: Given) -> str | None:
    """The parent's key: `parent_key` of the record, else the only parent given."""
    each = source.streams[name].each
    if each is None:
        return None
    if "parent_key" in record:
        return str(record["parent_key"])
    parents = given.get(each, ())
    if len(parents) != 1:
        return None
    return str(_with_key(parents[0], source.streams[each].key, each, 0).get(source.streams[each].key))


def moment(text: str | None) -> datetime:
    """The moment a test is about; without one any will do."""
    return datetime.fromisoformat(text) if text else ANY_MOMENT
