"""Reading a stream from files: what a vendor's pages go through, files go through too.

A whole read is a snapshot: a record that is no longer there is a tombstone. It is committed in one piece, together with
the fingerprints of the files, so that files which have not changed are not read again.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from execution import engine, store
from execution.clients import Page
from execution.directives.model import Source
from execution.directives.placeholders import Values
from execution.engine import ident, literal
from execution.errors import GtmError, Problem
from execution.sync import merge, shelf
from execution.sync.landing import landing_for
from execution.sync.looking import look_up
from execution.sync.plan import StreamState, plan_stream, streams_wanted
from execution.sync.raw import raw_table
from execution.sync.reading import Reading
from execution.sync.results import SourceResult, StreamResult
from execution.sync.run import Run
from execution.sync.slices import Slice
from execution.sync.staging import Staging
from execution.sync.state import Change, Parent, stream_states
from execution.sync.whereabouts import has_files


class FileClient:
    """A source's files in the place of its API: pages of records. `problems` are what was wrong with single files."""

    def __init__(self, run: Run, source: Source, found: shelf.Shelf) -> None:
        self.run = run
        self.source = source
        self.shelf = found
        self.problems: tuple[Problem, ...] = ()

    async def pages(self, stream: str, values: Values, *, resume: str | None = None) -> AsyncIterator[Page]:  # noqa: ARG002
        """The records of all files. Raises FileError."""
        if shelf.is_markdown(self.source, stream):
            yield await asyncio.to_thread(self._markdown, stream)
            return
        from execution.sync import table_files

        con = self.run.memory.cursor()
        try:
            rows = await asyncio.to_thread(table_files.load, con, self.shelf, self.source, stream)
            pages = rows.pages()
            while (found := await asyncio.to_thread(next, pages, None)) is not None:
                yield Page(found[0], found[1], 0, None, None)
        finally:
            con.close()

    def _markdown(self, stream: str) -> Page:
        from execution.sync import markdown_files

        form = self.source.files.form if self.source.files else None
        found = markdown_files.read(self.shelf, self.source.streams[stream], form, self.run.bands)
        self.problems = found.problems
        return Page(markdown_files.page(found.records), len(found.records), 0, None, None)

    async def slices(self, stream: str, values: Values) -> tuple[str | None, ...]:  # noqa: ARG002
        return (None,)

    def shows_all(self, stream: str) -> bool:  # noqa: ARG002
        return True

    async def record(self, stream: str, id_: str, values: Values) -> Page:  # noqa: ARG002
        raise TypeError(f"{stream} is read from files, which answer for no single record")


