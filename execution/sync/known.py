"""What is known before a run, for its forecast: what the publication holds of each stream, and what the journal tells
of the last time it was read. Reads only: nobody is asked, nothing is locked and nothing is decoded again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from execution import engine
from execution.directives.model import CursorSync, FeedSync, Source, Stream, WindowSync
from execution.engine import ident, literal
from execution.store import journal
from execution.sync import decode
from execution.sync.estimate import Due, Known, LastRead
from execution.sync.first_request import placeholders_of
from execution.sync.paging import is_one_page, page_size
from execution.sync.plan import StreamPlan
from execution.sync.raw import raw_table
from execution.workspace import Workspace

_RUNS = 500
"""How many runs back the journal is read for streams that have not been read to their end since."""


def last_reads(workspace: Workspace) -> dict[tuple[str, str], LastRead]:
    """By (source, stream): the newest run in the journal that read it to its end."""
    found: dict[tuple[str, str], LastRead] = {}
    for entry in islice(journal.entries(workspace, "sync"), _RUNS):
        at = journal.began(entry)
        for stream in [each for source in entry.get("sources", ()) for each in source.get("streams", ())]:
            if at is not None and stream.get("status") == "ok":
                key = (str(stream.get("source")), str(stream.get("stream")))
                found.setdefault(key, LastRead(at, int(stream.get("pages", 0))))
    return found


def known(
    con: engine.Connection,
    source: Source,
    plans: Sequence[StreamPlan],
    last: Mapping[tuple[str, str], LastRead],
    now: datetime,
) -> dict[str, Known]:
    """What is known of each planned stream; `con` has a publication open. `plans` are in the order of reading."""
    stored = _stored(con, source)
    found: dict[str, Known] = {}
    for plan in plans:
        look = _Look(con, source, plan, last.get((source.name, plan.stream)), now, stored)
        found[plan.stream] = look.known(found)
    return found


def _stored(con: engine.Connection, source: Source) -> dict[str, frozenset[str]]:
    """The streams that are stored as today's directive maps them, each with its timestamp columns."""
    mappings = dict(con.execute("SELECT stream, mapping FROM meta.streams WHERE source = ?", [source.name]).fetchall())
    return {
        name: frozenset(column for column, kind in decode.typed_columns(stream).items() if kind == "TIMESTAMP")
        for name, stream in source.streams.items()
        if mappings.get(name) == decode.mapping(stream)
    }


