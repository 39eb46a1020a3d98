"""What a health directive's expressions see: the entity's columns and all its measures, side by side."""

from collections.abc import Iterable

from execution.directives import Program
from execution.directives.model import Health
from execution.engine import ident
from execution.measures.compile import measure_columns
from execution.measures.run import table_name
from execution.measures.stored import Stored, entity_select, key_columns


def inputs_select(program: Program, health: Health, stored: Stored) -> str:
    """SELECT of one row per row of the entity. Measures that were never worked out are NULL of their type."""
    entity = program.entities[health.entity]
    types = measure_columns(program, health.entity)
    measured = stored.columns(f"derived.{table_name(health.entity)}")
    columns = [
        f"m.{ident(name)}" if name in measured else f"CAST(NULL AS {kind}) AS {ident(name)}"
        for name, kind in types.items()
    ]
    join = ""
    if measured:
        join = (
            f" LEFT JOIN {ident('derived', table_name(health.entity))} m ON {same_key(key_columns(entity), 'm', 'e')}"
        )
    own = f"e.* EXCLUDE ({', '.join(map(ident, shared))})" if (shared := _shared(program, health, types)) else "e.*"
    return f"SELECT {', '.join([own, *columns])} FROM ({entity_select(entity, stored)}) e{join}"


def _shared(program: Program, health: Health, measures: Iterable[str]) -> list[str]:
    """Names that both a source and a measure fill; the measure is meant."""
    from execution.directives.schema import entity_columns

    return [name for name in measures if name in entity_columns(program.entities[health.entity])]


def same_key(keys: Iterable[str], one: str, other: str) -> str:
    """The join condition of two relations on their keys."""
    return " AND ".join(f"{one}.{ident(key)} = {other}.{ident(key)}" for key in keys)
