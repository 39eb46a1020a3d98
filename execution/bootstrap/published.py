"""The published store beside the directives as they are, and whose address somebody means: what looking needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from execution.directives import Program, read_folder
from execution.directives.model import Entity
from execution.errors import UsageError
from execution.runs.checked import program_of
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.engine import Connection


@contextmanager
def published(workspace: Workspace) -> Iterator[tuple["Connection", Program]]:
    """The published store and the program of the files. Raises DirectiveError where they do not hold."""
    from execution import store

    program = program_of(workspace, read_folder(workspace.root)).require_valid()
    with store.reader(workspace) as con:
        yield con, program


@contextmanager
def private_copy(workspace: Workspace) -> Iterator[tuple["Connection", Program]]:
    """A copy of the published store that may be changed and is thrown away, as the current database."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from execution import engine, store
    from execution.store.copying import copy

    with published(workspace) as (_, program):
        publication = store.current(workspace)
    room = workspace.data / "tmp"
    room.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=room, prefix="look-") as folder:
        file = Path(folder) / "store.duckdb"
        if publication is not None:
            copy(publication.file, file)
        con = engine.memory(temp_dir=Path(folder))
        try:
            with engine.attached(con, file, "store", write=True):
                con.execute("USE store")
                yield con, program
        finally:
            con.close()


def by_email(program: Program) -> Entity:
    """The entity whose rows are people, known by their address."""
    found = [entity for entity in program.entities.values() if entity.rows == "shared" and entity.key == "email"]
    if not found:
        raise UsageError("no entity is keyed by e-mail", hint="declare one in directives/data-model/", code="E212")
    return min(found, key=lambda entity: (entity.name != "customers", entity.name))


def known_key(con: "Connection", entity: Entity, email: str) -> str:
    """An address as the store has it. Raises UsageError, naming the nearest, where it does not."""
    from difflib import get_close_matches

    from execution.engine import ident
    from execution.identity.normalise import normalise
    from execution.store import has_table

    key = normalise(email).email or email.strip().lower()
    near: list[str] = []
    if has_table(con, "core", entity.name):
        table, column = ident("core", entity.name), ident(entity.key)
        if con.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", [key]).fetchone():
            return key
        local, _, domain = key.partition("@")
        like = con.execute(
            f"SELECT {column} FROM {table} WHERE contains({column}, ?) OR starts_with({column}, ?) ORDER BY 1 LIMIT 99",
            [f"@{domain}", local[:3]],
        ).fetchall()
        near = get_close_matches(key, [row[0] for row in like], n=3, cutoff=0.75)
    hint = f"do you mean {' or '.join(near)}?" if near else "`gtm query` finds them: select email from core.customers"
    raise UsageError(f"there is no customer {key!r}", hint=hint, code="E224")
