"""Doing what the outbox says.

1. Under the lock, in one transaction: what is done inside the workspace (tasks, fields, files, the inbox), and what is
   due elsewhere is taken up.
2. With nothing open: it is sent, each channel by itself, so that one that fails or drags on holds up no other.
3. Under the lock again, shortly and as results come in: what came of it.

A run that dies in 2 leaves rows that are taken up again when their lease ends; their ids are the same, so whoever
they reach a second time can tell.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Literal

from execution import engine, store
from execution.actions import agent_files, inbox, local, outbox
from execution.actions.channels.telling import NotSentError, Sender
from execution.actions.modes import Modes, modes
from execution.actions.outbox import Result, Row, Way
from execution.actions.pace import REAL, Clock, Spacing, wait_before
from execution.actions.senders import BACK, SenderMaker, senders
from execution.directives import Program
from execution.directives.model.routing import Email, Inbox, Retry, Slack
from execution.errors import GtmError, Problem
from execution.settings import Environment
from execution.sync.deriving import take_fields
from execution.workspace import Workspace

AT_ONCE = 50
"""Messages of one channel that are taken up together: what a run that dies leaves in doubt."""

TIMES = 4
"""Answers that one message may take (Slack: which channel, whether it is there, and then the message)."""


PATIENCE_S = 0.1
"""How long results are gathered before they are noted together."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became, or with `would` is to become, of one row."""

    id: str
    alert: str | None
    do: str
    channel: str | None
    recipient: str | None
    title: str
    ending: Literal["done", "again", "dead", "dropped", "would"]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a delivery did. `waiting` is due and was left: a channel's limit is reached, or it does not answer."""

    handled: tuple[Handled, ...]
    waiting: int
    inbox: tuple[Problem, ...] = ()

    def count(self, ending: str) -> int:
        """How many rows ended so."""
        return sum(one.ending == ending for one in self.handled)


@dataclass
class _Run:
    """One delivery under way."""

    workspace: Workspace
    program: Program
    modes: Modes
    now: datetime
    clock: Clock
    timeout_s: float
    make: SenderMaker
    left: int | None
    only: str | None = None
    began: float = 0.0
    senders: dict[str, Sender | GtmError] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    handled: list[Handled] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def moment(self) -> datetime:
        """`now`, and what went by since."""
        return self.now + timedelta(seconds=self.clock.monotonic() - self.began)

    def retry_of(self, way: str) -> tuple[Retry, timedelta]:
        """How often a way is tried, and how long it may hold what it took up."""
        channel = self.modes.channels.get(way)
        return (Retry(), timedelta(minutes=10)) if channel is None else (channel.retry, channel.lease)


def deliver(
    workspace: Workspace,
    program: Program,
    environment: Environment,
    *,
    now: datetime,
    dry_run: bool = False,
    test: bool = False,
    limit: int | None = None,
    only: str | None = None,
    timeout_s: float = store.DEFAULT_TIMEOUT_S,
    clock: Clock = REAL,
    make: SenderMaker | None = None,
) -> Delivered:
    """Do everything that is due at `now`, at most `limit` messages of it; with `only` what does that (`report`), and
    nothing else.

    With `dry_run` nothing is written or sent, and what would be is told. `test` marks whatever goes out and sends it
    to the channels' test addresses only. `timeout_s` is how long to wait for the store each time.

    Raises StoreBusyError where the store is not free in time; what was sent then stays taken up until its lease ends.
    """
    how = modes(program, environment, test=test)
    if dry_run:
        return _foreseen(workspace, how, _is_due(now, only), timeout_s, limit)
    maker = make or senders(program, environment, how, Spacing(clock))
    run = _Run(workspace, program, how, now, clock, timeout_s, maker, limit, only, clock.monotonic())
    with store.writer(workspace, timeout_s=timeout_s) as con:
        if only is None:
            _inside(run, con)
        claimed = _claim(run, con)
    while claimed:
        for results in _sent(run, claimed):
            with store.writer(workspace, timeout_s=timeout_s) as con:
                _record(run, con, results)
        with store.writer(workspace, timeout_s=timeout_s) as con:
            claimed = _claim(run, con)
    # Also where nothing was done: whoever did it last may have been killed before readers could see it.
    with store.writer(workspace, timeout_s=timeout_s, then_publish=True) as con:
        waiting = _due(con, now, only)
    return Delivered(tuple(run.handled), waiting, tuple(run.problems))


# --- inside the workspace ---------------------------------------------------------------------------


def _inside(run: _Run, con: engine.Connection) -> None:
    """What is done without leaving the workspace, in one transaction that ends with the files written."""
    if _due(con, run.now):
        with store.change(con):
            local.bury_unreadable(con, run.moment)
            local.settle(con, run.modes, run.now, run.moment)
            take_fields(con, run.program, run.moment)
            _leave_files(run, con)
            for name, problem in _write_inboxes(run, con).items():
                _keep_due(run, con, name, problem)
            local.finish(con, run.moment)
            run.handled += _settled(con)
            con.execute("DROP TABLE settled")
    else:
        _write_inboxes(run, con)  # how alerts stand changes without a message, too