@dataclass(frozen=True, slots=True)
class _Look:
    """One stream being looked up."""

    con: engine.Connection
    source: Source
    plan: StreamPlan
    last: LastRead | None
    now: datetime
    stored: Mapping[str, frozenset[str]]

    @property
    def stream(self) -> Stream:
        return self.source.streams[self.plan.stream]

    def known(self, before: Mapping[str, Known]) -> Known:
        is_stored = self.plan.stream in self.stored
        if self.stream.each:
            due = self._due(self.stream, self.stream.each) if self.stream.each in self.stored else None
            return Known(is_stored, self.last, due=due)
        if self.plan.mode == "by feed" and isinstance(self.stream.sync, FeedSync):
            feed = self.stream.sync.feed
            if feed not in self.stored:
                return Known(is_stored, self.last)
            named, lately = self._named(self.stream.sync, before[feed].moment if feed in before else "")
            return Known(is_stored, self.last, lately=lately, named=named)
        if not is_stored:
            return Known(is_stored, self.last)
        within, moment = self._within()
        return Known(is_stored, self.last, within, moment, self._lately(moment))

    def _within(self) -> tuple[int | None, str]:
        """How many records lie in the window. A window's directive does not say by which column the vendor cuts it:
        the one that has most records in it is taken."""
        since = _asked_since(self.stream, self.plan.since)
        sync = self.stream.sync
        wanted = [sync.column] if isinstance(sync, CursorSync) else list(self.stream.columns)
        moments = [name for name in wanted if name in self.stored[self.plan.stream]]
        if since is None or not moments or not isinstance(sync, CursorSync | WindowSync):
            return None, ""
        counts = ", ".join(f"count(*) FILTER ({ident(name)} >= {literal(since)})" for name in moments)
        row = self._row(f"SELECT {counts} FROM {self._table(self.plan.stream)} WHERE NOT deleted")
        return max(zip(row, moments, strict=True), key=lambda counted: counted[0])

    def _lately(self, moment: str) -> int | None:
        sync, version = self.stream.sync, self.stream.version
        column = sync.column if isinstance(sync, CursorSync) else version or moment
        span = self._span()
        if span is None or column not in self.stored[self.plan.stream]:
            return None
        row = self._row(f"SELECT count(*) FILTER ({_within(column, span)}) FROM {self._table(self.plan.stream)}")
        return int(row[0])

    def _span(self) -> tuple[datetime, datetime] | None:
        """The time before the last read that is as long as the time since."""
        if self.last is None:
            return None
        return self.last.at - max(timedelta(0), self.now - self.last.at), self.last.at

    def _due(self, stream: Stream, each: str) -> Due:
        """As `state.parents_to_read`, but counted, and for what reason."""
        as_of = literal(self.now)
        reread = f"coalesce(({stream.reread.replace('$as_of', as_of)}), false)" if stream.reread else "false"
        refresh = f"coalesce(r.read_at <= {literal(self.now - stream.refresh)}, false)" if stream.refresh else "false"
        columns = ["key", *decode.typed_columns(self.source.streams[each])]
        due = (
            "SELECT *, is_unread OR is_reread OR is_refresh AS is_due FROM ("
            "SELECT r.parent_hash IS NULL OR r.parent_hash <> p.hash AS is_unread, "
            f"{reread} AS is_reread, {refresh} AS is_refresh, {', '.join(f'p.{ident(name)}' for name in columns)} "
            f"FROM {self._table(each)} p LEFT JOIN meta.reads r ON r.source = {literal(self.source.name)} "
            f"AND r.stream = {literal(self.plan.stream)} AND r.parent_key = p.key WHERE NOT p.deleted)"
        )
        counts = ("true", "is_unread", "is_reread AND NOT is_unread", "is_refresh AND NOT is_unread")
        counted = ", ".join(f"count(*) FILTER ({condition})" for condition in counts)
        row = self._row(
            f"WITH due AS (FROM ({due}) WHERE is_due), children AS ({self._children()}) "
            f"SELECT {counted}, coalesce(sum(greatest(1, children.pages)), 0) "
            "FROM due LEFT JOIN children ON children.parent = due.key"
        )
        parents, unread, rereading, refreshing, pages = (int(value) for value in row)
        requests = -(-parents // stream.batch) if stream.batch else pages
        first = engine.dicts(self.con, f"SELECT * FROM ({due}) WHERE is_due ORDER BY key LIMIT 1") if parents else []
        return Due(parents, unread, rereading, refreshing, requests, first[0] if first else None)

    def _children(self) -> str:
        """SELECT of the pages that each parent's children make, for those that have any."""
        size = page_size(self.source, self.stream)
        if size is None or is_one_page(self.source, self.stream) or self.plan.stream not in self.stored:
            return "SELECT NULL::VARCHAR AS parent, 1 AS pages WHERE false"
        return (
            f"SELECT parent_key AS parent, ceil(count(*) / {size}) AS pages FROM {self._table(self.plan.stream)} "
            "WHERE NOT deleted AND parent_key IS NOT NULL GROUP BY parent_key"
        )

    def _named(self, sync: FeedSync, moment: str) -> tuple[int, int | None]:
        """As `state.changes_to_read`, but counted: (ids not asked for yet, ids named lately)."""
        span = self._span()
        lately = _within(moment, span) if span and moment else "false"
        row = self._row(
            "SELECT count(DISTINCT id) FILTER (is_unread), count(DISTINCT id) FILTER (is_lately) FROM ("
            f"SELECT f.{ident(sync.id)}::VARCHAR AS id, {lately} AS is_lately, "
            "r.parent_hash IS DISTINCT FROM f.hash AS is_unread "
            f"FROM (SELECT * FROM {self._table(sync.feed)} AS {ident(sync.feed)} "
            f"WHERE NOT deleted AND coalesce(({sync.where or 'true'}), false)) f "
            f"LEFT JOIN meta.reads r ON r.source = {literal(self.source.name)} "
            f"AND r.stream = {literal(self.plan.stream)} AND r.parent_key = f.key) WHERE trim(id) <> ''"
        )
        return int(row[0]), int(row[1]) if span and moment else None

    def _table(self, stream: str) -> str:
        return raw_table(self.source.name, stream)

    def _row(self, sql: str) -> tuple[Any, ...]:
        return self.con.execute(sql).fetchone() or ()


def _within(column: str, span: tuple[datetime, datetime]) -> str:
    """The condition that a column lies after the first and not after the second of two moments."""
    return f"coalesce({ident(column)} > {literal(span[0])} AND {ident(column)} <= {literal(span[1])}, false)"


def _asked_since(stream: Stream, since: datetime | None) -> datetime | None:
    """From when the request itself asks: `{since-2d}` reaches further back than the cursor."""
    offsets = [part.offset for part in placeholders_of(stream) if part.root == "since"]
    return since + min(offsets) if since is not None and offsets else since
