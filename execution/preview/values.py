"""Rows and values that differ between two stores that are attached as `before` and `after`."""

from collections.abc import Iterator
from dataclasses import dataclass

from execution import engine
from execution.directives import Program
from execution.engine import ident, literal
from execution.measures.run import table_name
from execution.preview.scratch import AFTER, BEFORE
from execution.segments.compile import INPUTS

_STAMPS = frozenset({"created_at", "updated_at", "row_hash", INPUTS})


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one row per row of a shared entity: where it is, its key, and what people call it."""

    schema: str
    name: str
    key: str
    called: str

    def on(self, side: str) -> str:
        return ident(side, self.schema, self.name)


@dataclass(frozen=True, slots=True)
class RowPlan:
    """Rows of an entity that would come or go."""

    entity: str
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Rows that stay and would have another value in a column, measure or segment; `table` says where it stands."""

    table: str
    column: str
    rows: int


def tables_of(program: Program) -> Iterator[Table]:
    """The shared entities' rows, their measures and their segments."""
    for entity in program.entities.values():
        if entity.rows == "shared":
            yield Table("core", entity.name, entity.key, entity.name)
            yield Table("derived", table_name(entity.name), entity.key, f"measures of {entity.name}")
    for segment in program.segments.values():
        yield Table("derived", f"segment__{segment.name}", program.entities[segment.entity].key, "segments")


def in_both(con: engine.Connection) -> frozenset[tuple[str, str]]:
    """The tables that both stores have, as (schema, name)."""
    rows = con.execute(
        f"""SELECT schema_name, table_name FROM duckdb_tables()
            WHERE database_name IN ({literal(BEFORE)}, {literal(AFTER)}) GROUP BY ALL HAVING count(*) = 2"""
    ).fetchall()
    return frozenset((schema, name) for schema, name in rows)


def come_and_gone(con: engine.Connection, table: Table) -> RowPlan | None:
    """How many rows only one of the stores has; None where both have the same."""
    one, other = (f"SELECT {ident(table.key)} FROM {table.on(side)}" for side in (BEFORE, AFTER))
    row = con.execute(
        f"SELECT (SELECT count(*) FROM ({other} EXCEPT {one})), (SELECT count(*) FROM ({one} EXCEPT {other}))"
    ).fetchone()
    return RowPlan(table.called, *row) if row and any(row) else None


def differing(con: engine.Connection, table: Table) -> list[ColumnPlan]:
    """The columns whose value differs for rows that both have, most rows first. One that only one store has differs
    wherever it has a value."""
    sides = [engine.columns(con, f"FROM {table.on(side)}") for side in (BEFORE, AFTER)]
    compared = [name for name in dict.fromkeys([*sides[0], *sides[1]]) if name != table.key and not _is_stamp(name)]
    if not compared:
        return []
    counts = ", ".join(f"count(*) FILTER ({_differs(name, sides)})" for name in compared)
    key = ident(table.key)
    row = con.execute(
        f"SELECT {counts} FROM {table.on(BEFORE)} b JOIN {table.on(AFTER)} a ON a.{key} = b.{key}"
    ).fetchone()
    found = [ColumnPlan(table.called, name, count) for name, count in zip(compared, row or (), strict=True) if count]
    return sorted(found, key=lambda column: (-column.rows, column.column))


def _is_stamp(name: str) -> bool:
    return name in _STAMPS or (name.startswith("last_") and name.endswith("_change"))


def _differs(name: str, sides: list[dict[str, str]]) -> str:
    one, other = (f"{alias}.{ident(name)}" if name in side else "NULL" for alias, side in zip("ba", sides, strict=True))
    return f"{one} IS DISTINCT FROM {other}"
