"""Who is at the keyboard: somebody of the team where that can be told."""

import getpass
import os
import subprocess
from dataclasses import dataclass

from execution.directives import Program
from execution.errors import UsageError
from execution.workspace import Workspace

VARIABLE = "GTM_USER"
"""The variable of the environment that says who acts."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Under which name an act is recorded, and which person of the team that is, if one."""

    name: str
    person: str | None = None


def acting(workspace: Workspace, program: Program, by: str | None = None) -> Acting:
    """`by`, else $GTM_USER, else whom git knows here, else the machine's user, by the name that the team directive has.

    Raises UsageError where `by` or the variable names nobody of the team, if there is one.
    """
    said = by or os.environ.get(VARIABLE, "").strip() or None
    people = program.team.people if program.team else {}
    for known in [said] if said else [_of_git(workspace), _of_machine()]:
        wanted = (known or "").strip().lower()
        for name, person in people.items():
            if wanted and wanted in (name, person.email, person.name.lower()):
                return Acting(person.name, name)
    if said and people:
        hint = f"write one of: {', '.join(people)}; or add them to {program.team.path if program.team else ''}"
        raise UsageError(f"the team has nobody called {said!r}", hint=hint, code="E214")
    return Acting(said or _of_git(workspace) or _of_machine() or "somebody")


def _of_git(workspace: Workspace) -> str | None:
    try:
        asked = ["git", "-C", str(workspace.root), "config", "user.email"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=5)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def _of_machine() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None
