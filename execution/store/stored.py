"""Which tables and views a database has, and their columns: read once, asked often."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from execution import engine


@dataclass(frozen=True, slots=True)
class Stored:
    """The tables and views of a database: `schema.table` → its columns, in order, with their DuckDB types."""

    tables: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, con: engine.Connection) -> Self:
        """What the connection's current database has."""
        rows = con.execute(
            """SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns()
               WHERE database_name = current_database() ORDER BY 1, column_index"""
        ).fetchall()
        tables: dict[str, dict[str, str]] = {}
        for table, column, kind in rows:
            tables.setdefault(table, {})[column] = kind
        return cls(tables)

    def columns(self, table: str) -> Mapping[str, str]:
        """The columns of `schema.table`; none where it does not exist."""
        return self.tables.get(table, {})
