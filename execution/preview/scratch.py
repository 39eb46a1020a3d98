"""Private copies of the published store on which directives are tried; nobody sees what is done to them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from execution import engine, health, store, triggers
from execution.directives import Program
from execution.store.copying import copy
from execution.sync.deriving import derive as unify
from execution.workspace import Workspace

BEFORE, AFTER = "before", "after"


@contextmanager
def tried(workspace: Workspace, before: Program | None, after: Program, as_of: datetime) -> Iterator[engine.Connection]:
    """A connection to two copies of the published store, `before` and `after`, each brought to what its directives say
    as of a moment; without a program `before` is the store as it was published.

    Raises StoreError before the first publication, GtmError where directives do not hold on the data.
    """
    published = store.newest(workspace)
    with ExitStack() as stack:
        room = workspace.data / "tmp"
        room.mkdir(parents=True, exist_ok=True)
        folder = Path(stack.enter_context(TemporaryDirectory(dir=room, prefix="plan-")))
        con = stack.enter_context(engine.memory(temp_dir=folder))
        for name, program in ((BEFORE, before), (AFTER, after)):
            file = folder / f"{name}.duckdb"
            copy(published.file, file)
            stack.enter_context(engine.attached(con, file, name, write=True))
            if program is not None:
                con.execute(f"USE {name}")
                _apply(con, program, as_of)
        yield con


def _apply(con: engine.Connection, program: Program, as_of: datetime) -> None:
    failures = unify(con, program, as_of).failures
    if failures:
        raise failures[0]
    health.derive(con, program, as_of)
    triggers.run(con, program, _looked_at(con, as_of))


def _looked_at(con: engine.Connection, as_of: datetime) -> datetime:
    """When rules are looked at: never before the last time that they were, for alerts know no way back."""
    row = con.execute("SELECT max(as_of) FROM ops.trigger_runs").fetchone()
    last = row[0] if row else None
    return as_of if last is None else max(as_of, last.replace(tzinfo=UTC))
