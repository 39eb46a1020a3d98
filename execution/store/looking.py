"""Looking into the store itself, not its last publication, without writing: under the lock, since it may be written."""

from collections.abc import Iterator
from contextlib import contextmanager

from execution import engine
from execution.store import lock
from execution.workspace import Workspace


@contextmanager
def looking(workspace: Workspace, *, timeout_s: float = lock.DEFAULT_TIMEOUT_S) -> Iterator[engine.Connection]:
    """The store as it is now, current on a connection that cannot write to it; empty where there is none yet.

    Raises StoreBusyError when another process holds the store for longer than `timeout_s`.
    """
    con = engine.memory()
    try:
        with lock.held(workspace, timeout_s=timeout_s):
            if not workspace.store_file.exists():
                yield con
                return
            with engine.attached(con, workspace.store_file, "store"):
                con.execute("USE store")
                yield con
    finally:
        con.close()
