"""Runs that have committed some of a source but not all: until they end, readers go on seeing what was whole before.

A run marks a source with its first commit and takes the mark away when the source is read to its end. Marks of runs
that were killed, or that failed, count until a later run completes the source; whether a run still lives is known
from a lock that the operating system gives up with its process.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from execution import engine
from execution.workspace import Workspace


@contextmanager
def living(workspace: Workspace, run: str) -> Iterator[None]:
    """While this lasts, `is_alive` says so to every process."""
    from filelock import FileLock

    folder = workspace.data / "running"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{run}.lock"
    with FileLock(file, thread_local=False):
        yield
    file.unlink(missing_ok=True)


def is_alive(workspace: Workspace, run: str) -> bool:
    """Whether the process of that run is still at it."""
    from filelock import FileLock, Timeout

    file = workspace.data / "running" / f"{run}.lock"
    if not file.exists():
        return False
    lock = FileLock(file, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    file.unlink(missing_ok=True)
    return False


def mark(con: engine.Connection, source: str, run: str) -> None:
    """Note that `run` has begun to change `source`. Inside the transaction that does."""
    con.execute(
        "INSERT INTO meta.unfinished SELECT ?, ? WHERE NOT EXISTS "
        "(SELECT 1 FROM meta.unfinished WHERE source = ? AND run = ?)",
        [source, run, source, run],
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """What must wait at the end of a run. `waiting`: sources of which not everything is stored. `busy`: those among
    them that the run itself completed, but another living run is in the middle of."""

    waiting: frozenset[str]
    busy: frozenset[str]


def settle(con: engine.Connection, run: str, complete: Sequence[str], is_living: Callable[[str], bool]) -> Settled:
    """Take away the marks that `run` has made good by reading the `complete` sources whole."""
    marks = con.execute("SELECT source, run FROM meta.unfinished").fetchall()
    done = [(source, other) for source, other in marks if source in complete and (other == run or not is_living(other))]
    if done:
        with engine.transaction(con):
            for source, other in done:
                con.execute("DELETE FROM meta.unfinished WHERE source = ? AND run = ?", [source, other])
    waiting = frozenset(source for source, other in marks if (source, other) not in done)
    return Settled(waiting, waiting & frozenset(complete))
