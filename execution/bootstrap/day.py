"""`gtm day`: the plan of one person's day, of who calls where nobody is named."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from execution.bootstrap import pipeline
from execution.bootstrap.persons import VARIABLE, acting
from execution.errors import UsageError
from execution.runs import steps
from execution.runs.session import open_session
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.directives import Program
    from execution.reports import Composed

REPORT = "day"
"""The report directive that says which steps a day has."""


def plan(
    workspace: Workspace, user: str | None = None, now: datetime | None = None, *, goals: bool = True
) -> "Composed":
    """The day of a person, put together and not written.

    Raises UsageError where the team has nobody of that name, or nobody is named and who calls is not of the team.
    """
    session = open_session(workspace)
    whose = user or _caller(workspace, session.program)
    (found,) = steps.composed(session, [REPORT], now or datetime.now(UTC), pipeline.wish(whose, goals=goals))
    return found


def save(workspace: Workspace, plan: "Composed") -> Path:
    """Keep it where the report's directive says; what people wrote in the day's file stays. Where they edited the block
    itself, the new one is beside it."""
    from execution import reports

    return reports.write(workspace, plan).path


def _caller(workspace: Workspace, program: "Program") -> str:
    """Who calls, as the team directive names them."""
    found = acting(workspace, program)
    if found.person is None:
        people = ", ".join(program.team.people) if program.team else "nobody yet"
        hint = f"write `gtm day PERSON`, one of {people}; or set {VARIABLE}"
        raise UsageError(f"whose day it is cannot be told: {found.name} is nobody of the team", hint=hint, code="E214")
    return found.person
