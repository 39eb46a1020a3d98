"""`kind: report`: who reads it, which time it is about, and what it has."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from execution.directives.model.delivery import Delivery
from execution.directives.model.period import Compare, ReportPeriod
from execution.directives.model.shape import Directive, Name

Area = Literal["personal", "team", "pulse"]


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Report(Directive):
    """A report: who it is for, what period it covers, which sections it has, in order.

    A `personal` one is of one person: `roles` are those of the team for whom it is written where nobody names them.
    `compare` is what its figures are held against where nobody asks for something else. `leave_out` is a condition over
    customers: for whom it holds is on none of its lists of whom to act on. `folder` is where it is written, from the
    workspace, by default its own below `reporting/output/`. `deliver` is where it goes in the end.
    """

    kind: Literal["report"]
    area: Area = "pulse"
    audience: str
    period: ReportPeriod
    compare: Compare | None = None
    roles: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()
    sections: Annotated[tuple[Name, ...], Field(min_length=1)]
    leave_out: str | None = None
    limit: Annotated[int, Field(ge=1)] = 10
    folder: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*$")] | None = None
    deliver: tuple[Delivery, ...] = ()
