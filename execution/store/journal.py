"""The journal: one line of JSON for every run, backup, restore and edit that flowed back. Appended to, never changed.

It lies outside the database, so a run that changed nothing writes nothing there, and it survives a restore.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from execution.workspace import Workspace


def path(workspace: Workspace) -> Path:
    """Where the journal is."""
    return workspace.logs / "journal.jsonl"


def append(workspace: Workspace, kind: str, entry: Mapping[str, Any]) -> None:
    """Add one entry, on disk before this returns. Lines of several processes never mix."""
    file = path(workspace)
    file.parent.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"at": at, "kind": kind, **entry}, ensure_ascii=False, default=str) + "\n"
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        end = os.fstat(descriptor).st_size
        whole = end == 0 or os.pread(descriptor, 1, end - 1) == b"\n"
        os.write(descriptor, (line if whole else "\n" + line).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def entries(workspace: Workspace, kind: str | None = None) -> Iterator[dict[str, Any]]:
    """Entries, newest first; of one kind if named. A line cut short by a crash is passed over."""
    for line in _lines_backwards(path(workspace)):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and (kind is None or entry.get("kind") == kind):
            yield entry


def began(entry: Mapping[str, Any]) -> datetime | None:
    """When the run of an entry began; None of an entry that is no run's.

    This is the moment a source was read, wherever one is told: the vendor was asked for all that was so by then, and
    what happened while the run went on may be in or not. When the run ended says nothing of the data.
    """
    try:
        found = datetime.fromisoformat(str(entry.get("started")))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _lines_backwards(file: Path, chunk: int = 1 << 16) -> Iterator[bytes]:
    """The file's lines from the last to the first, reading only as far as the caller goes."""
    if not file.exists():
        return
    with file.open("rb") as stream:
        position = stream.seek(0, os.SEEK_END)
        tail = b""
        while position > 0:
            step = min(chunk, position)
            position = stream.seek(position - step)
            first, *rest = (stream.read(step) + tail).split(b"\n")
            yield from reversed([line for line in rest if line])
            tail = first
        if tail:
            yield tail
