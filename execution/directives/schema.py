"""What SQL in a directive sees: the columns of streams and entities, and the DuckDB types they have."""

from execution.directives.model import Entity, Stream
from execution.directives.paths import parse_path

DUCKDB = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,4)",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "json": "JSON",
    "email": "VARCHAR",
    "uuid": "UUID",
}
"""A directive's type → DuckDB's. A timestamp is in UTC; money is a decimal."""

SETTINGS = {"base_currency": "VARCHAR", "time_zone": "VARCHAR"}
"""What a projection sees of the team's settings, as the one row of `settings`."""

DERIVED = ("measures", "health", "system")
"""What may stand in an entity column's `from` besides sources: the part of the system that fills it."""


def stream_columns(stream: Stream) -> dict[str, str]:
    """What a SQL block sees of a stream: column name → DuckDB type.

    `key`, `parent_key` where the stream is read per parent, the key under the last name of its own path where no
    declared column has that name (`key: uri` → also `uri`), then the declared columns.
    """
    columns = {"key": "VARCHAR"}
    if stream.each is not None:
        columns["parent_key"] = "VARCHAR"
    own = key_name(stream)
    if own is not None:
        columns.setdefault(own, "VARCHAR")
    return columns | {name: DUCKDB[column.type] for name, column in stream.columns.items()}


def key_name(stream: Stream) -> str | None:
    """The last name of the key's path (`uri`, `id`), or None where it ends in a list position."""
    try:
        steps = parse_path(stream.key)
    except ValueError:
        return None
    return steps[-1] if steps and isinstance(steps[-1], str) else None


def entity_columns(entity: Entity) -> dict[str, str]:
    """What is stored of an entity, and so what measures read: column name → DuckDB type.

    The columns that sources write, without those that measures, health or the system fill. Shared entities also have
    `created_at` and `updated_at`, customers `customer_id`, owned entities the `source` of each row.
    """
    columns = {"source": "VARCHAR"} if entity.rows == "owned" else {}
    if entity.name == "customers":
        columns["customer_id"] = "UUID"
    columns[entity.key] = "VARCHAR"
    columns |= {name: DUCKDB[column.type] for name, column in entity.columns.items() if not is_derived(column.sources)}
    if entity.rows == "shared":
        columns |= {"created_at": "TIMESTAMP", "updated_at": "TIMESTAMP"}
    return columns


def is_derived(sources: tuple[str, ...]) -> bool:
    """Whether a column's `from` names a part of the system and no source."""
    return bool(sources) and all(source in DERIVED for source in sources)
