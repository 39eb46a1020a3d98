"""Boxes that people ticked in `tasks.md`: the tasks are finished in the store, before anything is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from execution import store
from execution.actions import tasks as kept
from execution.files import managed, writing
from execution.folders import tasks
from execution.folders.remembered import Remembered
from execution.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Ticked:
    """A file with ticked boxes: its path from the workspace's root, and the beginnings of the tasks' ids."""

    path: str
    ids: tuple[str, ...]


def finish(workspace: Workspace, now: datetime, timeout_s: float = store.DEFAULT_TIMEOUT_S) -> tuple[str, ...]:
    """Finish the tasks whose boxes were ticked since `tasks.md` was written; their ids, whether or not they were open.

    Who did it is the file: that is all that is known. Raises StoreBusyError where another process holds the store too
    long; the ticks stay then, and the next run takes them up.
    """
    found = tuple(_ticked(workspace))
    if not found:
        return ()
    done: list[str] = []
    with store.writer(workspace, timeout_s=timeout_s, then_publish=True) as con:
        there = {task.task: task for task in kept.listing(con) + kept.listing(con, done=True)}
        for file in found:
            ids = tasks.known(file.ids, there)
            kept.finish(con, ids, file.path, now)
            done += ids
    for file in found:
        _restore(workspace, workspace.root / file.path)
    return tuple(done)


def _ticked(workspace: Workspace) -> Iterator[Ticked]:
    remembered = Remembered(workspace)
    for path in sorted(workspace.customers.glob("*/tasks.md")):
        shown = path.relative_to(workspace.root).as_posix()
        if path.parent.name.startswith(".") or not remembered.is_touched(shown):
            continue
        text = _text(path)
        ids = _ids(text) if text else ()
        if ids:
            yield Ticked(shown, ids)


def _ids(text: str) -> tuple[str, ...]:
    try:
        return tasks.ticked(text)
    except managed.Broken:  # it is told when the file is to be written
        return ()


def _restore(workspace: Workspace, path: Path) -> None:
    """Empty the boxes again where ticks are all that was changed in the block: it is no edit then."""
    text = _text(path)
    restored = tasks.unticked(text) if text else None
    if restored is not None:
        writing.write_over(workspace.root, path, text, restored)


def _text(path: Path) -> str | None:
    try:
        return writing.read(path)
    except (OSError, UnicodeDecodeError):
        return None