def _leave_files(run: _Run, con: engine.Connection) -> None:
    due = f"o.state = 'due' AND o.due_at <= {engine.literal(engine.naive_utc(run.now))}"
    rows = outbox.rows(con, f"{due} AND o.\"do\" = 'agent_task'")
    for row in rows:
        try:
            agent_files.write(run.workspace, row, is_test=run.modes.is_test)
            ended = ["done", None]
        except (GtmError, OSError) as error:
            ended = ["dropped", error.message if isinstance(error, GtmError) else type(error).__name__]
        con.execute("INSERT INTO settled VALUES (?, ?, ?)", [row.id, *ended])


def _write_inboxes(run: _Run, con: engine.Connection) -> dict[str, Problem]:
    """Bring every inbox up to date; by channel, why one could not be written."""
    left: dict[str, Problem] = {}
    for name, channel in run.modes.inboxes.items():
        found = inbox.entries(con, channel.keep, run.now)
        if not found and not (run.workspace.root / channel.file).exists():
            continue
        written = inbox.write(run.workspace, channel, found, is_test=run.modes.tests(channel))
        if isinstance(written, Problem):
            left[name] = written
            run.problems.append(written)
    return left


def _keep_due(run: _Run, con: engine.Connection, name: str, problem: Problem) -> None:
    """What an inbox could not take is tried again later, as with any channel."""
    rows = outbox.rows(con, f"o.id IN (SELECT id FROM settled) AND o.channel = {engine.literal(name)}")
    con.execute("DELETE FROM settled WHERE id IN (SELECT id FROM ops.outbox WHERE channel = ?)", [name])
    taken = outbox.take(con, rows, run.moment)
    reason = f"{problem.path}:{problem.line}: {problem.message}"
    _note(run, con, [_failed(run, name, row, NotSentError(reason)) for row in taken])


def _settled(con: engine.Connection) -> list[Handled]:
    rows = con.execute(
        'SELECT o.id, o.alert, o."do", o.channel, o.recipient, coalesce('
        f"{outbox.said('title')}, {outbox.said('field')}, o.action), s.state, s.error\n"
        "FROM settled s JOIN ops.outbox o ON o.id = s.id ORDER BY o.created_at, o.id"
    ).fetchall()
    return [Handled(*row) for row in rows]


# --- taking up, sending, noting ---------------------------------------------------------------------


def _claim(run: _Run, con: engine.Connection) -> list[Row]:
    """Take up what is due elsewhere, as much as limits allow."""
    if run.left is not None and run.left <= 0:
        return []
    ways = [way for way in _ways(run, con) if way.room > 0]
    with engine.transaction(con):  # nothing that readers would be told of
        rows = outbox.claim(con, ways, run.now, run.moment, most=run.left, only=run.only)
        told = _informed(run, con, rows)
    if run.left is not None:
        run.left -= len(rows)
    return told


def _informed(run: _Run, con: engine.Connection, rows: Sequence[Row]) -> list[Row]:
    """The rows with what their senders have to know of the store."""
    threaded = {name for name, channel in run.modes.channels.items() if isinstance(channel, Slack | Email)}
    known = {row.id: row for row in outbox.with_threads(con, [row for row in rows if row.channel in threaded])}
    return [known.get(row.id) or outbox.with_company(con, row) for row in rows]


def _ways(run: _Run, con: engine.Connection) -> Iterator[Way]:
    for name, channel in run.modes.channels.items():
        if isinstance(channel, Inbox) or name in run.stopped or run.modes.refusal(name) is not None:
            continue
        room = AT_ONCE
        if channel.rate_limit is not None:
            since = run.moment - channel.rate_limit.per
            room = min(room, channel.rate_limit.messages - outbox.used(con, name, since))
        yield Way(name, room, channel.lease)
    for name in sorted(run.program.sources):
        if BACK + name not in run.stopped and not run.modes.is_test:
            yield Way(BACK + name, AT_ONCE, run.retry_of(BACK + name)[1])


def _sent(run: _Run, claimed: Sequence[Row]) -> Iterator[list[Result]]:
    """Send what was taken up, each channel by itself; results as they come, several at once if they do."""
    by_way: dict[str, list[Row]] = {}
    for row in claimed:
        by_way.setdefault(way_of(row), []).append(row)
    came: SimpleQueue[Result] = SimpleQueue()
    with ThreadPoolExecutor(max_workers=len(by_way), thread_name_prefix="deliver") as pool:
        under_way = [pool.submit(_send_all, run, way, rows, came.put) for way, rows in by_way.items()]
        try:
            while not all(one.done() for one in under_way) or not came.empty():
                if results := list(_there(came)):
                    yield results
            for one in under_way:
                one.result()
        except BaseException:
            run.stopped |= by_way.keys()  # whoever is told now is the last one
            raise


