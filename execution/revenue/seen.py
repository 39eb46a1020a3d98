"""What sources said of subscriptions, whenever it changed: the one part of revenue that cannot be read again.

A row for every time a subscription was found to be otherwise than before, with the moment its source was read. Rows
are only ever added. A changed mapping makes other rows of the same records: these are marked, so that a directive that
was edited is never read as customers who came or left.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Entity, Source
from execution.directives.schema import DUCKDB
from execution.engine import ident, literal
from execution.store.stored import Stored

ENTITY = "subscriptions"
TABLE = "subscription_history"
_SEEN = "subscriptions seen"

STATE = (
    "payer", "email", "status", "currency", "yearly_amount", "yearly_after_discount", "discount_ends_at",
    "plan", "billing_interval", "quantity", "started_at", "trial_ends_at", "canceled_at", "ended_at",
    "cancel_reason", "cancel_detail",
)  # fmt: skip
"""What of a subscription is kept."""


def observe(con: engine.Connection, program: Program, as_of: datetime, stored: Stored, made: Mapping[str, str]) -> int:
    """Add what changed in `core.subscriptions` since it was last looked at; how many rows were added.

    A subscription that is there no longer is added as gone, unless its whole source is: switched off, or not read.
    `stored` is what the store has, `made` what its steps were made from.
    """
    entity = program.entities.get(ENTITY)
    if not stored.columns(f"derived.{TABLE}"):
        with store.change(con):
            create(con, entity)
    if entity is None or not stored.columns(f"core.{ENTITY}"):
        return 0
    state = _state(con, program, entity, stored, made)
    if made.get(_SEEN) == state:
        return 0
    remapped = [name for name in _sources(con) if _is_remapped(con, program, entity, name)]
    con.execute(f"CREATE OR REPLACE TEMP TABLE seen_now AS {_changed_sql(con, entity, remapped, as_of)}")
    row = con.execute("SELECT count(*) FROM temp.seen_now").fetchone()
    count = int(row[0]) if row else 0
    with store.change(con):
        if count:
            con.execute(f"INSERT INTO {ident('derived', TABLE)} BY NAME FROM temp.seen_now")
        _note_mappings(con, program, entity, as_of)
        store.record_made(con, _SEEN, state, engine.naive_utc(as_of))
    con.execute("DROP TABLE temp.seen_now")
    return count


def create(con: engine.Connection, entity: Entity | None) -> None:
    """Make sure that there is a place for what is seen."""
    types = {name: DUCKDB[column.type] for name, column in entity.columns.items()} if entity else {}
    columns = ", ".join(f"{ident(name)} {types.get(name) or _TYPES.get(name, 'VARCHAR')}" for name in STATE)
    con.execute(
        f"""CREATE TABLE IF NOT EXISTS {ident("derived", TABLE)} (
            source VARCHAR NOT NULL, subscription_id VARCHAR NOT NULL, number INTEGER NOT NULL,
            seen_at TIMESTAMP NOT NULL, is_gone BOOLEAN NOT NULL, is_remapped BOOLEAN NOT NULL, {columns})"""
    )


_TYPES = {name: "TIMESTAMP" for name in STATE if name.endswith("_at")} | {
    "yearly_amount": "DECIMAL(18,4)", "yearly_after_discount": "DECIMAL(18,4)", "quantity": "BIGINT",
}  # fmt: skip


def _changed_sql(con: engine.Connection, entity: Entity, remapped: Iterable[str], as_of: datetime) -> str:
    """SELECT of the rows to add."""
    have = engine.columns(con, f"FROM {ident('core', ENTITY)}")
    state = [ident(name) if name in have else f"CAST(NULL AS {_type(entity, name)})" for name in STATE]
    now = ", ".join(f"{value} AS {ident(name)}" for value, name in zip(state, STATE, strict=True))
    moment = literal(as_of)
    changed_at = "coalesce(changed_at, %s)" % moment if "changed_at" in have else moment  # noqa: UP031
    differs = " OR ".join(f"n.{ident(name)} IS DISTINCT FROM l.{ident(name)}" for name in STATE)
    is_remapped = f"l.number IS NOT NULL AND l.source IN ({', '.join(map(literal, remapped)) or 'NULL'})"
    columns = ", ".join(map(ident, STATE))
    read_at = "(SELECT max(completed_at) FROM meta.sources m WHERE m.source = l.source)"
    return f"""
