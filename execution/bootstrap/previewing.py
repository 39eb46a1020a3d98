"""`gtm plan`: which directives are compared with which."""

from datetime import datetime

from execution.directives import Program, Texts, read_folder
from execution.preview import Plan
from execution.preview import plan as worked_out
from execution.runs.checked import program_of
from execution.runs.session import at_ref, is_held_by_git
from execution.workspace import Workspace


def plan(
    workspace: Workspace,
    *,
    from_ref: str | None = None,
    against: str | None = None,
    as_of: datetime | None = None,
    top: int,
) -> Plan:
    """What the files as they are, or the directives of the git ref `from_ref`, would change.

    Compared with those of the ref `against`, by default the last commit: what a scheduled run takes. In a workspace
    that git does not hold it is the published store that they are compared with. Raises DirectiveError where either do
    not hold, UsageError for a ref that is not there.
    """
    written = read_folder(workspace.root)
    after = at_ref(workspace.root, from_ref, written) if from_ref else written
    baseline = against or ("HEAD" if is_held_by_git(workspace.root) else None)
    before = _program(workspace, at_ref(workspace.root, baseline, written)) if baseline else None
    return worked_out(
        workspace,
        _program(workspace, after),
        before=before,
        baseline=f"git {baseline}" if baseline else "the published store",
        planned=f"git {from_ref}" if from_ref else "the files",
        as_of=as_of,
        top=top,
    )


def _program(workspace: Workspace, texts: Texts) -> Program:
    return program_of(workspace, texts).require_valid()
