"""Directive + stored cursors → what to ask for. Pure: the dry run prints exactly what a run would follow."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from execution.directives import Program
from execution.directives.model import CursorSync, FeedSync, FullSync, Source, Stream, WindowSync
from execution.errors import UsageError

Mode = Literal["everything", "window", "changes", "resumed", "per parent", "by feed"]


@dataclass(frozen=True, slots=True)
class StreamState:
    """What the store knows of a stream before a run. `high_water`, `resume` and `swept_at` are as `meta.cursors` keeps
    them."""

    high_water: datetime | None = None
    resume: str | None = None
    rows: int = 0
    parents: int = 0
    swept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far an unfinished read got: the client's own tokens, one per chain that has not come to its end, and the
    bounds they belong to."""

    tokens: tuple[str, ...]
    since: datetime | None
    until: datetime
    greatest: datetime | None = None

    def dump(self) -> str:
        return json.dumps(
            {
                "tokens": self.tokens,
                "since": self.since.isoformat() if self.since else None,
                "until": self.until.isoformat(),
                "greatest": self.greatest.isoformat() if self.greatest else None,
            }
        )

    @classmethod
    def load(cls, text: str) -> "Bookmark":
        raw = json.loads(text)
        return cls(
            tuple(raw["tokens"]),
            datetime.fromisoformat(raw["since"]) if raw["since"] else None,
            datetime.fromisoformat(raw["until"]),
            datetime.fromisoformat(raw["greatest"]) if raw["greatest"] else None,
        )


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator asked for. `full` forgets cursors; `since` overrides where incremental streams begin."""

    full: bool = False
    since: datetime | None = None
    streams: tuple[str, ...] = ()
    allow_empty: bool = False
    lock_timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """How one stream will be read: from `since` (None: from the beginning) to `until`, or on from a bookmark."""

    source: str
    stream: str
    mode: Mode
    since: datetime | None
    until: datetime
    bookmark: Bookmark | None = None
    parents: int | None = None
    is_whole: bool = False
    """Whether, once read to its end, everything the vendor has was seen: only then is absence a deletion."""
    is_sweep: bool = False
    """Whether the next sweep is due only some time after this read."""


def plan_stream(source: Source, name: str, state: StreamState, now: datetime, options: Options) -> StreamPlan:
    """How to read one stream now. Cursors overlap by the directive's `lookback`, so what arrived late is seen again."""
    stream = source.streams[name]
    if stream.each:
        return StreamPlan(source.name, name, "per parent", None, now, parents=state.parents)
    if state.resume and not options.full and options.since is None:
        bookmark = Bookmark.load(state.resume)
        return StreamPlan(source.name, name, "resumed", bookmark.since, bookmark.until, bookmark)
    if isinstance(stream.sync, FeedSync) and not _may_have_forgotten(stream.sync, state, now, options):
        return StreamPlan(source.name, name, "by feed", state.high_water, now)
    sweeps = isinstance(stream.sync, WindowSync | CursorSync) and stream.sync.sweep is not None
    since = None if _is_sweep_due(stream, state, now) else _since(stream, state, now, options)
    if since is None:
        # A search by time leaves out what changed while it ran, so unless its directive says that it may be swept
        # only a full read may find things gone.
        is_whole = sweeps or isinstance(stream.sync, FullSync | FeedSync)
        return StreamPlan(source.name, name, "everything", None, now, is_whole=is_whole, is_sweep=sweeps)
    mode: Mode = "window" if isinstance(stream.sync, WindowSync) else "changes"
    return StreamPlan(source.name, name, mode, since, now, is_sweep=sweeps and state.high_water is None)


def _may_have_forgotten(sync: FeedSync, state: StreamState, now: datetime, options: Options) -> bool:
    """Whether the feed's rows do not reach back to the last complete read for certain: it was too long ago, or never.

    A quarter of the time is kept as a margin: runs fail, and clocks differ."""
    return options.full or state.high_water is None or now - state.high_water > sync.keeps * 3 / 4


