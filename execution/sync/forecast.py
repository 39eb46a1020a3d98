"""What a run is going to ask and what that costs: what `gtm sync --dry-run` prints. Pure: data in, data out.

Fields are stable: `--json` gives them by the names they have here, times as ISO text and durations in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from execution.directives.model import CursorSync, FeedSync, FullSync, WindowSync
from execution.sync.estimate import Reads, estimate
from execution.sync.first_request import FirstRequest, first_request
from execution.sync.pacing import Limit, in_words, least_seconds, limits, longest_path
from execution.sync.paging import page_size
from execution.sync.plan import StreamPlan

Kind = Literal["full", "sweep", "window", "changes", "resumed", "per parent", "batch", "feed"]

_ACCOUNT = "{account}"


@dataclass(frozen=True, slots=True)
class Backfill:
    """How far back a stream reads that is read as for the first time. `since` and `reach` (seconds) are null where it
    reads from the beginning; `windows` is in how many windows it does so."""

    since: datetime | None
    reach: timedelta | None
    windows: int = 1


@dataclass(frozen=True, slots=True)
class StreamForecast:
    """One stream as it would be read.

    stream         its name
    reads          full, sweep (full, to find what is gone), window, changes, resumed (an unfinished read goes on),
                   per parent, batch (of parents), feed (what a feed names)
    since, until   what it asks for, where its read is bounded by time
    request        the first request; null parts of it are explained there
    page_size      records a page, where the directive says so
    records        records expected; parents, for one read per parent; null where not known
    requests       requests to expect, retries left out; null where not known
    at_least       requests made for certain if nothing fails
    basis          what `requests` goes by, or why it is not known
    due            why everything is read, or parents are read again, in this run; empty where nothing is special
    backfill       how far back it reads; null unless as for the first time
    seconds        the least that its rate limit lets its requests take
    """

    stream: str
    reads: Kind
    since: datetime | None
    until: datetime
    request: FirstRequest
    page_size: int | None
    records: int | None
    requests: int | None
    at_least: int
    basis: str
    due: str
    backfill: Backfill | None
    seconds: float

    @property
    def counted(self) -> int:
        """Its requests as sums count them: the expected ones, or the least where those are not known."""
        return self.at_least if self.requests is None else self.requests


@dataclass(frozen=True, slots=True)
class SourceForecast:
    """One source as it would be read.

    source         its name
    connected      whether its credentials are there; without them nothing of it is asked
    missing        the variables that are not set
    base_url       where it is reached, without any credentials
    account        the path that is asked once a run for the account, one of the requests; null where there is none
    after          sources that are synced before this one
    streams        in the order of reading
    requests       the sum of what its streams are expected to ask, the least where that is not known
    at_least       the sum of what they ask for certain if nothing fails
    not_known      streams whose requests are not known
    limits         the vendor's limits and what is asked of each
    seconds        the least that the limits and the order of streams let it take
    warnings       sentences for a person
    """

    source: str
    connected: bool
    missing: tuple[str, ...]
    base_url: str
    account: str | None
    after: tuple[str, ...]
    streams: tuple[StreamForecast, ...]
    requests: int
    at_least: int
    not_known: tuple[str, ...]
    limits: tuple[Limit, ...]
    seconds: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a sync at `as_of` would ask. The sums are of the connected sources, which go on side by side.

    as_of          the moment it is made for
    publication    the number of the publication that it goes by; null where there is none that tells anything
    sources        in the order of syncing
    requests       the sum of their requests
    at_least       the sum of those that are certain
    not_known      `source/stream` of those that are not known, which `requests` has with their least
    seconds        the least that it takes, by the rate limits and the order of sources
    asked          requests made for this forecast: 0 without --probe
    """

    as_of: datetime
    publication: int | None
    sources: tuple[SourceForecast, ...]
    requests: int
    at_least: int
    not_known: tuple[str, ...]
    seconds: float
    asked: int = 0


def forecast(sources: Sequence[SourceForecast], as_of: datetime, publication: int | None, asked: int = 0) -> Forecast:
    """The whole run, from its sources in the order of syncing."""
    connected = [source for source in sources if source.connected]
    return Forecast(
        as_of,
        publication,
        tuple(sources),
        sum(source.requests for source in connected),
        sum(source.at_least for source in connected),
        tuple(f"{source.source}/{name}" for source in connected for name in source.not_known),
        longest_path({each.source: each.seconds for each in connected}, {each.source: each.after for each in sources}),
        asked,
    )


