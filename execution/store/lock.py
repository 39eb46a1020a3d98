"""One writer at a time: an operating-system lock on the workspace that says who holds it.

The lock itself is the file system's, so it ends with its process however that ends; the note beside it names the holder
for the error message, and, where it is still there, tells that the last one was killed.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from execution.errors import StoreBusyError
from execution.store import mending
from execution.workspace import Workspace

DEFAULT_TIMEOUT_S = 60.0


@contextmanager
def held(workspace: Workspace, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> Iterator[None]:
    """The workspace's write lock. Waits its turn up to `timeout_s`, then raises StoreBusyError naming the holder."""
    from filelock import FileLock, Timeout

    workspace.data.mkdir(parents=True, exist_ok=True)
    note = workspace.lock_file.with_suffix(".holder")
    lock = FileLock(workspace.lock_file, timeout=timeout_s, poll_interval=0.01, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreBusyError(
            f"the store is held by {holder(note)}; waited {timeout_s:g} s",
            hint="wait for it to end, or wait longer with --lock-timeout",
        ) from None
    try:
        if note.exists():  # whoever held it before did not live to take it away
            mending.mend(workspace)
        _sign(note)
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _sign(note: Path) -> None:
    who = {"pid": os.getpid(), "command": " ".join(Path(a).name for a in sys.argv[:3]), "since": _now()}
    note.write_text(json.dumps(who), encoding="utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def holder(note: Path) -> str:
    """Who signed the note, in words; it may be half-written or just gone."""
    try:
        who = json.loads(note.read_text(encoding="utf-8"))
        return f"process {who['pid']} (`{who['command']}`, since {who['since']})"
    except (OSError, ValueError, KeyError):
        return "another process"
