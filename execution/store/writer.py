"""Writing to the store: attach its file to the process's in-memory database for as short a time as possible."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from execution import engine
from execution.errors import StoreError
from execution.store import backups, holding, lock, migrations, publishing, tidying
from execution.workspace import Workspace


@contextmanager
def writer(
    workspace: Workspace,
    *,
    con: engine.Connection | None = None,
    timeout_s: float = lock.DEFAULT_TIMEOUT_S,
    then_publish: bool = False,
) -> Iterator[engine.Connection]:
    """The store, locked, migrated and current on the connection; closed again at the end.

    Work goes into `change(con)` transactions. `con` is a connection to the caller's in-memory database, whose own
    tables are then `memory.main.<table>`; without one a new database is made. With `then_publish` the store is
    published at the end if anything in it is newer than the publication, and nothing holds it back.

    Raises StoreBusyError when another process holds the store for longer than `timeout_s`.
    """
    own = con is None
    con = engine.memory() if con is None else con
    try:
        with lock.held(workspace, timeout_s=timeout_s):
            with _attached(workspace, con):
                if own:
                    engine.suit_threads(con, "store")
                yield con
                count, has_something = changes(con), then_publish and has_news(workspace, con)
                held = holding.reasons(con) if has_something else None
                if has_something and not held:
                    tidying.tidy_now_and_then(con, count)
                    con.execute("CHECKPOINT store")
            if held:
                publishing.hold_back(workspace, *held)
            elif has_something:
                publishing.publish(workspace, count)
    finally:
        if own:
            con.close()


@contextmanager
def _attached(workspace: Workspace, con: engine.Connection) -> Iterator[None]:
    try:
        attachment = engine.attached(con, workspace.store_file, "store", write=True)
        attachment.__enter__()
    except engine.Error as error:
        raise StoreError(
            f"the store cannot be opened: {str(error).splitlines()[0]}",
            hint="`gtm db restore` puts back one of the copies in data/published",
            code="E404",
        ) from error
    try:
        con.execute("USE store")
        if migrations.pending(con):
            backups.before_migration(workspace, con)
            migrations.migrate(con)
        yield
    finally:
        attachment.__exit__(None, None, None)


def has_news(workspace: Workspace, con: engine.Connection) -> bool:
    """Whether the store, current on `con`, has changed since it was last published."""
    publication = publishing.current(workspace)
    return publication is None or changes(con) > publication.changes


def publish_news(
    workspace: Workspace, *, con: engine.Connection | None = None, timeout_s: float = lock.DEFAULT_TIMEOUT_S
) -> int | None:
    """Publish the store if anything in it is newer than the publication; the new publication's number, if any."""
    before = publishing.current(workspace)
    with writer(workspace, con=con, timeout_s=timeout_s, then_publish=True):
        pass
    after = publishing.current(workspace)
    return after.number if after and after != before else None


def changes(con: engine.Connection) -> int:
    """How many changing transactions the store has had."""
    row = con.execute("SELECT count FROM meta.changes").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def change(con: engine.Connection, *, is_news: Callable[[], bool] | None = None) -> Iterator[None]:
    """A transaction that changes what readers see: counted, so that it is known to need publishing. With `is_news` only
    where that says so in the end."""
    with engine.transaction(con):
        yield
        if is_news is None or is_news():
            con.execute("UPDATE meta.changes SET count = count + 1")


def made_from(con: engine.Connection, step: str) -> str | None:
    """What a step's stored result was made from, or None where it was never made."""
    row = con.execute("SELECT made_from FROM meta.steps WHERE step = ?", [step]).fetchone()
    return str(row[0]) if row else None


def all_made_from(con: engine.Connection) -> dict[str, str]:
    """The same of every step."""
    return dict(con.execute("SELECT step, made_from FROM meta.steps").fetchall())


def record_made(con: engine.Connection, step: str, fingerprint: str, now: object) -> None:
    """Note inside the transaction that makes it what a step's result was made from."""
    con.execute("DELETE FROM meta.steps WHERE step = ?", [step])
    con.execute("INSERT INTO meta.steps VALUES (?, ?, ?)", [step, fingerprint, now])
