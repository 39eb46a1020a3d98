"""Planning: what alerts ask for, written into the outbox in the transaction that opened them.

Whatever is planned follows from the state of alerts and log, not from what just happened: an alert that fired while it
was silenced or put off, or in a run that died, is found by the next planning. Planning twice adds nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from execution import engine
from execution.actions import approvals, filing, following, reading, undelivered
from execution.actions.caps import Turn, turns
from execution.actions.desk import Desk
from execution.actions.filing import Row
from execution.actions.firing import tell
from execution.actions.grouping import RANK
from execution.actions.quiet import due_at
from execution.actions.telling import KINDS
from execution.actions.withdrawing import withdraw
from execution.directives import Program
from execution.directives.model.routing import Cap
from execution.engine import literal

_TURN = "turn"
"""What a message's payload says of its place in the queue: what it goes `of`, `from` when, in which time `zone`. One
without it (a digest, the inbox) waits for nobody."""

_NO_CAP = Cap(alerts=1_000_000_000)


@dataclass(frozen=True, slots=True)
class Planned:
    """What one planning came to: alerts that are `told` now, `waiting` ones (silenced, or put off), those that took a
    step of escalation, whose answer is `overdue`, that were told once more, to a new owner, or as `resolved`; rows of
    the outbox that were `written`, `dropped`, or `expired` without approval."""

    told: int
    waiting: int
    escalated: int
    overdue: int
    reminded: int
    handed_over: int
    resolved: int
    written: int
    dropped: int
    expired: int

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came of it; what waits waited before."""
        return not any(getattr(self, name) for name in self.__slots__ if name != "waiting")


def plan(con: engine.Connection, program: Program, as_of: datetime, *, now: datetime | None = None) -> Planned:
    """Write what is to be done as of a moment, inside the caller's transaction. `now` is the clock's time, for the log.

    `con` has the store as its current database, with measures, segments and scores worked out for the moment. Raises
    DataError where an action's condition fails on the data.
    """
    at, clock = engine.naive_utc(as_of), engine.naive_utc(now or datetime.now(UTC))
    desk = Desk.open(con, program, at, clock)
    expired = approvals.expire(con, at, now=clock)
    silenced = reading.silenced(con, program)
    dropped = withdraw(desk, silenced)
    told, waiting = tell(desk, silenced)
    handed_over = following.tell_new_owners(desk, silenced)
    escalated = following.escalate(desk, silenced)
    overdue = following.note_overdue(desk)
    reminded = following.remind(desk, silenced)
    resolved = following.tell_resolved(desk)
    undelivered.keep(desk)
    queue(desk)
    return Planned(told, waiting, escalated, overdue, reminded, handed_over, resolved, desk.written, dropped, expired)


def queue(desk: Desk) -> None:
    """Give every message that waits the moment at which its turn comes, outside quiet hours and within the cap."""
    waiting = [
        row for row in filing.unsent(desk.con) if row.state == "due" and not row.attempts and _TURN in row.payload
    ]
    by_turn: dict[tuple[str, datetime], list[Row]] = defaultdict(list)
    for row in waiting:
        by_turn[row.payload[_TURN]["of"], _ready_at(desk, row)].append(row)
    named = {f"{of} {ready_at.isoformat()}": (ready_at, rows) for (of, ready_at), rows in by_turn.items()}
    cap = desk.program.routing.cap or _NO_CAP
    asked = [_turn(name, ready_at, rows) for name, (ready_at, rows) in named.items()]
    due: dict[str, datetime] = {}
    for name, zone, at in turns(cap, desk.program.routing.quiet_hours, _taken(desk, cap), asked):
        rows = (row for row in named[name][1] if row.payload[_TURN]["zone"] == zone)
        due |= {row.id: at for row in rows if row.due_at != at}
    filing.move(desk.con, due)


def _ready_at(desk: Desk, row: Row) -> datetime:
    said = row.payload[_TURN]
    from_ = max(datetime.fromisoformat(said["from"]), desk.at)
    return due_at(from_, desk.program.routing.quiet_hours, said["zone"], row.payload["severity"])


def _turn(name: str, ready_at: datetime, rows: Sequence[Row]) -> Turn:
    """The turn of messages that tell the same to several readers, or through several channels."""
    gravest = min(rows, key=lambda row: (_rank(row), row.id))
    since = min(datetime.fromisoformat(item["since"]) for row in rows for item in row.payload["items"])
    zones = tuple(row.payload[_TURN]["zone"] for row in rows)
    return Turn(name, ready_at, _rank(gravest), since, gravest.payload["severity"], zones)


def _rank(row: Row) -> tuple[int, int]:
    return RANK[row.payload["severity"]], KINDS.index(row.payload["kind"])


def _taken(desk: Desk, cap: Cap) -> list[datetime]:
    """The turns that were taken in the time that the cap looks at. A clock that was ahead bars nobody for longer."""
    rows = desk.con.execute(
        f"""SELECT least(due_at, {literal(desk.at)}) FROM (
            SELECT DISTINCT json_extract_string(payload, '$.turn.of') AS turn, due_at FROM ops.outbox
            WHERE "do" = 'notify' AND due_at > {literal(desk.at - cap.per)}
                AND (state IN ('sending', 'done', 'dead') OR (attempts > 0 AND due_at <= {literal(desk.at)})))
        WHERE turn IS NOT NULL"""
    ).fetchall()
    return [row[0] for row in rows]
