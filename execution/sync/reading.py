"""Reading one stream: pages come in and are landed and staged; slice by slice they are committed.

The event loop only fetches and lands; decoding and merging run in threads, on cursors of the process's in-memory
database. Nothing holds the store while waiting for the network.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from execution import engine, store
from execution.clients import Page
from execution.directives.model import Source, Stream
from execution.directives.placeholders import Values
from execution.engine import ident
from execution.errors import VendorError
from execution.sync import decode, looking_over, merge
from execution.sync.landing import Landing
from execution.sync.plan import Bookmark, StreamPlan, StreamState, high_water, is_worth_storing
from execution.sync.reader import Reader
from execution.sync.results import StreamResult
from execution.sync.run import Run
from execution.sync.slices import Cursor, Slice
from execution.sync.staging import Landed, Staging
from execution.sync.state import Change, Parent

SLICE_BYTES = 128 << 20
"""Bytes (as sent) committed at once: what a kill costs at most."""
PARENTS_AT_ONCE = 64
"""Parents whose children are asked for side by side; the rate limit decides how many really are."""
NONE_FOUND = 10
"""Where so many ids of a feed are asked for and not one is found, it is more likely the path than the records."""


@dataclass(slots=True)
class Reading:
    """One stream being read: `await read(…)`, or take `so_far` where that failed."""

    run: Run
    source: Source
    plan: StreamPlan
    state: StreamState
    client: Reader
    landing: Landing
    so_far: StreamResult = field(init=False)
    _staging: Staging = field(init=False)
    _read: list[tuple[str, int]] = field(default_factory=list)
    _asked: list[str] = field(default_factory=list)
    _places: dict[int, str | None] = field(default_factory=dict)
    _greatest: datetime | None = None
    _is_bookmarked: bool = False

    def __post_init__(self) -> None:
        self.so_far = StreamResult(self.source.name, self.plan.stream, "ok")
        asked = self.stream.by_id() if self._is_by_feed else self.stream
        self._staging = Staging(self.run.memory, asked, self.landing.folder, f"{self.source.name}/{self.plan.stream}")
        self._is_bookmarked = self.state.resume is not None
        self._greatest = self.plan.bookmark.greatest if self.plan.bookmark else None

    @property
    def stream(self) -> Stream:
        return self.source.streams[self.plan.stream]

    @property
    def _is_by_feed(self) -> bool:
        return self.plan.mode == "by feed"

    async def read(
        self, values: Values, parents: Sequence[Parent] | None = None, changes: Sequence[Change] = ()
    ) -> StreamResult:
        """Read the stream to its end and commit it all: for each of the `parents` where there are any, or what the
        `changes` of its feed name. Raises GtmError; what was committed before that stays."""
        began = monotonic()
        self.run.memory.cursor().execute(f"CREATE OR REPLACE TABLE memory.main.{ident(self._seen)} (key VARCHAR)")
        try:
            if parents is not None:
                await self._read_parents(values, parents)
            elif self._is_by_feed:
                await self._read_changes(values, changes)
            else:
                await self._read_chains(values)
                # Only a read that began after these rows had come saw all that they speak of.
                self._read += [row for change in changes for row in change.rows if self.plan.is_whole]
            await self._commit(last=True)
        finally:
            await self._staging.abandon()
        self.so_far = replace(self.so_far, seconds=round(monotonic() - began, 3))
        return self.so_far

    @property
    def _seen(self) -> str:
        return f"seen_{self.source.name}__{self.plan.stream}"

    async def _read_chains(self, values: Values) -> None:
        """Read the stream from its bookmark, or from every place where the API lets it be read side by side."""
        bookmark = self.plan.bookmark
        starts = bookmark.tokens if bookmark else await self.client.slices(self.plan.stream, values)
        self._places = dict(enumerate(starts))
        turn = asyncio.Lock()

        async def follow(chain: int) -> None:
            async for page in self.client.pages(self.plan.stream, values, resume=starts[chain]):
                async with turn:
                    await self._staging.add([self._land(page)])
                    self._places[chain] = page.resume
                    if page.resume is None:
                        del self._places[chain]
                    await self._commit_if_full()

        await _together(follow(chain) for chain in list(self._places))

    def _land(self, page: Page, parent: str | None = None, *, is_part: bool = False) -> Landed:
        """Put one page on disk and count it. `is_part`: the vendor's count would be one of this page's kind alone."""
        before = self.so_far
        landed = Landed(
            self.landing.write(page.body),
            len(page.body),
            parent,
            self.run.clock(),
            before.pages + 1,
        )
        self.so_far = replace(
            before,
            pages=before.pages + 1,
            records=before.records + page.count,
            total=before.total if is_part or page.number else _sum(before.total, page.total),
        )
        self.run.progress.received(self.source.name, self.plan.stream, page.count, self.so_far.total)
        return landed

    async def _read_parents(self, values: Values, parents: Sequence[Parent]) -> None:
        """Ask for the children of many parents side by side; a parent counts as read once all its pages are here."""
        each, at_once = str(self.stream.each), self.stream.batch
        waiting = iter([parents[at : at + (at_once or 1)] for at in range(0, len(parents), at_once or 1)])
        turn = asyncio.Lock()

        async def worker() -> None:
            for batch in waiting:
                own = {**values, each: [parent.values for parent in batch] if at_once else batch[0].values}
                key = None if at_once else batch[0].key
                pages = [self._land(page, key, is_part=True) async for page in self.client.pages(self.plan.stream, own)]
                async with turn:
                    self._read += [(parent.key, parent.hash) for parent in batch]
                    await self._staging.add(pages)
                    await self._commit_if_full()

        await _together(worker() for _ in range(min(PARENTS_AT_ONCE, len(parents))))

    async def _read_changes(self, values: Values, changes: Sequence[Change]) -> None:
        """Ask again for what the feed names, side by side; its rows count as followed with the commit of the answer."""
        waiting = iter(changes)
        turn = asyncio.Lock()

        async def worker() -> None:
            for change in waiting:
                page = self._land(await self.client.record(self.plan.stream, change.id, values), is_part=True)
                async with turn:
                    self._read += change.rows
                    self._asked.append(change.id)
                    await self._staging.add([page])
                    await self._commit_if_full()

        await _together(worker() for _ in range(min(PARENTS_AT_ONCE, len(changes))))
        if len(changes) >= NONE_FOUND and not self.so_far.records and not self.run.options.allow_empty:
            raise VendorError(
                f"none of the {len(changes)} records that its feed names was found",
                hint="check the path in sync; if they really are all gone, run it with --allow-empty",
                where=f"{self.source.name}/{self.plan.stream}",
            )

    async def _commit_if_full(self) -> None:
        # Chains are cut only where each can be taken up again; after the last page of all, the end commits.
        is_cut = bool(self._places) and all(self._places.values())
        if self._staging.bytes >= SLICE_BYTES and (self._read or is_cut):
            await self._commit(last=False)

    async def _commit(self, *, last: bool) -> None:
        """Merge what is staged, in a thread; while it waits for its turn other streams go on fetching."""
        files = await self._staging.take()
        async with self.run.turn:
            merged = await asyncio.to_thread(self._merge, files, last=last)
        before = self.so_far
        self.so_far = replace(
            before,
            new=before.new + merged.new,
            changed=before.changed + merged.changed,
            deleted=before.deleted + merged.deleted,
            buried=before.buried + merged.buried,
        )
        if merged.kept:
            self._warn(f"the answer was empty where {merged.kept} were known; none was deleted (--allow-empty deletes)")
        self._read, self._asked = [], []

    def _merge(self, files: tuple[Path, ...], *, last: bool) -> merge.Merged:
        cursor = self.run.memory.cursor()
        try:
            self._look_over(cursor, files)
            piece = self._slice(files, last=last)
            with store.writer(self.run.workspace, con=cursor, timeout_s=self.run.options.lock_timeout_s) as con:
                return merge.merge(con, self.source, self.plan.stream, piece, self.run.now)
        finally:
            cursor.close()

    def _look_over(self, cursor: engine.Connection, files: tuple[Path, ...]) -> None:
        """Count what a slice holds, and hold it against the directive's checks, before it is merged."""
        staged = decode.staged_files_sql(self.stream, files)
        found = looking_over.look_over(cursor, self.source, self.plan.stream, staged, self.run.now)
        known = [moment for moment in (found.greatest, self._greatest) if moment is not None]
        self._greatest = max(known, default=None)
        before = self.so_far
        self.so_far = replace(
            before,
            rejects=before.rejects + found.rejects,
            keyless=before.keyless + found.keyless,
            invalid=dict(Counter(before.invalid) + Counter(found.invalid)),
        )
        if self.plan.is_whole:
            everything = decode.with_tombstones_sql(self.stream, files)
            cursor.execute(
                f"INSERT INTO memory.main.{ident(self._seen)} SELECT key FROM ({everything}) WHERE key IS NOT NULL"
            )

    def _slice(self, files: tuple[Path, ...], *, last: bool) -> Slice:
        whole = last and self.plan.is_whole and self._shows_all() and self._is_complete()
        return Slice(
            run=self.run.id,
            files=files,
            parents=tuple(self._read),
            asked=tuple(self._asked),
            cursor=self._cursor(last=last),
            seen=self._seen if whole else None,
            unseen_since=self.run.now if whole else None,
            allow_empty=self.run.options.allow_empty,
        )

    def _cursor(self, *, last: bool) -> Cursor | None:
        """Where the next run begins, once this commit is in: at a bookmark if this is not the end."""
        if self.stream.each or (self._is_by_feed and not last):
            return None
        if not last:
            self._is_bookmarked = True
            tokens = tuple(place for place in self._places.values() if place is not None)
            bookmark = Bookmark(tokens, self.plan.since, self.plan.until, self._greatest)
            return Cursor(self.state.high_water, bookmark.dump())
        high = high_water(self.stream, self.plan, self.state, self._greatest)
        swept_at = self.run.now if self.plan.is_sweep else None
        if self._is_bookmarked or swept_at or is_worth_storing(self.stream, self.state.high_water, high):
            return Cursor(high, swept_at=swept_at)
        return None

    def _shows_all(self) -> bool:
        """Whether the API shows everything there is to one who reads from the beginning."""
        if self.client.shows_all(self.plan.stream):
            return True
        self._warn("the API may leave out records that were just changed; absence deletes nothing (say `deletes`)")
        return False

    def _is_complete(self) -> bool:
        """Whether as many records came as the vendor says there are, each counted once; where it says nothing, the end
        is the end. What was listed twice while a list shifted under its reader does not stand for what was missed."""
        total = self.so_far.total
        if total is None:
            return True
        cursor = self.run.memory.cursor()
        (keys,) = engine.numbers(cursor, f"SELECT count(DISTINCT key) FROM memory.main.{ident(self._seen)}")
        cursor.close()
        if keys + self.so_far.keyless >= total:
            return True
        self._warn(f"the vendor counts {total} records, {keys} came; absence deletes nothing this time")
        return False

    def _warn(self, sentence: str) -> None:
        self.so_far = replace(self.so_far, warnings=(*self.so_far.warnings, sentence))


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)


async def _together(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all side by side; at the first that fails the others are stopped, and its error is raised as it is."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
