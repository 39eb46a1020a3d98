"""`gtm query` and `gtm db`: the store as it is published, and its copies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.store import Answer

_TABLES = """
SELECT schema_name AS "schema", table_name AS "table", column_count AS columns, estimated_size AS rows
FROM duckdb_tables() WHERE NOT internal
UNION ALL
SELECT schema_name, view_name, column_count, NULL FROM duckdb_views() WHERE NOT internal
ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Info:
    """The store: sizes in bytes, its number and time of publication, what is kept as backup, and its tables."""

    file: str
    bytes: int
    publication: int | None
    published_at: datetime | None
    engine: str
    backups: tuple[str, ...]
    tables: tuple[Mapping[str, object], ...]


def query(
    workspace: Workspace, sql: str | None, *, limit: int | None = None, params: Mapping[str, str] | None = None
) -> "Answer":
    """One SELECT on the published store, read-only and locked down; without one, the list of tables."""
    from execution import store

    return store.query(workspace, sql or _TABLES, limit=limit, params=dict(params) if params else None)


def backup(workspace: Workspace, target: Path | None, *, timeout_s: float) -> Path:
    """Copy the store; the file written."""
    from execution import store

    return store.backup(workspace, target, timeout_s=timeout_s)


def restore(workspace: Workspace, file: Path, *, timeout_s: float) -> Path | None:
    """Put a backup in the store's place; the copy of what was there before, if there was anything."""
    from execution import store

    return store.restore(workspace, file, timeout_s=timeout_s)


def info(workspace: Workspace) -> Info:
    """What there is. Raises StoreError before the first publication."""
    from execution import engine, store

    answer = query(workspace, None)
    publication = store.current(workspace)
    made = publication.file.stat().st_mtime if publication else None
    return Info(
        workspace.store_file.relative_to(workspace.root).as_posix(),
        workspace.store_file.stat().st_size if workspace.store_file.exists() else 0,
        publication.number if publication else None,
        datetime.fromtimestamp(made, UTC) if made is not None else None,
        f"DuckDB {engine.VERSION}",
        tuple(file.name for file in sorted((workspace.data / "backups").glob("*.duckdb"))),
        tuple(dict(zip(answer.columns, row, strict=True)) for row in answer.rows),
    )