def _is_sweep_due(stream: Stream, state: StreamState, now: datetime) -> bool:
    sync = stream.sync
    if not isinstance(sync, WindowSync | CursorSync) or sync.sweep is None or state.high_water is None:
        return False
    return state.swept_at is None or now - state.swept_at >= sync.sweep


def _since(stream: Stream, state: StreamState, now: datetime, options: Options) -> datetime | None:
    sync = stream.sync
    if not isinstance(sync, WindowSync | CursorSync):
        return None
    if options.since is not None:
        return options.since
    if state.high_water is not None and not options.full:
        return state.high_water - sync.lookback
    return now - sync.backfill if sync.backfill is not None else None


def high_water(stream: Stream, plan: StreamPlan, state: StreamState, greatest: datetime | None) -> datetime | None:
    """The cursor after a read that reached its end; never behind the one before, never ahead of the read itself."""
    if isinstance(stream.sync, CursorSync):
        reached = min(greatest, plan.until) if greatest else None
    elif isinstance(stream.sync, WindowSync | FeedSync):
        reached = plan.until
    else:
        return None
    known = [moment for moment in (reached, state.high_water) if moment is not None]
    return max(known, default=None)


def is_worth_storing(stream: Stream, before: datetime | None, after: datetime | None) -> bool:
    """Whether a moved cursor alone is worth a write: a window's only once it has moved by a quarter of its lookback,
    since until then the next run merely re-reads a little more; a feed's by a sixteenth of what it keeps."""
    if after is None or before is None or after == before:
        return after != before
    if isinstance(stream.sync, WindowSync):
        return after - before >= max(stream.sync.lookback / 4, timedelta(minutes=1))
    if isinstance(stream.sync, FeedSync):
        return after - before >= stream.sync.keeps / 16
    return True


def streams_in_order(source: Source) -> tuple[str, ...]:
    """Stream names, each after those it waits for."""
    ordered: list[str] = []

    def place(name: str) -> None:
        for before in source.streams[name].waits_for:
            if before not in ordered:
                place(before)
        if name not in ordered:
            ordered.append(name)

    for name in source.streams:
        place(name)
    return tuple(ordered)


def streams_wanted(source: Source, options: Options) -> tuple[str, ...]:
    """The streams that `options` ask for, in order, with the parents and feeds without which they cannot be read."""
    if not options.streams:
        return streams_in_order(source)
    wanted: set[str] = set()
    asked = [name for name in options.streams if name in source.streams]
    while asked:
        name = asked.pop()
        stream = source.streams[name]
        wanted.add(name)
        # What a stream deletes from is waited for where it is read, and not needed where it is not.
        asked += [other for other in stream.waits_for if other != stream.deletes and other not in wanted]
    return tuple(name for name in streams_in_order(source) if name in wanted)


def chosen(program: Program, names: Iterable[str], streams: Iterable[str] = ()) -> list[Source]:
    """The sources named, or every enabled one; those with a `label` are never synced.

    Raises UsageError with what there is, also where none of them has one of the `streams`.
    """
    wanted = list(names)
    there = {name: source for name, source in program.sources.items() if source.label is None}
    for name in wanted:
        if name not in there:
            raise UsageError(f"there is no source {name!r}", hint=f"there are: {', '.join(sorted(there))}", code="E210")
        if not there[name].enabled:
            raise UsageError(f"{name} is disabled", hint=f"enable it with `gtm source enable {name}`", code="E211")
    found = [source for source in there.values() if (source.name in wanted if wanted else source.enabled)]
    known = sorted({name for source in found for name in source.streams})
    for name in streams:
        if name not in known:
            raise UsageError(f"there is no stream {name!r}", hint=f"there are: {', '.join(known)}", code="E212")
    return found


def in_order(sources: Iterable[Source]) -> list[Source]:
    """Sources with every one after those it names in `after`; otherwise by name."""
    by_name: Mapping[str, Source] = {source.name: source for source in sources}
    ordered: dict[str, Source] = {}

    def place(source: Source) -> None:
        for before in source.after:
            if before in by_name and before not in ordered:
                place(by_name[before])
        ordered.setdefault(source.name, source)

    for name in sorted(by_name):
        place(by_name[name])
    return list(ordered.values())
