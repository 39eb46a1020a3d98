"""`gtm report`: which reports there are, one of them put together, and in which forms."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from execution.errors import UsageError
from execution.runs import steps
from execution.runs.session import open_session
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.reports import Composed, Form, Wish


def listing(workspace: Workspace) -> list[dict[str, Any]]:
    """Every report by area and name: for whom, about which time, and what it has."""
    program = open_session(workspace).program
    found = sorted(program.reports.values(), key=lambda report: (report.area, report.name))
    return [
        {
            "name": report.name,
            "area": report.area,
            "title": report.title or report.name,
            "audience": report.audience,
            "period": report.period.text,
            "roles": list(report.roles),
            "sections": list(report.sections),
        }
        for report in found
    ]


def composed(workspace: Workspace, names: Sequence[str], as_of: datetime | None, wish: "Wish") -> "list[Composed]":
    """The named reports, put together and not written; a personal one for everybody of its roles, or the one asked."""
    return steps.composed(open_session(workspace), names, as_of or datetime.now(UTC), wish)


def forms(asked: Sequence[str]) -> "tuple[Form, ...]":
    """The forms by their names; Markdown is always written. Raises UsageError for one that there is not."""
    from execution.reports import FORMS

    for word in asked:
        if word not in FORMS:
            raise UsageError(f"there is no format {word!r}", hint=f"write one of {', '.join(FORMS)}", code="E293")
    return tuple(form for form in FORMS if form in asked)
