"""What the store has at the moment, and how the entities are read from it.

A table that was never written, or a column that no connected source feeds, reads as empty: never as an error, and
never as zero.
"""

from collections.abc import Container, Iterable, Mapping

from execution.directives.model import Entity
from execution.directives.schema import BESIDE, DUCKDB, entity_columns
from execution.engine import ident
from execution.store.stored import Stored

__all__ = ["Stored", "all_columns", "entity_ctes", "entity_select", "key_columns"]


def entity_select(
    entity: Entity,
    stored: Stored,
    extra: Mapping[str, str] | None = None,
    only: Container[str] | None = None,
) -> str:
    """A SELECT of the entity's rows with every column that directives may read, in a stable order.

    `extra` names further columns (→ DuckDB type) to read where the store has them, `only` those that are wanted beside
    the key, in lower case. What the store has not is NULL of the declared type; a missing table gives no rows.
    """
    wanted = entity_columns(entity) | dict(extra or {})
    if only is not None:
        keys = key_columns(entity)
        wanted = {name: kind for name, kind in wanted.items() if name in keys or name.lower() in only}
    have = stored.columns(f"core.{entity.name}")
    selected = [
        ident(name) if name in have else f"CAST(NULL AS {kind}) AS {ident(name)}" for name, kind in wanted.items()
    ]
    source = f" FROM {ident('core', entity.name)}" if have else " WHERE false"
    return f"SELECT {', '.join(selected)}{source}"


def entity_ctes(entities: Iterable[Entity], stored: Stored, only: Container[str] | None = None) -> list[str]:
    """`name AS (…)` for each entity, and for what is known beside them. Not materialised: a block reads only the
    columns it names. Where those of all blocks are known (`only`, in lower case) others are not planned at all."""
    selects = {name: _beside_select(name, stored) for name in BESIDE}
    selects |= {entity.name: entity_select(entity, stored, only=only) for entity in entities}
    return [f"{ident(name)} AS NOT MATERIALIZED ({sql})" for name, sql in selects.items()]


def _beside_select(name: str, stored: Stored) -> str:
    have = stored.columns(f"derived.{name}")
    columns = [f"{ident(c) if c in have else 'NULL'}::{kind} AS {ident(c)}" for c, kind in BESIDE[name].items()]
    return f"SELECT {', '.join(columns)}" + (f" FROM {ident('derived', name)}" if have else " WHERE false")


def key_columns(entity: Entity) -> tuple[str, ...]:
    """What identifies a row: the key, and for rows that belong to a source the source too."""
    return ("source", entity.key) if entity.rows == "owned" else (entity.key,)


def all_columns(entity: Entity) -> dict[str, str]:
    """Every declared column, whoever fills it, with its DuckDB type; what `entity_columns` adds comes first."""
    return entity_columns(entity) | {name: DUCKDB[column.type] for name, column in entity.columns.items()}
