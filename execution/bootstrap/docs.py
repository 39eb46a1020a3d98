"""`gtm docs`: the pages about the directives, written or checked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from execution.directives import read_folder
from execution.runs.checked import program_of
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.docs import Page


@dataclass(frozen=True, slots=True)
class Documented:
    """The pages there are, those that were written, and those that are stale with what would change in them."""

    pages: tuple[str, ...]
    written: tuple[str, ...]
    stale: dict[str, str]

    @property
    def exit_code(self) -> int:
        return int(bool(self.stale))


def write(workspace: Workspace) -> Documented:
    """Write the pages that say something else than the directives. Raises DirectiveError where these do not hold."""
    from execution import docs

    pages = _pages(workspace)
    return Documented(tuple(page.path for page in pages), docs.write(workspace.root, pages), {})


def check(workspace: Workspace) -> Documented:
    """Say which pages are stale, and write nothing."""
    pages = _pages(workspace)
    return Documented(tuple(page.path for page in pages), (), {page.path: page.diff for page in pages if page.is_stale})


def _pages(workspace: Workspace) -> "tuple[Page, ...]":
    from execution import docs

    program = program_of(workspace, read_folder(workspace.root)).require_valid()
    return docs.compared(workspace.root, docs.pages(program))
