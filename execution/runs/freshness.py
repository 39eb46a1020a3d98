"""How fresh each source is: when it was last read whole, how old that is against what its directive allows, and what
went wrong since. From the journal (every run) and the publication (rows); no lock is taken.

A source was read when the run began that read it whole (`journal.began`), here as in the store's `meta.sources`, from
which scores, reports and points of quality have it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from execution.directives.model import Source
from execution.errors import StoreError
from execution.runs.connection import missing
from execution.runs.session import Session
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.store.holding import Held

State = Literal["fresh", "late", "overdue", "never", "failed", "not connected", "disabled"]

_ENTRIES = 2000
"""How many runs back the journal is read for a source or stream that has not completed since."""


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One stream: rows in the store (None before its first read), when it was last read whole, what failed since."""

    stream: str
    rows: int | None = None
    last_success: datetime | None = None
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source. `late` is past its warning age, `overdue` past its error age, `failed` that its last run did;
    `missing` names credentials that are not set."""

    source: str
    title: str
    state: State
    last_success: datetime | None
    age: timedelta | None
    warn_after: timedelta | None
    error_after: timedelta | None
    missing: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""
    streams: tuple[StreamStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """Every source, and the publication that readers see: its number and when it was made, and why they do not have
    what came later, if that is `held` back."""

    as_of: datetime
    sources: tuple[SourceStatus, ...]
    publication: int | None
    published_at: datetime | None
    held: "Held | None" = None

    @property
    def exit_code(self) -> int:
        """1 where an enabled, connected source failed or is overdue, or what was synced is held back."""
        has_failed = any(source.state in {"failed", "overdue"} for source in self.sources)
        return int(has_failed or self.held is not None)


def status(session: Session, now: datetime) -> Status:
    """The state of every declared source at `now`, by name."""
    from execution import store
    from execution.store import holding

    history = _History(session.workspace)
    rows = _rows(session)
    publication = store.current(session.workspace)
    sources = tuple(
        _source_status(session, session.program.sources[name], history, rows, now)
        for name in sorted(session.program.sources)
    )
    made = publication.file.stat().st_mtime if publication else None
    return Status(
        now,
        sources,
        publication.number if publication else None,
        datetime.fromtimestamp(made, UTC) if made is not None else None,
        holding.told(session.workspace),
    )


def _source_status(
    session: Session, source: Source, history: "_History", rows: Mapping[tuple[str, str], int], now: datetime
) -> SourceStatus:
    last, failure = history.of_source(source.name)
    streams = tuple(
        replace(history.of_stream(source.name, name), rows=rows.get((source.name, name))) for name in source.streams
    )
    absent = missing(source, session.environment, session.workspace.root)
    limits = source.freshness
    age = now - last if last else None
    return SourceStatus(
        source.name,
        source.title,
        _state(source, age, is_failing=bool(failure), is_connected=not absent),
        last,
        age,
        limits.warn if limits else None,
        limits.error if limits else None,
        absent,
        str(failure.get("error", "")),
        str(failure.get("hint", "")),
        streams,
    )


def _state(source: Source, age: timedelta | None, *, is_failing: bool, is_connected: bool) -> State:
    if not source.enabled:
        return "disabled"
    if not is_connected:
        return "not connected"
    if is_failing:
        return "failed"
    if age is None:
        return "never"
    if source.freshness and age > source.freshness.error:
        return "overdue"
    return "late" if source.freshness and age > source.freshness.warn else "fresh"


def last_reads(workspace: Workspace, sources: Iterable[str]) -> dict[str, datetime]:
    """When each of these sources was last read whole, as far as the journal knows."""
    history = _History(workspace)
    found = {source: history.of_source(source)[0] for source in sources}
    return {source: moment for source, moment in found.items() if moment is not None}


class _History:
    """The journal's syncs, newest first, read no further back than asked for."""

    def __init__(self, workspace: Workspace) -> None:
        from execution.store import journal

        entries = islice(journal.entries(workspace, "sync"), _ENTRIES)
        self._seen: list[tuple[datetime, Mapping[str, Any]]] = []
        self._more = ((at, entry) for entry in entries if (at := journal.began(entry)) is not None)

    def _runs(self) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
        """When each run began, with its entry."""
        yield from self._seen
        for run in self._more:
            self._seen.append(run)
            yield run

    def of_source(self, name: str) -> tuple[datetime | None, Mapping[str, Any]]:
        """(when it was last read whole, its newest failure since then or {})."""
        failure: Mapping[str, Any] = {}
        for at, entry in self._runs():
            for source in entry.get("sources", ()):
                if source.get("source") != name:
                    continue
                if source.get("status") == "ok":
                    return at, failure
                if source.get("status") == "failed" and not failure:
                    failure = source
        return None, failure

    def of_stream(self, source_name: str, name: str) -> StreamStatus:
        """When the stream was last read whole, and its newest failure since then; without rows."""
        failure: Mapping[str, Any] = {}
        for at, entry in self._runs():
            for stream in _streams(entry, source_name, name):
                if stream.get("status") == "ok":
                    return StreamStatus(name, None, at, failure.get("error", ""), failure.get("hint", ""))
                if stream.get("status") == "failed" and not failure:
                    failure = stream
        return StreamStatus(name, None, None, failure.get("error", ""), failure.get("hint", ""))


def _streams(entry: Mapping[str, Any], source: str, stream: str) -> Iterator[Mapping[str, Any]]:
    for found in entry.get("sources", ()):
        if found.get("source") == source:
            yield from (each for each in found.get("streams", ()) if each.get("stream") == stream)


def _rows(session: Session) -> dict[tuple[str, str], int]:
    """Records by (source, stream) in the publication, deleted ones left out; nothing before the first."""
    from execution import engine, store

    wanted = [(source.name, stream) for source in session.program.sources.values() for stream in source.streams]
    try:
        with store.reader(session.workspace) as con:
            found = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'raw'").fetchall()
            there = {str(name) for (name,) in found} & {f"{source}__{stream}" for source, stream in wanted}
            counts = [
                f"SELECT {engine.literal(name)}, count(*) FROM {engine.ident('raw', name)} WHERE NOT deleted"
                for name in sorted(there)
            ]
            # One statement: planning each of 26 by itself takes four times as long.
            rows = dict(con.execute(" UNION ALL ".join(counts)).fetchall()) if counts else {}
    except StoreError:
        return {}
    return {(source, stream): rows[f"{source}__{stream}"] for source, stream in wanted if f"{source}__{stream}" in rows}
