"""An in-memory store with the shipped directives (or others), filled row by row."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from execution import engine, health, measures
from execution.directives import Program, load, read_folder
from execution.directives.schema import entity_columns
from execution.engine import ident
from execution.runs.checked import program_of
from execution.store import migrations
from execution.workspace import Workspace

ROOT = Path(__file__).parents[2]
AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)


@cache
def shipped() -> Program:
    """The directives of the repository."""
    return program_of(Workspace(ROOT), read_folder(ROOT)).require_valid()


def program(**texts: str) -> Program:
    """A program of directives given as text, by any name."""
    encoded = {f"directives/{name}.md": text.encode() for name, text in texts.items()}
    return load(encoded)


@dataclass
class Stock:
    """A store in memory; tables are made when rows are put into them."""

    program: Program = field(default_factory=shipped)
    con: engine.Connection = field(default_factory=engine.memory)

    def __post_init__(self) -> None:
        migrations.migrate(self.con)

    def table(self, entity: str, **more: str) -> None:
        """Make the entity's table as the store has it; `more` are columns that the system adds, by type."""
        columns = entity_columns(self.program.entities[entity]) | more
        listed = ", ".join(f"{ident(name)} {kind}" for name, kind in columns.items())
        self.con.execute(f"CREATE TABLE IF NOT EXISTS {ident('core', entity)} ({listed})")

    def put(self, entity: str, *rows: dict[str, Any]) -> None:
        """Insert rows; what a row does not name is NULL."""
        self.table(entity, **({"company_domain": "VARCHAR"} if entity == "customers" else {}))
        for row in rows:
            names = ", ".join(map(ident, row))
            values = [json.dumps(value) if isinstance(value, dict | list) else value for value in row.values()]
            marks = ", ".join("?" for _ in row)
            self.con.execute(f"INSERT INTO {ident('core', entity)} ({names}) VALUES ({marks})", values)

    def meeting(self, email: str, at: str, status: str = "booked", **more: object) -> None:
        """Insert a meeting; `at` is UTC."""
        count = self.one("SELECT count(*) FROM core.events")[0] if self.has("core.events") else 0
        self.put(
            "events",
            {"source": "calendly", "source_id": f"m{count}", "email": email, "kind": "meeting", "status": status}
            | {"occurred_at": at, "title": "Check-in", "host": "host@us.com"}
            | more,
        )

    def score(self, as_of: datetime = AS_OF) -> None:
        """Work out measures and health."""
        health.derive(self.con, self.program, as_of)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return engine.dicts(self.con, sql)

    def one(self, sql: str) -> tuple[Any, ...]:
        row = self.con.execute(sql).fetchone()
        assert row is not None
        return row

    def has(self, table: str) -> bool:
        return bool(measures.Stored.read(self.con).columns(table))
