"""`gtm sync --dry-run`: what a sync would ask for, how much that is and how long it takes. Asks nobody."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from execution import engine, store
from execution.directives.model import Source
from execution.runs.connection import missing
from execution.runs.session import Session
from execution.store import migrations
from execution.sync.estimate import Known, LastRead, Reads
from execution.sync.forecast import Forecast, SourceForecast, forecast, source_forecast
from execution.sync.known import known, last_reads
from execution.sync.plan import Options, StreamState, chosen, in_order, plan_stream, streams_wanted
from execution.sync.state import stream_states


@dataclass(frozen=True, slots=True)
class Survey:
    """What is planned and known before anything is asked; `publication` is what it goes by."""

    reads: tuple[Reads, ...]
    now: datetime
    publication: int | None = None


@dataclass(frozen=True, slots=True)
class Probed:
    """What the vendors say of themselves: their own counts of what is to be read by (source, stream), the requests that
    were `asked`, and by source why something was not counted."""

    totals: Mapping[tuple[str, str], int]
    asked: int
    problems: Mapping[str, tuple[str, ...]]


_NOT_PROBED = Probed({}, 0, {})


def survey(session: Session, names: Sequence[str], options: Options, now: datetime) -> Survey:
    """Every stream that a sync of the named sources (all enabled ones by default) would read, in order.

    Raises UsageError for an unknown or disabled source, and for a stream that none of them has.
    """
    sources = in_order(chosen(session.program, names, options.streams))
    last = last_reads(session.workspace)
    with _published(session) as (con, publication):
        reads = tuple(_reads(con, source, last, options, now) for source in sources)
    return Survey(tuple(each for each in reads if each.plans), now, publication)


@contextmanager
def _published(session: Session) -> Iterator[tuple[engine.Connection | None, int | None]]:
    """The newest publication and its number; nothing before the first, or where the next sync has to migrate it."""
    found = store.current(session.workspace)
    if found is None:
        yield None, None
        return
    with store.reader(session.workspace) as con:
        yield (None, None) if migrations.pending(con) else (con, found.number)


def _reads(
    con: engine.Connection | None,
    source: Source,
    last: Mapping[tuple[str, str], LastRead],
    options: Options,
    now: datetime,
) -> Reads:
    states = stream_states(con, source) if con else {}
    plans = {
        name: plan_stream(source, name, states.get(name, StreamState()), now, options)
        for name in streams_wanted(source, options)
    }
    found = known(con, source, tuple(plans.values()), last, now) if con else {}
    return Reads(source, options, now, plans, states, {name: found.get(name, Known()) for name in plans})


def planned(session: Session, survey: Survey, probed: Probed = _NOT_PROBED) -> Forecast:
    """The forecast that a survey leads to, with the vendors' own counts where they were asked."""
    sources = [_source(session, reads, probed) for reads in survey.reads]
    return forecast(sources, survey.now, survey.publication, probed.asked)


def _source(session: Session, reads: Reads, probed: Probed) -> SourceForecast:
    source, environment = reads.source, session.environment
    root = session.workspace.root
    is_api = source.files is None
    base_url = _without_user(environment.base_url(source.name, source.api.base_url)) if is_api else "files"
    counted = {name: replace(each, total=probed.totals.get((source.name, name))) for name, each in reads.known.items()}
    warnings = probed.problems.get(source.name, ())
    return source_forecast(replace(reads, known=counted), base_url, missing(source, environment, root), warnings)


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
