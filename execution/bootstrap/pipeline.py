"""`gtm sync`, `score`, `report` and `status`: one step each, on the files as they are."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, overload

from execution.errors import UsageError
from execution.runs import steps
from execution.runs.session import open_session
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.reports import Form, Wish
    from execution.runs.freshness import Status
    from execution.sync.forecast import Forecast
    from execution.sync.plan import Options
    from execution.sync.results import Progress, RunResult


def sync(
    workspace: Workspace,
    sources: Sequence[str] = (),
    *,
    options: "Options | None" = None,
    progress: "Progress | None" = None,
    now: datetime | None = None,
    publish_anyway: bool = False,
) -> "RunResult":
    """Bring the sources into the store. A source that fails is in the result; the others are committed."""
    session = open_session(workspace)
    return steps.sync(session, sources, options=options, progress=progress, now=now, publish_anyway=publish_anyway)


def sync_plan(
    workspace: Workspace,
    sources: Sequence[str],
    options: "Options",
    now: datetime | None = None,
    *,
    probe: bool = False,
) -> "Forecast":
    """What `sync` would ask, how much that is and how long it takes; nobody is asked.

    With `probe` the connected sources are, for one page of each stream whose vendor tells how many there are; one that
    does not answer is forecast without, and says so.
    """
    from execution.runs import planning

    session = open_session(workspace)
    survey = planning.survey(session, sources, options, now or datetime.now(UTC))
    if not probe:
        return planning.planned(session, survey)
    from execution.bootstrap.probing import probe as ask

    return planning.planned(session, survey, ask(session, survey))


def score(
    workspace: Workspace,
    as_of: datetime | None = None,
    *,
    timeout_s: float = steps.DEFAULT_TIMEOUT_S,
    publish_anyway: bool = False,
) -> steps.Scored:
    """Measures, quality and health scores as of a moment, by default now."""
    moment = as_of or datetime.now(UTC)
    return steps.score(open_session(workspace), moment, timeout_s=timeout_s, publish_anyway=publish_anyway)


def report(
    workspace: Workspace,
    names: Sequence[str] = (),
    as_of: datetime | None = None,
    wish: "Wish | None" = None,
    forms: "Collection[Form]" = (),
    *,
    deliver: bool = False,
) -> steps.Reported:
    """The named reports, by default all; delivered too, where that is asked for."""
    moment = as_of or datetime.now(UTC)
    return steps.write_reports(open_session(workspace), names, moment, wish, forms, deliver=deliver)


def wish(
    user: str | None = None, period: str | None = None, compare: str | None = None, *, goals: bool = True
) -> "Wish":
    """What somebody asks of a report, in words. Raises UsageError for a period or a comparison that is none."""
    from execution.directives.model import COMPARISONS, parse_period
    from execution.reports import Wish

    try:
        asked = parse_period(period) if period is not None else None
    except ValueError as error:
        raise UsageError(str(error), hint=getattr(error, "hint", ""), code="E292") from None
    found = next((each for each in COMPARISONS if each == compare), None)
    if compare is not None and found is None:
        raise UsageError(
            f"'{compare}' is nothing to compare with", hint=f"write one of {', '.join(COMPARISONS)}", code="E292"
        )
    return Wish(user, asked, found, () if goals else ("goals",))


def status(workspace: Workspace, now: datetime | None = None) -> "Status":
    """How fresh each source is."""
    from execution.runs import freshness

    return freshness.status(open_session(workspace), now or datetime.now(UTC))


@overload
def moment(text: str) -> datetime: ...
@overload
def moment(text: str | None) -> datetime | None: ...
def moment(text: str | None) -> datetime | None:
    """`2026-01-31`, `2026-01-31T12:00`, `…+02:00` or `…Z` as an aware time, a bare date its end of day in UTC.

    Raises UsageError for anything else.
    """
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is not a time", hint="write it as 2026-01-31 or 2026-01-31T12:00:00Z", code="E223"
        ) from None
    if len(text) <= len("2026-01-31"):
        parsed = parsed.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@overload
def morning(text: str) -> datetime: ...
@overload
def morning(text: str | None) -> datetime | None: ...
def morning(text: str | None) -> datetime | None:
    """The same as `moment`, but a bare date is its beginning in UTC."""
    is_bare = text is not None and len(text) <= len("2026-01-31")
    return moment(f"{text}T00:00" if is_bare else text)


def duration(text: str | None) -> timedelta | None:
    """`4h`, `7d` as a length of time. Raises UsageError for anything else."""
    from execution.directives.model import parse_duration

    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(str(error), hint="as in 4h, 24h or 7d", code="E216") from None
