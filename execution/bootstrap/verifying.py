"""`gtm verify`: files of people and agents, and generated ones, against the published store."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from execution.bootstrap.pipeline import moment
from execution.directives import Program, read_folder
from execution.errors import Problem, UsageError
from execution.runs.checked import program_of
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.engine import Connection
    from execution.proof.verifying import FileChecked


@dataclass(frozen=True, slots=True)
class Stale:
    """A source whose data is older than its directive allows; `read_at` is None where it was never read whole."""

    source: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Verified:
    """Every file, and what it was held against: which publication, made when, and the sources that are stale in it."""

    files: "tuple[FileChecked, ...]"
    publication: int
    published_at: datetime
    stale: tuple[Stale, ...]
    strict: bool

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(problem for file in self.files for problem in file.problems(strict=self.strict))

    @property
    def exit_code(self) -> int:
        return int(bool(self.problems))


def verify(
    workspace: Workspace, paths: Sequence[Path], *, strict: bool = False, as_of: datetime | None = None
) -> Verified:
    """Hold files, and every Markdown file in folders, against the published store.

    Raises UsageError for a path that is not there, StoreError before the first publication.
    """
    from execution import store
    from execution.directives.locating import Places
    from execution.proof.bounded import Asking
    from execution.proof.cells import Ground
    from execution.proof.redrawing import Sheet
    from execution.proof.verifying import verify as verify_files
    from execution.store.publishing import made_at

    files = {_shown(workspace, file): file for path in paths for file in _files(workspace, path)}
    now = as_of or datetime.now(UTC)
    publication = store.newest(workspace)
    texts = read_folder(workspace.root)
    program = program_of(workspace, texts).require_valid()
    with store.reader(workspace, locked_down=True) as con:
        ground = Ground(con, program, moment)
        sheet = Sheet(ground, workspace, now)
        checked = verify_files(sheet, Places(texts), Asking(con.cursor(), ground), files)
        stale = _stale(con, program, now)
    return Verified(tuple(checked), publication.number, made_at(publication), stale, strict)


def _files(workspace: Workspace, path: Path) -> Iterator[Path]:
    """The file itself, or every Markdown file below a folder; nothing hidden, and no link is followed."""
    found = _place(workspace, path)
    if not found.is_dir():
        yield found
        return
    for at, folders, names in os.walk(found):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(at, name) for name in sorted(names) if name.endswith(".md") and not name.startswith("."))


def _place(workspace: Workspace, path: Path) -> Path:
    """What a path means: relative to the workspace where it leads to something there, else to where one is."""
    there = [each for each in (path, workspace.root / path) if each.exists() or each.is_symlink()]
    if not there:
        raise UsageError(f"{path} is not there", hint="name Markdown files, or folders of them", code="E262")
    inside = [each for each in there if _absolute(each).is_relative_to(workspace.root)]
    return (inside or there)[0]


def _absolute(path: Path) -> Path:
    """The whole path; a link is one where it lies, not where it leads."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def _shown(workspace: Workspace, file: Path) -> str:
    absolute = _absolute(file)
    is_inside = absolute.is_relative_to(workspace.root)
    return absolute.relative_to(workspace.root).as_posix() if is_inside else str(file)


def _stale(con: "Connection", program: Program, now: datetime) -> tuple[Stale, ...]:
    """Enabled sources that the publication has older than their directives allow."""
    read = dict(con.execute("SELECT source, max(completed_at) FROM meta.sources GROUP BY source").fetchall())
    found = []
    for name, source in sorted(program.sources.items()):
        at = read.get(name)
        read_at = at.replace(tzinfo=UTC) if at is not None else None
        is_late = read_at is not None and source.freshness is not None and now - read_at > source.freshness.error
        if source.enabled and is_late:
            found.append(Stale(name, read_at))
    return tuple(found)