def _there(came: "SimpleQueue[Result]") -> Iterator[Result]:
    """What came, waiting a little for more of it: opening the store costs as much as noting a hundred results."""
    until = time.monotonic() + PATIENCE_S
    while (left := until - time.monotonic()) > 0:
        try:
            yield came.get(timeout=left)
        except Empty:
            return


def way_of(row: Row) -> str:
    """What a row is sent by; see `outbox.way_sql`."""
    return row.channel if row.channel is not None else BACK + str(row.payload.get("write_back"))


def _send_all(run: _Run, way: str, rows: Sequence[Row], put: Callable[[Result], None]) -> None:
    """Send one channel's rows one after the other. Once one shows that the channel is not to be had, or the lease
    gets short, the rest is given back."""
    for row in rows:
        if way in run.stopped or _is_late(run, way, row):
            put(Result(row, "released"))
            continue
        try:
            receipt = _sender(run, way).send(row)
            put(Result(row, "done", receipt=receipt))
        except NotSentError as error:
            _stop(run, way, is_needed=error.stops)
            put(_failed(run, way, row, error))
        except GtmError as error:
            _stop(run, way, is_needed=True)
            put(_failed(run, way, row, NotSentError(f"{error.code} {error.message}")))
        except Exception as error:  # noqa: BLE001 - one channel's bug must not cost the others their messages
            _stop(run, way, is_needed=True)
            put(_failed(run, way, row, NotSentError(f"a bug: {type(error).__name__}", is_unclear=True)))


def _stop(run: _Run, way: str, *, is_needed: bool) -> None:
    if is_needed:
        run.stopped.add(way)


def _is_late(run: _Run, way: str, row: Row) -> bool:
    """Whether the lease may end before this row is told: then somebody else may have it."""
    channel = run.modes.channels.get(way)
    needed = TIMES * (channel.timeout if channel is not None else timedelta(seconds=30))
    lease = run.retry_of(way)[1]
    held = engine.naive_utc(run.moment) - (row.claimed_at or engine.naive_utc(run.moment))
    return held > max(lease - needed, lease / 4)


def _sender(run: _Run, way: str) -> Sender:
    """The sender of a way, made once a run. Raises the GtmError that says why there is none."""
    if way not in run.senders:
        try:
            run.senders[way] = run.make(way)
        except GtmError as error:
            run.senders[way] = error
    found = run.senders[way]
    if isinstance(found, GtmError):
        raise found
    return found


def _failed(run: _Run, way: str, row: Row, error: NotSentError) -> Result:
    """An attempt that failed: tried again later, or never."""
    retry = run.retry_of(way)[0]
    reason = (outbox.UNCLEAR if error.is_unclear else "") + error.reason
    if error.is_final or row.attempts >= retry.attempts:
        return Result(row, "dead", reason)
    return Result(row, "again", reason, due_at=run.moment + wait_before(retry, row.id, row.attempts, error.wait))


def _record(run: _Run, con: engine.Connection, results: Sequence[Result]) -> None:
    with store.change(con):
        _note(run, con, results)


def _note(run: _Run, con: engine.Connection, results: Sequence[Result]) -> None:
    outbox.record(con, results, run.moment)
    for result in results:
        if result.ending == "released":
            continue
        row = result.row
        run.handled.append(
            Handled(row.id, row.alert, row.do, row.channel, row.recipient, row.title, result.ending, result.error)
        )


# --- what would be done -----------------------------------------------------------------------------


def _due(con: engine.Connection, now: datetime, only: str | None = None) -> int:
    return engine.count(con, f"FROM ops.outbox o WHERE {_is_due(now, only)}")


def _is_due(now: datetime, only: str | None) -> str:
    among = "" if only is None else f' AND o."do" = {engine.literal(only)}'
    return f"o.state = 'due' AND o.due_at <= {engine.literal(engine.naive_utc(now))}{among}"


def _foreseen(workspace: Workspace, how: Modes, due: str, timeout_s: float, limit: int | None) -> Delivered:
    """What is due, and what would come of it; nothing is written."""
    with store.looking(workspace, timeout_s=timeout_s) as con:
        there = store.has_table(con, "ops", "outbox")
        rows = outbox.rows(con, f"{due} AND json_valid(o.payload)") if there else []
    told = [_foreseen_of(how, row) for row in (rows if limit is None else rows[:limit])]
    return Delivered(tuple(told), len(rows) - len(told))


def _foreseen_of(how: Modes, row: Row) -> Handled:
    refused = how.refusal(row.channel) if row.do in local.SENT else None
    ending: Literal["dropped", "would"] = "dropped" if refused else "would"
    return Handled(row.id, row.alert, row.do, row.channel, row.recipient, row.title, ending, refused)


def counts(delivered: Delivered) -> Mapping[str, int]:
    """How many rows ended how, and how many were left."""
    endings = ("done", "again", "dead", "dropped", "would")
    return {ending: delivered.count(ending) for ending in endings} | {"waiting": delivered.waiting}
