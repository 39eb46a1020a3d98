"""The stage a test runs on: an in-memory store with what the test gives, made by the code that syncs and scores."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from execution import engine
from execution.directives import Program
from execution.directives.model import Settings, Source
from execution.engine import ident
from execution.errors import GtmError
from execution.proof.rows import Row
from execution.store import migrations
from execution.sync import decode, project
from execution.sync.raw import learn_addresses, prepare_table, raw_table

ANY_DAY = "0001-01-01"
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
    settings = with_rates(program.settings, given)
    columns = project.block_columns(con, source, target, block, settings)
    made = project.projection(source, target, block, columns, settings)
    project.refresh(con, made)
    return engine.dicts(con, f"SELECT * EXCLUDE (row_hash) FROM ({made.sql}) WHERE {ident(target.key)} IS NOT NULL")


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


def moment(text: str | None) -> datetime:
    """The moment a test is about; without one any will do."""
    return datetime.fromisoformat(text) if text else ANY_MOMENT
