"""`gtm approvals` and `gtm tasks`: what waits for somebody's word, and what is on somebody's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from execution.bootstrap.alerts import changing, latest
from execution.bootstrap.persons import acting
from execution.runs.steps import DEFAULT_TIMEOUT_S
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.actions.approvals import Waiting
    from execution.actions.tasks import Task

Decision = Literal["approved", "denied"]


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of which actions, and by whom."""

    decision: Decision
    who: str
    actions: "tuple[Waiting, ...]"


def waiting(workspace: Workspace) -> "tuple[Waiting, ...]":
    """Every action that waits for a person, what expires first at the top."""
    from execution import store
    from execution.actions import approvals

    with latest(workspace) as (con, _):
        return tuple(approvals.listing(con)) if store.has_table(con, "ops", "approvals") else ()


def decide(
    workspace: Workspace,
    decision: Decision,
    ids: Sequence[str],
    *,
    by: str | None = None,
    note: str = "",
    now: datetime | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> Decided:
    """Approve or deny actions by the beginning of their ids; all of them or none.

    Raises UsageError where nothing waits under one, or where it is not this person's word that is waited for.
    """
    from execution.actions import approvals

    moment = now or datetime.now(UTC)
    with changing(workspace, timeout_s) as (con, program):
        who = acting(workspace, program, by)
        say = approvals.approve if decision == "approved" else approvals.deny
        return Decided(decision, who.name, tuple(say(con, program, ids, who.person or who.name, moment, note)))


def tasks(workspace: Workspace, *, assignee: str | None = None, done: bool = False) -> "tuple[Task, ...]":
    """Tasks that alerts gave people, what is due first at the top; with `done` those that are done too."""
    from execution import store
    from execution.actions import tasks as kept

    with latest(workspace) as (con, program):
        who = acting(workspace, program, assignee).person or assignee if assignee else None
        return kept.listing(con, assignee=who, done=done) if store.has_table(con, "ops", "tasks") else ()


def finish(
    workspace: Workspace,
    ids: Sequence[str],
    *,
    by: str | None = None,
    now: datetime | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> "tuple[Task, ...]":
    """Tick tasks off. Raises UsageError for one that is not there."""
    from execution.actions import tasks as kept

    with changing(workspace, timeout_s) as (con, program):
        return kept.finish(con, ids, acting(workspace, program, by).name, now or datetime.now(UTC))
