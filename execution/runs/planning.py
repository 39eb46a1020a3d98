"""`gtm sync --dry-run`: what a sync would ask for, and how long its rate limits would let it take. Asks nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from execution.directives.model import Source, Stream
from execution.errors import StoreError
from execution.runs.connection import missing
from execution.runs.session import Session
from execution.sync.plan import Options, StreamPlan, StreamState, plan_stream, streams_in_order

_PAGE_SIZES = ("count", "limit", "per_page", "page_size", "pageSize", "size")


@dataclass(frozen=True, slots=True)
class Planned:
    """One stream as it would be read. `requests` is estimated from what the store has of it, None where it has
    nothing to go by; `seconds` is the least that the rate limit lets them take."""

    source: str
    stream: str
    reads: str
    since: datetime | None
    until: datetime
    request: str
    requests: int | None
    seconds: float | None
    connected: bool

    @property
    def duration(self) -> timedelta | None:
        return timedelta(seconds=self.seconds) if self.seconds is not None else None


def planned(session: Session, names: Sequence[str], options: Options, now: datetime) -> tuple[Planned, ...]:
    """Every stream that a sync of the named sources (all enabled ones by default) would read, in order.

    Raises UsageError for an unknown or disabled source.
    """
    from execution.sync.sync_all import chosen, in_order

    found: list[Planned] = []
    for source in in_order(chosen(session.program, names)):
        states = _states(session, source)
        for name in streams_in_order(source):
            if not options.streams or name in options.streams:
                plan = plan_stream(source, name, states.get(name, StreamState()), now, options)
                found.append(_planned(session, source, plan, states))
    return tuple(found)


def _states(session: Session, source: Source) -> dict[str, StreamState]:
    """What the published store knows of the source's streams; nothing before the first publication."""
    from execution import store
    from execution.sync.state import stream_states

    try:
        with store.reader(session.workspace) as con:
            return stream_states(con, source)
    except StoreError:
        return {}


def _planned(session: Session, source: Source, plan: StreamPlan, states: dict[str, StreamState]) -> Planned:
    stream = source.streams[plan.stream]
    limit = stream.rate_limit or source.api.rate_limit
    requests = _requests(source, stream, plan, states)
    seconds = max(0, requests - limit.requests) * limit.per.total_seconds() / limit.requests if requests else None
    return Planned(
        source.name,
        plan.stream,
        plan.mode,
        plan.since,
        plan.until,
        f"{stream.method} {stream.path}",
        requests,
        seconds,
        not missing(source, session.environment),
    )


def _requests(source: Source, stream: Stream, plan: StreamPlan, states: dict[str, StreamState]) -> int | None:
    """At most so many, going by the records and parents that are stored."""
    if stream.each:
        parents = plan.parents or states.get(stream.each, StreamState()).rows
        return parents or None
    if plan.mode == "by feed":
        return None
    rows = states.get(plan.stream, StreamState()).rows
    size = _page_size(source, stream)
    return ceil(rows / size) if rows and size else None


def _page_size(source: Source, stream: Stream) -> int | None:
    """How many records a page has, where the request says so."""
    paginate = stream.paginate or source.api.paginate
    asked = {**(stream.body or {}), **stream.params}
    sizes = [asked.get(name) for name in _PAGE_SIZES] + [
        getattr(paginate, "size", None),
        getattr(paginate, "limit", None),
    ]
    return next((size for size in sizes if isinstance(size, int) and not isinstance(size, bool) and size > 0), None)
