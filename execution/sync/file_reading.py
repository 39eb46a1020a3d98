"""Reading a stream from files: what a vendor's pages go through, files go through too.

A whole read is a snapshot: a record that is no longer there is a tombstone. It is committed in one piece, together with
the fingerprints of the files, so that files which have not changed are not read again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
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

_OF = "source, stream, parent_key"

Prints = Mapping[str, int]
"""Fingerprints of the files of a stream, by what they are of."""


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
    """One stream being read from files. `last` are the fingerprints of those that it was last read from, `prints` of
    those that are there now; `unnoted`, where there is nothing else to commit. `kept` are the keys of records whose
    file does not hold at the moment."""

    client: FileClient
    last: Prints = field(default_factory=dict)
    prints: Prints = field(default_factory=dict)
    unnoted: bool = False
    kept: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        whole = self.stream.model_copy(update={"records": ""})
        self._staging = Staging(self.run.memory, whole, self.landing.folder, f"{self.source.name}/{self.plan.stream}")

    async def read(
        self, values: Values, parents: Sequence[Parent] | None = None, changes: Sequence[Change] = ()
    ) -> StreamResult:
        """Read the files where they changed and commit them all. Raises GtmError; nothing is stored then."""
        found, options, last = self.client.shelf, self.run.options, self.last
        must_read = options.full or options.allow_empty
        looks = await asyncio.to_thread(shelf.looks, found)
        if last.get(shelf.LOOKS) == looks and not must_read:
            return self.so_far
        # Before they are read: what is written meanwhile is then read by the next run, and never taken for known.
        content = await asyncio.to_thread(shelf.content, found)
        is_settled = shelf.are_settled(found.files, self.run.clock())
        self.prints = {shelf.CONTENT: content, **({shelf.LOOKS: looks} if is_settled else {})}
        if last.get(shelf.CONTENT) == content and not must_read:
            # Files with new times and the old content: noted, so that the next run need not look into them.
            self.unnoted = self.prints != last
            return self.so_far
        result = await super().read(values, parents, changes)
        self.so_far = replace(result, findings=self.client.problems)
        return self.so_far

    async def _commit_if_full(self) -> None:
        """Files are committed whole: half of a snapshot would be taken for all of it."""

    async def _commit(self, *, last: bool) -> None:
        if self.client.problems:
            paths = [problem.path for problem in self.client.problems]
            look = partial(_keys_of, source=self.source, stream=self.plan.stream, paths=paths)
            self.kept = await look_up(self.run, look)
        elif self.so_far.records:
            self._read += self.prints.items()
        elif not self.state.rows:
            self.unnoted = True
            return
        # Files that have become empty, or do not hold, are read in every run until somebody says what is meant.
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
        states, last = await look_up(run, partial(_known, source=source))
    except GtmError as error:
        return SourceResult(source.name, "failed", error=str(error), hint=error.hint)
    if not has_files(run.workspace.root, source) and not any(state.rows for state in states.values()):
        message = f"{source.name}: none of its files is there"
        return SourceResult(source.name, "not connected", error=message, hint=f"{source.path} says where they belong")
    streams, unnoted = [], {}
    for name in streams_wanted(source, run.options):
        stream, prints = await _read_one(run, source, name, states[name], last.get(name, {}))
        streams.append(stream)
        if prints is not None:
            unnoted[name] = prints
    result = SourceResult.of(source.name, tuple(streams))
    try:
        if unnoted:
            await look_up(run, partial(_note, now=run.now, source=source, prints=unnoted))
    except GtmError as error:
        return replace(result, status="failed", error=str(error), hint=error.hint)
    return result


async def _read_one(
    run: Run, source: Source, name: str, state: StreamState, last: Prints
) -> tuple[StreamResult, Prints | None]:
    """What came of a stream, and the fingerprints of its files where they are all that there is to note."""
    run.progress.started(source.name, name, state.rows or None)
    result, unnoted = StreamResult(source.name, name, "ok"), None
    try:
        found = shelf.shelf_of(run.workspace.root, source, name, run.bands)
        if not shelf.is_markdown(source, name):
            shelf.require_some(found, source, name)
        plan = plan_stream(source, name, state, run.now, run.options)
        landing = landing_for(run.workspace, source.name, name, run.id)
        reading = FileReading(run, source, plan, state, FileClient(run, source, found), landing, last=last)
        result = await reading.read({})
        unnoted = reading.prints if reading.unnoted else None
    except GtmError as error:
        result = replace(result, status="failed", error=str(error), hint=error.hint)
    run.progress.finished(result)
    return result, unnoted


def _known(con: engine.Connection, *, source: Source) -> tuple[dict[str, StreamState], dict[str, dict[str, int]]]:
    """Of each stream what is stored, and the fingerprints of the files that it was last read from."""
    rows = con.execute(
        "SELECT stream, parent_key, parent_hash FROM meta.reads WHERE source = ? AND parent_key IN (?, ?)",
        [source.name, shelf.LOOKS, shelf.CONTENT],
    ).fetchall()
    last: dict[str, dict[str, int]] = {}
    for stream, key, number in rows:
        last.setdefault(stream, {})[key] = number
    return stream_states(con, source), last


def _note(con: engine.Connection, *, now: datetime, source: Source, prints: Mapping[str, Prints]) -> None:
    """Note of which files streams were read that had nothing to commit: they have the old content, or none, and then
    nothing is stored of them. Where another run has stored something meanwhile the next one reads them again."""
    states, last = _known(con, source=source)
    rows = [
        (source.name, stream, key, number)
        for stream, read in prints.items()
        if last.get(stream, {}).get(shelf.CONTENT) == read[shelf.CONTENT] or not states[stream].rows
        for key, number in read.items()
    ]
    columns = {"source": "VARCHAR", "stream": "VARCHAR", "parent_key": "VARCHAR", "parent_hash": "UBIGINT"}
    engine.load(con, "prints", columns, rows)
    with engine.transaction(con):
        con.execute(f"DELETE FROM meta.reads WHERE ({_OF}) IN (SELECT {_OF} FROM prints)")
        con.execute(f"INSERT INTO meta.reads SELECT *, {literal(now)} FROM prints")


def _keys_of(con: engine.Connection, *, source: Source, stream: str, paths: Sequence[str]) -> tuple[str, ...]:
    """The keys of the stored records that came out of these files."""
    if not store.has_table(con, "raw", f"{source.name}__{stream}"):
        return ()
    rows = con.execute(
        f"SELECT key FROM {raw_table(source.name, stream)} WHERE NOT deleted "
        f"AND json_extract_string(payload, '$.path') IN (SELECT unnest({literal(list(paths))}))"
    ).fetchall()
    return tuple(key for (key,) in rows)
