"""What every step needs: a workspace, the program its directives make, and its environment."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from execution.directives import Program, Texts, read_folder, read_git
from execution.directives.reading import PERSONAL
from execution.runs.checked import program_of
from execution.settings import Environment, load_environment
from execution.workspace import Workspace

_LOCAL = "directives/local/"


@dataclass(frozen=True)
class Session:
    """One call's view of a workspace. `notes` are sentences about which directives it runs."""

    workspace: Workspace
    program: Program
    environment: Environment
    notes: tuple[str, ...] = ()


def open_session(workspace: Workspace, *, is_scheduled: bool = False) -> Session:
    """Read and check the directives: the files as they are, or, scheduled, as they were last committed.

    Raises DirectiveError with every problem where they do not hold.
    """
    texts, notes = committed(workspace.root) if is_scheduled else (read_folder(workspace.root), ())
    return Session(workspace, program_of(workspace, texts).require_valid(), load_environment(workspace), notes)


def committed(root: Path) -> tuple[Texts, tuple[str, ...]]:
    """The directives of git HEAD, so that a half-finished edit never runs unattended, and what differs from it.

    Overlays and personal triggers that git ignores cannot be committed; they are taken as they are. A folder that git
    does not hold is read as it is.
    """
    written = read_folder(root)
    if not is_held_by_git(root):
        return written, ("directives are not under git: they run as they are on disk",)
    texts = at_ref(root, "HEAD", written)
    differing = sorted(path for path in texts.keys() | written.keys() if texts.get(path) != written.get(path))
    notes = (f"not committed, so not run: {', '.join(differing)}",) if differing else ()
    return texts, notes


def at_ref(root: Path, ref: str, written: Texts) -> Texts:
    """The directives of a git ref, with those overlays and personal triggers among the `written` ones that git ignores,
    so cannot have.

    Raises UsageError where there is no such ref.
    """
    ignored = _ignored(root, [path for path in written if path.startswith((_LOCAL, PERSONAL))])
    return dict(read_git(root, ref)) | {path: written[path] for path in ignored}


def is_held_by_git(root: Path) -> bool:
    """Whether HEAD has directives of this very folder (a demo inside a repository is in it, yet not held by it)."""
    return bool(_git(root, "ls-tree", "--name-only", "HEAD", "directives/").strip())


def _ignored(root: Path, paths: Sequence[str]) -> list[str]:
    """Those of `paths` that git ignores."""
    if not paths:
        return []
    return _git(root, "check-ignore", "--", *paths).splitlines()


def _git(root: Path, *args: str) -> str:
    """What git answers, or nothing where there is no git, no repository, no commit or no match."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words and paths, no shell
            ["git", "-C", str(root), "-c", "core.quotePath=off", *args],  # noqa: S607 - git is found where the user has it
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
