"""How many requests a planned read makes, as far as what is known tells, and what that goes by. Pure.

Beside the pages an odd API's client may ask for more: HubSpot's looks where to cut a first load (2 % of it), Intercom's
whether its companies are too many for a list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from execution.directives.model import FeedSync, FullSync, Source, Stream
from execution.sync.pacing import in_words
from execution.sync.paging import is_one_page, page_size, pages_for
from execution.sync.plan import Options, StreamPlan, StreamState


@dataclass(frozen=True, slots=True)
class LastRead:
    """The newest run that read a stream to its end."""

    at: datetime
    pages: int


@dataclass(frozen=True, slots=True)
class Due:
    """The parents whose children are to be read, by what is stored of them, and the `requests` that takes.

    `unread` were never read, or changed since; `reread` meet the directive's condition, `refresh` were read too long
    ago: one parent may count under both. `first` has the columns of the first of them."""

    parents: int
    unread: int
    reread: int
    refresh: int
    requests: int
    first: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one stream. None stands for what is not.

    is_stored   whether its records are in the publication, decoded as today's directive says
    last        the newest run that read it to its end
    within      records stored that lie in the window to be read, by `moment`
    moment      the column that `within` goes by
    lately      records that changed, or ids its feed named, in the time before the last read that is as long as the
                time since: what to expect this time
    due         for a stream read per parent
    named       for one that follows a feed: ids that were named and not asked for yet
    total       the vendor's own count of what is to be read, where it was asked
    """

    is_stored: bool = False
    last: LastRead | None = None
    within: int | None = None
    moment: str = ""
    lately: int | None = None
    due: Due | None = None
    named: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """`requests` is what to expect, None where nothing says; `at_least` are made for certain if nothing fails.
    `records`: how many are expected (of parents, for a stream read per parent); `basis`: what `requests` goes by."""

    requests: int | None
    at_least: int
    records: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class Reads:
    """What is planned and known of all streams of a source that a run reads."""

    source: Source
    options: Options
    now: datetime
    plans: Mapping[str, StreamPlan]
    states: Mapping[str, StreamState]
    known: Mapping[str, Known]

    def state(self, name: str) -> StreamState:
        return self.states.get(name, StreamState())


def estimate(reads: Reads, name: str) -> Estimate:
    """What reading one stream takes."""
    stream, plan, known = reads.source.streams[name], reads.plans[name], reads.known[name]
    if reads.source.files is not None:
        return Estimate(0, 0, None, "files, read where they changed")
    if stream.each:
        return _of_children(reads, name, stream, stream.each)
    if plan.mode == "by feed":
        return _by_feed(reads, stream, known)
    if plan.bookmark is not None:
        places = len(plan.bookmark.tokens)
        return Estimate(None, places, None, f"an unfinished read goes on at {_many(places, 'place')}")
    if is_one_page(reads.source, stream):
        return Estimate(1, 1, None, "everything is in one answer")
    if known.total is not None:
        return _from_records(reads, stream, known.total, f"{known.total:,} by the vendor's count")
    if isinstance(stream.sync, FullSync) and known.last is not None:
        return Estimate(known.last.pages, 1, None, f"by the last run's journal: {_many(known.last.pages, 'request')}")
    return _from_stored(reads, stream, plan, known, reads.state(name).rows)


def _from_stored(reads: Reads, stream: Stream, plan: StreamPlan, known: Known, rows: int) -> Estimate:
    if not known.is_stored and (not rows or plan.since is not None):
        return Estimate(None, 1, None, _not_known(plan.stream, rows))
    if plan.since is None:
        return _from_records(reads, stream, rows, f"{rows:,} stored")
    if known.within is None:
        return _from_records(reads, stream, rows, f"{rows:,} stored in all, no column says since when")
    said = f"{known.within:,} stored with {known.moment} since then"
    return _from_records(reads, stream, known.within + (known.lately or 0), said + _more(known, reads.now))


def _from_records(reads: Reads, stream: Stream, records: int, said: str) -> Estimate:
    pages, size = pages_for(reads.source, stream, records), page_size(reads.source, stream)
    if pages is None:
        return Estimate(None, 1, records, f"{said}; the directive names no page size")
    return Estimate(pages, 1, records, f"{said}, {size:,} a page" if size else said)


def _of_children(reads: Reads, name: str, stream: Stream, each: str) -> Estimate:
    """One request per parent, or per batch of them: those that are due now, and those that are going to change."""
    parent, due, batch = reads.known[each], reads.known[name].due, stream.batch or 1
    per = f", {batch:,} a request" if stream.batch else ""
    if reads.options.full or due is None:
        parents, said = _all_parents(reads, each)
        return Estimate(None if parents is None else -(-parents // batch), 0, parents, said + per)
    at_least = 0 if _may_lose(reads, each) else -(-due.parents // batch)
    said = f"{due.parents:,} of {reads.state(each).rows:,} {each} due"
    if parent.lately is None:
        return Estimate(None, at_least, None, f"{said}, and each that changes, which is not known{per}")
    expected = due.parents + parent.lately
    requests = -(-expected // batch) if stream.batch else due.requests + parent.lately
    return Estimate(requests, at_least, expected, said + _more(parent, reads.now) + per)


def _all_parents(reads: Reads, each: str) -> tuple[int | None, str]:
    """How many parents there are where all of them are read for, or it is not known which; and what says so."""
    parent, plan, rows = reads.known[each], reads.plans[each], reads.state(each).rows
    if parent.total is not None and (plan.since is None or not rows):
        return parent.total, f"all {parent.total:,} {each} by the vendor's count"
    if rows and reads.options.full:
        return rows, f"all {rows:,} {each} stored"
    return None, _not_known(each, rows)


def _not_known(name: str, rows: int) -> str:
    if rows:
        return f"not known: the columns of {name} changed, and what is stored has yet to be decoded again"
    return f"not known before the first sync of {name}"


def _by_feed(reads: Reads, stream: Stream, known: Known) -> Estimate:
    feed = stream.sync.feed if isinstance(stream.sync, FeedSync) else ""
    if known.named is None:
        return Estimate(None, 0, None, f"not known before {feed} is read")
    at_least = 0 if _may_lose(reads, feed) else known.named
    said = f"{known.named:,} named by {feed} and not asked for yet"
    if known.lately is None:
        return Estimate(None, at_least, None, f"{said}; what it names next is not known")
    expected = known.named + known.lately
    return Estimate(expected, at_least, expected, said + _more(known, reads.now))


def _more(known: Known, now: datetime) -> str:
    """How many more are expected, and why."""
    if not known.lately or known.last is None:
        return ""
    return f", about {known.lately:,} more: as many as in the {in_words(_rounded(now - known.last.at))} before"


def _rounded(length: timedelta) -> timedelta:
    return timedelta(seconds=max(1, round(length.total_seconds())))


def _may_lose(reads: Reads, name: str) -> bool:
    """Whether records of a stream may turn out to be gone in this very run, before what depends on them is read."""
    stream, plan = reads.source.streams[name], reads.plans.get(name)
    is_deleted_from = any(reads.source.streams[other].deletes == name for other in reads.plans)
    return plan is None or plan.is_whole or plan.mode == "by feed" or bool(stream.deleted) or is_deleted_from


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