def source_forecast(
    reads: Reads, base_url: str, missing: Sequence[str] = (), warnings: Sequence[str] = ()
) -> SourceForecast:
    """One source, from what is planned and known of its streams."""
    source = reads.source
    streams = tuple(_stream_forecast(reads, name) for name in reads.plans)
    account = source.api.account.get("path")
    asked = {each.stream: each.counted for each in streams} | ({_ACCOUNT: 1} if account else {})
    of_api = reads.plans if source.files is None else ()
    under = {name: source.streams[name].rate_limit or source.api.rate_limit for name in of_api}
    limited = limits(under | ({_ACCOUNT: source.api.rate_limit} if account else {}), asked)
    in_turn = longest_path(
        {each.stream: each.seconds for each in streams}, {name: source.streams[name].waits_for for name in reads.plans}
    )
    return SourceForecast(
        source.name,
        not missing,
        tuple(missing),
        base_url,
        account,
        source.after,
        streams,
        sum(asked.values()),
        sum(each.at_least for each in streams) + bool(account),
        tuple(each.stream for each in streams if each.requests is None),
        limited,
        max([in_turn, *(limit.seconds for limit in limited)]),
        (*warnings, *(_too_much(limit) for limit in limited if limit.is_more_than_a_day)),
    )


def _too_much(limit: Limit) -> str:
    return (
        f"{limit.asked:,} requests are more than the {limit.daily:,} a day that its rate limit allows: "
        f"at least {in_words(timedelta(seconds=limit.seconds))}"
    )


def _stream_forecast(reads: Reads, name: str) -> StreamForecast:
    stream, plan, known = reads.source.streams[name], reads.plans[name], reads.known[name]
    found = estimate(reads, name)
    counted = found.at_least if found.requests is None else found.requests
    is_bounded = plan.mode in ("window", "changes") or plan.bookmark is not None
    return StreamForecast(
        name,
        _kind(reads, plan),
        plan.since if is_bounded else None,
        plan.until,
        first_request(reads.source, plan, reads.now, known.due.first if known.due else None),
        None if plan.mode == "by feed" or reads.source.files else page_size(reads.source, stream),
        found.records,
        found.requests,
        found.at_least,
        found.basis,
        _why(reads, plan),
        _backfill(reads, plan),
        least_seconds(counted, stream.rate_limit or reads.source.api.rate_limit),
    )


def _kind(reads: Reads, plan: StreamPlan) -> Kind:
    match plan.mode:
        case "per parent":
            return "batch" if reads.source.streams[plan.stream].batch else "per parent"
        case "by feed":
            return "feed"
        case "everything":
            is_again = reads.state(plan.stream).high_water is not None and not reads.options.full
            return "sweep" if plan.is_sweep and is_again else "full"
        case other:
            return other


def _is_first(reads: Reads, plan: StreamPlan) -> bool:
    """Whether a stream that usually reads only what changed reads as for the first time."""
    stream = reads.source.streams[plan.stream]
    if stream.each or plan.bookmark is not None or isinstance(stream.sync, FullSync) or plan.mode == "by feed":
        return False
    return reads.options.full or reads.state(plan.stream).high_water is None


def _backfill(reads: Reads, plan: StreamPlan) -> Backfill | None:
    if not _is_first(reads, plan):
        return None
    return Backfill(plan.since, reads.now - plan.since if plan.since else None)


def _why(reads: Reads, plan: StreamPlan) -> str:
    """Why everything is read in this run, or parents are read again."""
    stream, state = reads.source.streams[plan.stream], reads.state(plan.stream)
    if stream.each:
        return _why_again(reads, plan.stream)
    if reads.options.full and _is_first(reads, plan):
        return "--full"
    if plan.mode != "everything" or state.high_water is None:
        return "first sync" if _is_first(reads, plan) else ""
    if isinstance(stream.sync, FeedSync):
        age, keeps = in_words(reads.now - state.high_water), in_words(stream.sync.keeps)
        return f"last complete read {age} ago, and {stream.sync.feed} keeps {keeps}: it may have forgotten something"
    if isinstance(stream.sync, CursorSync | WindowSync) and stream.sync.sweep is not None:
        last = f"the last on {state.swept_at:%Y-%m-%d %H:%M} UTC" if state.swept_at else "none so far"
        return f"swept every {in_words(stream.sync.sweep)}, {last}"
    return ""


def _why_again(reads: Reads, name: str) -> str:
    stream, due = reads.source.streams[name], reads.known[name].due
    if reads.options.full:
        return f"--full, for all {stream.each}"
    said = []
    if due and due.reread:
        said.append(f"{due.reread:,} {stream.each} are read again while {stream.reread}")
    if due and due.refresh and stream.refresh:
        said.append(f"{due.refresh:,} {stream.each} are read again after {in_words(stream.refresh)}")
    return "; ".join(said)