WITH now AS (
    SELECT source, subscription_id, {changed_at} AS changed_at, {now} FROM {ident("core", ENTITY)}
),
last AS (
    SELECT * FROM {ident("derived", TABLE)}
    QUALIFY row_number() OVER (PARTITION BY source, subscription_id ORDER BY number DESC) = 1
),
there AS (
    SELECT n.source, n.subscription_id, coalesce(l.number, 0) + 1 AS number,
        CASE WHEN l.seen_at > n.changed_at THEN l.seen_at ELSE n.changed_at END AS seen_at,
        false AS is_gone, coalesce({is_remapped}, false) AS is_remapped, {", ".join(f"n.{ident(c)}" for c in STATE)}
    FROM now n LEFT JOIN last l ON l.source = n.source AND l.subscription_id = n.subscription_id
    WHERE l.number IS NULL OR l.is_gone OR {differs}
),
gone AS (
    SELECT l.source, l.subscription_id, l.number + 1 AS number,
        greatest(l.seen_at, coalesce({read_at}, {moment})) AS seen_at,
        true AS is_gone, coalesce({is_remapped}, false) AS is_remapped, {", ".join(f"l.{ident(c)}" for c in STATE)}
    FROM last l ANTI JOIN now n ON l.source = n.source AND l.subscription_id = n.subscription_id
    WHERE NOT l.is_gone AND l.source IN (SELECT source FROM now)
)
SELECT source, subscription_id, number, seen_at, is_gone, is_remapped, {columns} FROM there
UNION ALL BY NAME SELECT source, subscription_id, number, seen_at, is_gone, is_remapped, {columns} FROM gone"""


def _type(entity: Entity, name: str) -> str:
    return DUCKDB[entity.columns[name].type] if name in entity.columns else _TYPES.get(name, "VARCHAR")


# --- how the sources map their records ----------------------------------------------------------


def _sources(con: engine.Connection) -> list[str]:
    rows = con.execute(f"SELECT DISTINCT source FROM {ident('core', ENTITY)} ORDER BY 1").fetchall()
    return [str(row[0]) for row in rows]


def _step(source: str) -> str:
    return f"subscriptions of {source}"


def _is_remapped(con: engine.Connection, program: Program, entity: Entity, source: str) -> bool:
    before = store.made_from(con, _step(source))
    return before is not None and before != _mapping(program.sources.get(source), entity)


def _note_mappings(con: engine.Connection, program: Program, entity: Entity, as_of: datetime) -> None:
    for source in _sources(con):
        mapping = _mapping(program.sources.get(source), entity)
        if store.made_from(con, _step(source)) != mapping:
            store.record_made(con, _step(source), mapping, engine.naive_utc(as_of))


def _state(con: engine.Connection, program: Program, entity: Entity, stored: Stored, made: Mapping[str, str]) -> str:
    """What the rows of all sources follow from, as far as it can be told without reading them."""
    newest = "max(changed_at)" if "changed_at" in stored.columns(f"core.{ENTITY}") else "NULL"
    row = con.execute(f"SELECT count(*), {newest} FROM {ident('core', ENTITY)}").fetchone()
    projected = [(made[step],) for step in sorted(made) if step.startswith("project ")]
    mappings = [_mapping(program.sources[name], entity) for name in sorted(program.sources)]
    return sha256(f"{row} {projected} {mappings}".encode()).hexdigest()


def _mapping(source: Source | None, entity: Entity) -> str:
    """What a source's rows depend on beside its records: its SQL and the paths of its columns."""
    parts = [entity.hash]
    if source is not None:
        block = source.sql(ENTITY)
        parts += [text.text for _, text in source.steps()] + [block.text if block else ""]
        parts += [f"{name}: {stream.columns}" for name, stream in source.streams.items()]
    return sha256("\n".join(parts).encode()).hexdigest()
