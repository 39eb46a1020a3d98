"""The stage a test runs on: an in-memory store with what the test gives, made by the code that syncs and scores."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from execution import engine, health, measures
from execution.directives import Program
from execution.directives.model import Health, Measures, Source
from execution.directives.schema import DUCKDB, entity_columns
from execution.engine import ident
from execution.errors import GtmError
from execution.measures.compile import measure_columns
from execution.proof.rows import Row, table_of
from execution.store import migrations
from execution.sync import decode, project
from execution.sync.raw import learn_addresses, prepare_table, raw_table

ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
Given = Mapping[str, Sequence[Row]]


def new_store() -> engine.Connection:
    """An empty store in memory."""
    con = engine.memory()
    migrations.migrate(con)
    return con


def projected(
    con: engine.Connection, program: Program, source: Source, given: Given, entity: str
) -> list[dict[str, Any]]:
    """What a source's block gives of an entity for raw records as the vendor sends them."""
    for name in source.streams:
        _load_records(con, source, name, given)
    block = source.sql(entity)
    if block is None:
        raise GtmError(f"{source.name} has no ```sql {entity} block", code="E151")
    target = program.entities[entity]
    columns = project.block_columns(con, source, target, block, program.settings)
    made = project.projection(source, target, block, columns, program.settings)
    project.refresh(con, made)
    return engine.dicts(con, f"SELECT * EXCLUDE (row_hash) FROM ({made.sql}) WHERE {ident(target.key)} IS NOT NULL")


def _load_records(con: engine.Connection, source: Source, name: str, given: Given) -> None:
    stream = source.streams[name]
    prepare_table(con, source, name)
    con.execute(f"DELETE FROM {raw_table(source.name, name)}")
    texts = [
        (json.dumps(_with_key(record, stream.key, name, number)), _parent(source, name, record, given), number)
        for number, record in enumerate(given.get(name, ()))
    ]
    engine.load(con, "given", {"payload": "VARCHAR", "parent_key": "VARCHAR", "position": "BIGINT"}, texts)
    records = (
        "SELECT payload::JSON AS payload, parent_key, TIMESTAMP '2026-01-01' AS read_at, 0 AS page, position FROM given"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {decode.staged_sql(stream, records)}")
    typed = ", ".join(ident(column) for column in decode.typed_columns(stream))
    con.execute(
        f"INSERT INTO {raw_table(source.name, name)} BY NAME SELECT key, parent_key, payload, hash, "
        f"read_at AS first_seen, read_at AS last_changed, false AS deleted, {typed} "
        f"FROM ({decode.latest_sql(stream, 'staged')}) WHERE NOT is_tombstone"
    )
    learn_addresses(con, stream, "staged")


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


def measured(
    con: engine.Connection, program: Program, directive: Measures, given: Given, as_of: datetime
) -> list[dict[str, Any]]:
    """One directive's measures of its entity, for rows of the entities."""
    _load_entities(con, program, given)
    alone = _only(program, measures_={directive.name: directive})
    measures.run(con, alone, as_of)
    return engine.dicts(con, f"SELECT * FROM derived.{ident('measures__' + directive.entity)}")


def scored(
    con: engine.Connection, program: Program, directive: Health, given: Given, as_of: datetime
) -> list[dict[str, Any]]:
    """One score for rows of its entity, each with the columns and measures the test gives."""
    entity = program.entities[directive.entity]
    types = measure_columns(program, entity.name)
    stored = entity_columns(entity)
    rows = given.get(entity.name, ())
    con.execute(f"DROP VIEW IF EXISTS {ident('unified_' + entity.name)}")
    _load_entities(
        con, program, {entity.name: [{n: v for n, v in row.items() if n in stored and n not in types} for row in rows]}
    )
    keyed = {entity.key: DUCKDB["text"], **types}
    own = [{n: v for n, v in row.items() if n in keyed} for row in rows]
    table_of(con, f"derived.{ident('measures__' + entity.name)}", keyed, own)
    health.run(con, _only(program, health_={directive.name: directive}), as_of)
    return engine.dicts(con, f"SELECT * FROM {ident('unified_' + entity.name)}")


def _load_entities(con: engine.Connection, program: Program, given: Given) -> None:
    for name, rows in given.items():
        entity = program.entities.get(name)
        if entity is None:
            raise GtmError(f"there is no entity {name!r}", code="E151")
        table_of(con, ident("core", name), entity_columns(entity), rows)


def _only(
    program: Program, *, measures_: Mapping[str, Measures] | None = None, health_: Mapping[str, Health] | None = None
) -> Program:
    return replace(
        program,
        measures=program.measures if measures_ is None else measures_,
        health=program.health if health_ is None else health_,
    )


def moment(text: str | None) -> datetime:
    """The moment a test is about; without one any will do."""
    return datetime.fromisoformat(text) if text else ANY_MOMENT