@dataclass
class FileReading(Reading):
    """One stream being read from files. `prints` are the fingerprints of those, `kept` the keys of records whose file
    does not hold at the moment."""

    client: FileClient
    prints: tuple[tuple[str, int], ...] = ()
    kept: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        whole = self.stream.model_copy(update={"records": ""})
        self._staging = Staging(self.run.memory, whole, self.landing.folder, f"{self.source.name}/{self.plan.stream}")

    async def read(
        self, values: Values, parents: Sequence[Parent] | None = None, changes: Sequence[Change] = ()
    ) -> StreamResult:
        """Read the files where they changed and commit them all. Raises GtmError; nothing is stored then."""
        found, options = self.client.shelf, self.run.options
        last = await look_up(self.run, partial(_last_read, source=self.source.name, stream=self.plan.stream))
        must_read = options.full or options.allow_empty
        looks = await asyncio.to_thread(shelf.looks, found)
        if last.get(shelf.LOOKS) == looks and not must_read:
            return self.so_far
        # Before they are read: what is written meanwhile is then read by the next run, and never taken for known.
        content = await asyncio.to_thread(shelf.content, found)
        is_settled = shelf.are_settled(found.files, self.run.clock())
        self.prints = ((shelf.CONTENT, content), *([(shelf.LOOKS, looks)] if is_settled else []))
        if last.get(shelf.CONTENT) == content and not must_read:
            if dict(self.prints) != last:
                async with self.run.turn:
                    await asyncio.to_thread(self._note_prints)
            return self.so_far
        result = await super().read(values, parents, changes)
        self.so_far = replace(result, findings=self.client.problems)
        return self.so_far

    def _note_prints(self) -> None:
        """Files with new times and the old content: noted, so that the next run need not look into them."""
        cursor = self.run.memory.cursor()
        try:
            with store.writer(self.run.workspace, con=cursor, timeout_s=self.run.options.lock_timeout_s) as con:
                merge.merge(con, self.source, self.plan.stream, self._notes(), self.run.now)
        finally:
            cursor.close()

    def _notes(self) -> Slice:
        return Slice(self.run.id, parents=self.prints)

    async def _commit_if_full(self) -> None:
        """Files are committed whole: half of a snapshot would be taken for all of it."""

    async def _commit(self, *, last: bool) -> None:
        if self.client.problems:
            paths = [problem.path for problem in self.client.problems]
            look = partial(_keys_of, source=self.source, stream=self.plan.stream, paths=paths)
            self.kept = await look_up(self.run, look)
        elif self.so_far.records or not self.state.rows:
            # Files that have become empty, or do not hold, are read in every run until somebody says what is meant.
            self._read += self.prints
        await super()._commit(last=last)

    def _merge(self, files: tuple[Path, ...], *, last: bool) -> merge.Merged:
        cursor = self.run.memory.cursor()
        try:
            engine.load(cursor, "kept_keys", {"key": "VARCHAR"}, [(key,) for key in self.kept])
            cursor.execute(f"INSERT INTO memory.main.{ident(self._seen)} FROM kept_keys")
        finally:
            cursor.close()
        return super()._merge(files, last=last)

    def _slice(self, files: tuple[Path, ...], *, last: bool) -> Slice:
        piece = super()._slice(files, last=last)
        # Frontmatter that says nothing of something is no empty answer: the file is there.
        said = bool(self.stream.records) and bool(self.client.shelf.files)
        return replace(piece, allow_empty=piece.allow_empty or said)


async def sync_files(run: Run, source: Source) -> SourceResult:
    """Read every wanted stream of a source that has files. Never raises for what is wrong with them."""
    try:
        states = await look_up(run, partial(stream_states, source=source))
    except GtmError as error:
        return SourceResult(source.name, "failed", error=str(error), hint=error.hint)
    if not has_files(run.workspace.root, source) and not any(state.rows for state in states.values()):
        message = f"{source.name}: none of its files is there"
        return SourceResult(source.name, "not connected", error=message, hint=f"{source.path} says where they belong")
    streams = tuple([await _read_one(run, source, name, states[name]) for name in streams_wanted(source, run.options)])
    return SourceResult.of(source.name, streams)


async def _read_one(run: Run, source: Source, name: str, state: StreamState) -> StreamResult:
    run.progress.started(source.name, name, state.rows or None)
    result = StreamResult(source.name, name, "ok")
    try:
        found = shelf.shelf_of(run.workspace.root, source, name, run.bands)
        if not shelf.is_markdown(source, name):
            shelf.require_some(found, source, name)
        plan = plan_stream(source, name, state, run.now, run.options)
        landing = landing_for(run.workspace, source.name, name, run.id)
        reading = FileReading(run, source, plan, state, FileClient(run, source, found), landing)
        result = await reading.read({})
    except GtmError as error:
        result = replace(result, status="failed", error=str(error), hint=error.hint)
    run.progress.finished(result)
    return result


def _last_read(con: engine.Connection, *, source: str, stream: str) -> dict[str, int]:
    """The fingerprints of the files that a stream was last read from."""
    rows = con.execute(
        "SELECT parent_key, parent_hash FROM meta.reads WHERE source = ? AND stream = ?", [source, stream]
    ).fetchall()
    return {key: number for key, number in rows if key in (shelf.LOOKS, shelf.CONTENT)}


def _keys_of(con: engine.Connection, *, source: Source, stream: str, paths: Sequence[str]) -> tuple[str, ...]:
    """The keys of the stored records that came out of these files."""
    if not store.has_table(con, "raw", f"{source.name}__{stream}"):
        return ()
    rows = con.execute(
        f"SELECT key FROM {raw_table(source.name, stream)} WHERE NOT deleted "
        f"AND json_extract_string(payload, '$.path') IN (SELECT unnest({literal(list(paths))}))"
    ).fetchall()
    return tuple(key for (key,) in rows)
