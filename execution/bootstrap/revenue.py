"""`gtm revenue`: recurring revenue as the published store has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from execution.runs.session import Session, open_session
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.engine import Connection
    from execution.revenue.answers import Bridge, Told


def bridge(workspace: Workspace, *, first: date | None, last: date | None, by: str, entity: str) -> "Bridge":
    """The movements of recurring revenue, period by period, by default over the last twelve months."""
    from execution.revenue import answers

    with _published(workspace) as (con, session):
        span = answers.span_of(con, first, last or today())
        return answers.bridge(con, session.program, span, by=by, entity=entity)


def cohorts(workspace: Workspace, *, as_of: date | None, entity: str) -> "Told":
    """What became of the customers that began in each month."""
    from execution.revenue import answers

    with _published(workspace) as (con, session):
        return answers.cohorts(con, session.program, as_of or today(), entity=entity)


def churned(workspace: Workspace, *, first: date | None, last: date | None, entity: str) -> "Told":
    """Who left, by default within the last twelve months."""
    from execution.revenue import answers

    with _published(workspace) as (con, session):
        span = answers.span_of(con, first, last or today())
        return answers.churned(con, session.program, span, entity=entity)


def customer(workspace: Workspace, name: str, *, as_of: date | None) -> "Told":
    """The steps of one customer's or account's subscriptions."""
    from execution.revenue import answers

    with _published(workspace) as (con, session):
        return answers.customer(con, session.program, name, as_of or today())


def today() -> date:
    """The day it is, in UTC."""
    return datetime.now(UTC).date()


@contextmanager
def _published(workspace: Workspace) -> Iterator[tuple["Connection", Session]]:
    from execution import store

    session = open_session(workspace)
    with store.reader(workspace) as con:
        yield con, session
