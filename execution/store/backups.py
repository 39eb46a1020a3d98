"""Copies of the store that people ask for, and the way back."""

from datetime import UTC, datetime
from pathlib import Path

from execution import engine
from execution.errors import StoreRefusedError, UsageError
from execution.store import journal, lock, migrations, publishing
from execution.store.copying import copy
from execution.workspace import Workspace


def before_migration(workspace: Workspace, con: engine.Connection) -> Path | None:
    """A copy of the attached store at its old version, or None for a new one."""
    old = migrations.version(con)
    if old == 0:
        return None
    con.execute("CHECKPOINT store")
    target = workspace.data / "backups" / f"before-migration-{old + 1}.duckdb"
    target.parent.mkdir(parents=True, exist_ok=True)
    copy(workspace.store_file, target)
    return target


def backup(workspace: Workspace, target: Path | None = None, *, timeout_s: float = lock.DEFAULT_TIMEOUT_S) -> Path:
    """Copy the store to `target`, by default a dated file in data/backups; the file written.

    Raises UsageError where there is no store or the target exists.
    """
    if not workspace.store_file.exists():
        raise UsageError("there is no store to back up", hint="run `gtm sync` first", code="E202")
    target = target or _dated(workspace, "gtm")
    if target.exists():
        raise UsageError(f"{target} exists", hint="name another file; a backup never overwrites", code="E203")
    target.parent.mkdir(parents=True, exist_ok=True)
    with lock.held(workspace, timeout_s=timeout_s):
        _fold_log(workspace)
        partial = target.with_suffix(target.suffix + ".partial")
        copy(workspace.store_file, partial)
        partial.replace(target)
    journal.append(workspace, "backup", {"file": target.name, "bytes": target.stat().st_size})
    return target


def restore(workspace: Workspace, file: Path, *, timeout_s: float = lock.DEFAULT_TIMEOUT_S) -> Path | None:
    """Put a backup in the store's place and publish it; the former store is kept, and its copy's path returned.

    Raises StoreRefusedError where the file is no gtm store of a version this gtm knows.
    """
    _require_store(file)
    with lock.held(workspace, timeout_s=timeout_s):
        kept = None
        if workspace.store_file.exists():
            _fold_log(workspace)
            kept = _dated(workspace, "before-restore")
            kept.parent.mkdir(parents=True, exist_ok=True)
            copy(workspace.store_file, kept)
        partial = workspace.store_file.with_suffix(".restoring")
        copy(file, partial)
        partial.replace(workspace.store_file)
        changes = _count_past_publication(workspace)
        publishing.publish(workspace, changes)
    journal.append(workspace, "restore", {"file": file.name, "kept": kept.name if kept else None})
    return kept


def _dated(workspace: Workspace, name: str) -> Path:
    """A file in data/backups that does not exist yet, named after the moment."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    return workspace.data / "backups" / f"{name}-{stamp}.duckdb"


def _require_store(file: Path) -> None:
    try:
        con = engine.read_only(file)
    except engine.Error as error:
        raise StoreRefusedError(f"{file} is not a store: {str(error).splitlines()[0]}", code="E422") from None
    try:
        if not 0 < migrations.version(con) <= len(migrations.STEPS):
            raise StoreRefusedError(
                f"{file} is not a store of this gtm", hint="restore a file that `gtm db backup` wrote", code="E422"
            )
    finally:
        con.close()


def _fold_log(workspace: Workspace) -> None:
    """Open and close the store, so that its one file holds everything."""
    con = engine.memory()
    with engine.attached(con, workspace.store_file, "store", write=True):
        con.execute("CHECKPOINT store")
    con.close()


def _count_past_publication(workspace: Workspace) -> int:
    """The restored store's change count, raised past the publication's so that it counts as news."""
    before = publishing.current(workspace)
    con = engine.memory()
    with engine.attached(con, workspace.store_file, "store", write=True):
        con.execute("UPDATE store.meta.changes SET count = greatest(count, ?) + 1", [before.changes if before else 0])
        row = con.execute("SELECT count FROM store.meta.changes").fetchone()
        con.execute("CHECKPOINT store")
    con.close()
    return int(row[0]) if row else 0
