"""Two stores side by side, or one before and after: what their rows say, and what dates them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from execution import engine, store
from execution.engine import ident
from execution.workspace import Workspace
from tests.sync.conftest import World
from tests.sync.vendor import Record

Tables = dict[str, list[Record]]
Rows = dict[str, list[tuple[Any, ...]]]

_COUNTERS = {("meta", "changes"), ("meta", "steps"), ("meta", "streams"), ("meta", "migrations")}
"""What counts how often something was done, not what came of it."""

_DATE = re.compile(r"(created|updated|changed)_at|last_\w+_change")


def tables(world: World) -> Tables:
    """What readers see: the entities, the projections they are made of, and the unified views."""
    with store.reader(world.workspace) as con:
        names = con.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema IN ('projected', 'core') OR table_name LIKE 'unified_%'"
        ).fetchall()
        return {".".join(name): engine.dicts(con, f"SELECT * FROM {ident(*name)}") for name in names}


def contents(rows: Sequence[Record]) -> list[str]:
    """The rows without their dates, whatever the order of rows and columns."""
    return sorted(_text(row, {name for name in row if _DATE.fullmatch(name)} | _dated_hash(row)) for row in rows)


def _dated_hash(row: Record) -> set[str]:
    """Of an entity's row the dates are part of the hash."""
    return {"row_hash"} if "updated_at" in row else set()


def _text(row: Record, without: set[str]) -> str:
    return repr({name: row[name] for name in sorted(row.keys() - without)})


@dataclass(frozen=True)
class Dated:
    """A stored row: what it says, since when, and what it keeps for as long as it is there."""

    content: str
    changed: datetime
    kept: tuple[object, ...]


def dated(found: Tables) -> dict[str, Dated]:
    """Every row of the entities and projections, by its table and key. Raises AssertionError where one stands twice."""
    rows: dict[str, Dated] = {}
    for table, row in ((table, row) for table, rows in found.items() for row in rows if "unified" not in table):
        key = f"{table}: {[row[name] for name in ('source', 'source_id', 'email', 'domain') if name in row][:2]}"
        assert key not in rows, f"{key} stands twice"
        when = row["changed_at"] if "changed_at" in row else row["updated_at"]
        content = _text(row, {"row_hash", "created_at", "updated_at", "changed_at"})
        rows[key] = Dated(content, when, (row.get("customer_id"), row.get("created_at")))
    return rows


def every_row(workspace: Workspace) -> Rows:
    """Every row of the store, in order. Raises AssertionError where readers see other entities than are in it."""
    found = _rows(engine.read_only(workspace.store_file))
    with store.reader(workspace) as con:
        published = _rows(con.cursor())
    assert {t: rows for t, rows in published.items() if t.startswith("core.")}.items() <= found.items()
    return found


def _rows(con: engine.Connection) -> Rows:
    with con:
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        return {
            f"{schema}.{table}": con.execute(f"SELECT * FROM {ident(schema, table)} ORDER BY ALL").fetchall()
            for schema, table in tables
            if (schema, table) not in _COUNTERS
        }
