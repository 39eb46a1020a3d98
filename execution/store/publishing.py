"""Publishing: readers open a finished copy of the store, never the file that is being written.

`data/published/` holds `gtm-<n>.duckdb` copies and `current`, a file with the name of the newest and the number of
changes it contains. The pointer is replaced in one step, so a reader sees a whole publication or the one before.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from execution import engine
from execution.errors import StoreError
from execution.store import holding
from execution.store.copying import copy, sync
from execution.workspace import Workspace

KEPT = 3
"""Copies that stay on disk: the current one, and those that a slow reader or a restore may still want."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One finished copy: its file, its number, and the store's change count when it was made."""

    file: Path
    number: int
    changes: int


def current(workspace: Workspace) -> Publication | None:
    """The newest publication, or None before the first."""
    try:
        pointer = json.loads((workspace.published / "current").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Publication(workspace.published / pointer["file"], pointer["number"], pointer["changes"])


def newest(workspace: Workspace) -> Publication:
    """The newest publication. Raises StoreError before the first."""
    publication = current(workspace)
    if publication is None:
        raise StoreError(
            f"nothing is published yet in {workspace.root.name}/",
            hint="run `gtm sync` first, or `gtm demo` for a store with sample data",
            code="E402",
        )
    return publication


def publish(workspace: Workspace, changes: int) -> Publication:
    """Copy the closed, checkpointed store into a new publication and point to it. Call under the write lock.

    Raises StoreError where the store still has a write-ahead log, that is, was not closed cleanly.
    """
    if workspace.store_file.with_name(workspace.store_file.name + ".wal").exists():
        raise StoreError("the store was not closed before publishing", hint="run the command again", code="E401")
    before = current(workspace)
    number = before.number + 1 if before else 1
    workspace.published.mkdir(parents=True, exist_ok=True)
    new = Publication(workspace.published / f"gtm-{number}.duckdb", number, changes)
    partial = new.file.with_suffix(".partial")
    copy(workspace.store_file, partial)
    partial.replace(new.file)
    _point_to(workspace, new)
    holding.tell(workspace, None)
    _prune(workspace, number)
    return new


def hold_back(workspace: Workspace, since: datetime, reasons: tuple[holding.Reason, ...]) -> None:
    """Leave the last publication in front of readers, and tell them why. Call under the write lock."""
    stays = current(workspace)
    made = made_at(stays) if stays else None
    number = stays.number if stays else None
    holding.tell(workspace, holding.Held(since.replace(tzinfo=UTC), reasons, number, made))


def made_at(publication: Publication) -> datetime:
    """When a publication was made."""
    return datetime.fromtimestamp(publication.file.stat().st_mtime, UTC)


def _point_to(workspace: Workspace, new: Publication) -> None:
    pointer = workspace.published / "current.partial"
    pointer.write_text(
        json.dumps({"file": new.file.name, "number": new.number, "changes": new.changes}), encoding="utf-8"
    )
    sync(pointer)
    pointer.replace(workspace.published / "current")
    sync(workspace.published)


def _prune(workspace: Workspace, newest: int) -> None:
    """Remove older copies, and whatever a crash left half-made. An open reader keeps its file until it closes it."""
    keep = {f"gtm-{number}.duckdb" for number in range(newest - KEPT + 1, newest + 1)}
    for file in workspace.published.glob("gtm-*"):
        if file.name not in keep:
            file.unlink(missing_ok=True)


@contextmanager
def reader(workspace: Workspace, *, locked_down: bool = False) -> Iterator[engine.Connection]:
    """A read-only connection on the newest publication. `locked_down`: no files, no network, no settings.

    Raises StoreError before the first publication.
    """
    con = _open_current(workspace, locked_down=locked_down)
    try:
        if not locked_down:
            engine.suit_threads(con)
        yield con
    finally:
        con.close()


def _open_current(workspace: Workspace, *, locked_down: bool) -> engine.Connection:
    for _ in range(5):
        publication = newest(workspace)
        try:
            return engine.read_only(publication.file, locked_down=locked_down)
        except engine.IOError:
            # Pruned between reading the pointer and opening the file: a newer publication is there now.
            if publication.file.exists():
                raise
    raise StoreError("the published store cannot be opened", hint="run `gtm db info`", code="E403")
