"""Approvals: actions that wait for somebody's word, and what was said."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from execution import engine, store
from execution.actions import filing
from execution.actions.people import Directory
from execution.directives import Program
from execution.engine import literal
from execution.errors import UsageError


@dataclass(frozen=True, slots=True)
class Waiting:
    """One action that waits: `approvers` are the people whose word counts, nobody meaning anybody of the team."""

    outbox: str
    alert: str | None
    occasion: str
    action: str
    do: str
    channel: str | None
    recipient: str | None
    payload: dict[str, Any]
    asked_at: datetime
    expires_at: datetime
    approvers: tuple[str, ...]

    @property
    def alerts(self) -> tuple[str, ...]:
        return tuple(item["alert"] for item in self.payload.get("items", ()))


def listing(con: engine.Connection) -> list[Waiting]:
    """Everything that waits, what expires first at the top."""
    rows = engine.dicts(
        con,
        """SELECT o.id AS outbox, o.alert, o.occasion, o.action, o."do", o.channel, o.recipient, o.payload, a.asked_at,
            a.expires_at, a.approvers
        FROM ops.outbox o JOIN ops.approvals a ON a.outbox = o.id
        WHERE o.state = 'held' AND a.decision IS NULL ORDER BY a.expires_at, o.id""",
    )
    read = ({"payload": json.loads(row["payload"]), "approvers": tuple(row["approvers"])} for row in rows)
    return [Waiting(**row | more) for row, more in zip(rows, read, strict=True)]


def approve(
    con: engine.Connection, program: Program, ids: Sequence[str], who: str, now: datetime, note: str = ""
) -> list[Waiting]:
    """Let actions be done; those that were approved. `who` is an e-mail or a name of the team, an id may be cut short.

    Raises UsageError where `who` may not say so (E368), or nothing waits under an id (E369); then none is.
    """
    at = engine.naive_utc(now)
    with store.change(con):
        chosen = _decided(con, program, ids, who, "approved", at, note)
        con.execute(
            f"UPDATE ops.outbox SET state = 'due', due_at = greatest(due_at, {literal(at)}) "
            f"WHERE id IN ({_among(chosen)})"
        )
    return chosen


def deny(
    con: engine.Connection, program: Program, ids: Sequence[str], who: str, now: datetime, note: str = ""
) -> list[Waiting]:
    """Have actions not be done; as `approve` otherwise."""
    at = engine.naive_utc(now)
    with store.change(con):
        chosen = _decided(con, program, ids, who, "denied", at, note)
        filing.drop(con, {each.outbox: filing.DENIED for each in chosen}, at)
    return chosen


def _decided(
    con: engine.Connection, program: Program, ids: Sequence[str], who: str, decision: str, at: datetime, note: str
) -> list[Waiting]:
    """What waits under the ids, decided by somebody who may. Inside the caller's transaction."""
    expire(con, at, now=at)
    chosen, person = _chosen(listing(con), ids), ""
    for each in chosen:
        person = _entitled(program, each, who, at)
    _decide(con, chosen, decision, person, at, note)
    return chosen


def expire(con: engine.Connection, as_of: datetime, *, now: datetime) -> int:
    """Drop what nobody spoke of in time, inside the caller's transaction; how many. Both times are naive UTC."""
    late = [each for each in listing(con) if each.expires_at <= as_of]
    if late:
        con.execute(
            f"UPDATE ops.approvals SET decided_at = {literal(as_of)}, decision = 'expired' "
            f"WHERE decision IS NULL AND outbox IN ({_among(late)})"
        )
        filing.drop(con, {each.outbox: filing.EXPIRED for each in late}, as_of)
        filing.note(con, _lines(late, "expired", None, ""), as_of, now)
    return len(late)


def _chosen(waiting: Sequence[Waiting], ids: Iterable[str]) -> list[Waiting]:
    found: dict[str, Waiting] = {}
    for id_ in ids:
        matching = [each for each in waiting if id_ and each.outbox.startswith(id_)]
        if len(matching) != 1:
            what = f"{len(matching)} actions wait" if matching else "nothing waits"
            hint = "`gtm approvals` lists what waits; write as much of its id as tells it from the others"
            raise UsageError(f"{what} for approval under {id_!r}", hint=hint, code="E369")
        found[matching[0].outbox] = matching[0]
    return list(found.values())


def _entitled(program: Program, waiting: Waiting, who: str, at: datetime) -> str:
    """The person of the team whose word it is. Raises UsageError where it does not count."""
    directory = Directory(program.team, program.routing, program.settings.time_zone)
    person = directory.known(who)
    if person is None or program.team is None:
        hint = "write the e-mail or the name of somebody in the team directive"
        raise UsageError(f"the team has nobody called {who!r}", hint=hint, code="E368")
    names = ", ".join(program.team.people[each].name for each in waiting.approvers if each in program.team.people)
    if directory.has_left(person, at):
        hint = f"ask {names or 'somebody of the team'}"
        raise UsageError(f"{program.team.people[person].name} has left", hint=hint, code="E368")
    if waiting.approvers and person not in waiting.approvers:
        message = f"{waiting.action} does not wait for the word of {program.team.people[person].name}"
        raise UsageError(message, hint=f"ask {names or 'for it to be planned anew'}", code="E368")
    return person


def _decide(
    con: engine.Connection, chosen: Sequence[Waiting], decision: str, who: str, at: datetime, note: str
) -> None:
    con.execute(
        f"UPDATE ops.approvals SET decided_at = ?, decision = ?, who = ?, note = nullif(?, '') "
        f"WHERE decision IS NULL AND outbox IN ({_among(chosen)})",
        [at, decision, who, note],
    )
    filing.note(con, _lines(chosen, decision, who, note), at, at)


def _lines(rows: Iterable[Waiting], event: str, who: str | None, note: str) -> list[filing.Line]:
    return [
        filing.Line(alert, event, {"outbox": row.outbox, "action": row.action, "note": note or None}, who)
        for row in rows
        for alert in row.alerts
    ]


def _among(rows: Iterable[Waiting]) -> str:
    return ", ".join(literal(row.outbox) for row in rows) or "''"
