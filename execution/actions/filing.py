"""Filing in the outbox: what is to be done, row by row, written in the transaction that opens the alerts; and the log.

A row's `id` is a hash of what is told, by which way and to whom, so whatever is planned twice is there once. What is
planned is known from the log: of each occasion of an alert the last line counts, and one that says why it `waits` means
that it is still to be planned.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from typing import Any

from execution import engine
from execution.engine import literal

NOTIFY = "notify"

FIRED, RESOLVED = "fired", "resolved"
"""Occasions."""

DENIED, EXPIRED = "denied", "expired"
"""Why a row was dropped that waited for somebody's word; it is never planned again."""

_ROW = {
    "id": "VARCHAR", "alert": "VARCHAR", "occasion": "VARCHAR", "action": "VARCHAR", "do": "VARCHAR",
    "channel": "VARCHAR", "recipient": "VARCHAR", "payload": "VARCHAR", "state": "VARCHAR", "due_at": "TIMESTAMP",
}  # fmt: skip
_LINE = {"alert": "VARCHAR", "event": "VARCHAR", "who": "VARCHAR", "detail": "VARCHAR"}
_ASKED = {"id": "VARCHAR", "expires_at": "TIMESTAMP", "approvers": "VARCHAR[]"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose word a row waits for (people of the team; nobody means any of them), and until when."""

    approvers: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to be done; `alerts` are all that it is about."""

    id: str
    alert: str | None
    occasion: str
    action: str
    do: str
    channel: str | None
    recipient: str | None
    payload: Mapping[str, Any]
    due_at: datetime
    asked: Asked | None = None
    alerts: tuple[str, ...] = ()
    state: str = "due"
    attempts: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an alert's log; `who` did it, where that is a person."""

    alert: str
    event: str
    detail: Mapping[str, Any]
    who: str | None = None


def identity(*parts: str | None) -> str:
    """The idempotency key: 32 hex digits."""
    return md5("\x1f".join(part or "" for part in parts).encode(), usedforsecurity=False).hexdigest()


def put(con: engine.Connection, rows: Iterable[Row], as_of: datetime, *, anew: bool = False) -> int:
    """Write rows that are not there yet, or were dropped before anybody tried them; how many. With `anew` also those
    that nobody tried yet."""
    by_id = {row.id: row for row in rows}
    if not by_id:
        return 0
    _bind(con, "asked_for", _ROW, [_fields(row) for row in by_id.values()])
    untried = "'dropped', 'due'" if anew else "'dropped'"
    for_good = f"{literal(DENIED)}, {literal(EXPIRED)}"
    con.execute(
        "DELETE FROM ops.outbox WHERE id IN (SELECT id FROM temp.asked_for) "
        f"AND state IN ({untried}) AND attempts = 0 AND coalesce(last_error, '') NOT IN ({for_good})"
    )
    written = con.execute(
        f"""INSERT INTO ops.outbox
        SELECT id, alert, occasion, action, "do", channel, recipient, payload, state, due_at, 0, NULL, NULL,
            {literal(as_of)}, NULL, NULL
        FROM temp.asked_for ANTI JOIN ops.outbox USING (id) ORDER BY due_at, id"""
    ).fetchone()
    _ask(con, by_id.values(), as_of)
    return int(written[0]) if written else 0


def _ask(con: engine.Connection, rows: Iterable[Row], as_of: datetime) -> None:
    """Ask for the approval of held rows of which nobody asked yet."""
    asked = [
        {"id": row.id, "expires_at": row.asked.expires_at.isoformat(), "approvers": list(row.asked.approvers)}
        for row in rows
        if row.asked is not None
    ]
    if asked:
        _bind(con, "approval_of", _ASKED, asked)
        con.execute(
            "DELETE FROM ops.approvals WHERE decision = 'dropped' AND outbox IN (SELECT id FROM temp.approval_of) "
            "AND outbox IN (SELECT id FROM ops.outbox WHERE state = 'held')"
        )
        con.execute(
            f"INSERT INTO ops.approvals SELECT id, {literal(as_of)}, expires_at, approvers, NULL, NULL, NULL, NULL "
            "FROM temp.approval_of WHERE id NOT IN (SELECT outbox FROM ops.approvals) ORDER BY id"
        )


def _fields(row: Row) -> dict[str, Any]:
    return {
        "id": row.id, "alert": row.alert, "occasion": row.occasion, "action": row.action, "do": row.do,
        "channel": row.channel, "recipient": row.recipient, "payload": _json(row.payload),
        "state": "held" if row.asked is not None else row.state, "due_at": row.due_at.isoformat(),
    }  # fmt: skip


def unsent(con: engine.Connection) -> list[Row]:
    """Every message that is not through: those that wait, and those that were tried in vain, in a stable order."""
    return _messages(con, "state IN ('due', 'held')")


def given_up(con: engine.Connection) -> list[Row]:
    """Every message that was tried in vain until it was given up."""
    return _messages(con, "state = 'dead'")


def find(con: engine.Connection, id_: str) -> Row | None:
    """The message of that id."""
    return next(iter(_messages(con, f"id = {literal(id_)}")), None)


def _messages(con: engine.Connection, condition: str) -> list[Row]:
    rows = con.execute(
        f"""SELECT id, alert, occasion, action, channel, recipient, payload, due_at, state, attempts FROM ops.outbox
        WHERE "do" = {literal(NOTIFY)} AND {condition} ORDER BY due_at, id"""
    ).fetchall()
    return [_read(*row) for row in rows]


def _read(
    id_: str, alert: str | None, occasion: str, action: str, channel: str | None, recipient: str | None,
    written: str, due_at: datetime, state: str, attempts: int,
) -> Row:  # fmt: skip
    payload = json.loads(written)
    alerts = tuple(item["alert"] for item in payload["items"])
    return Row(id_, alert, occasion, action, NOTIFY, channel, recipient, payload, due_at, None, alerts, state, attempts)


def rewrite(con: engine.Connection, rows: Sequence[Row]) -> None:
    """Give rows another payload and moment."""
    if rows:
        _bind(con, "asked_for", _ROW, [_fields(row) for row in rows])
        con.execute(
            "UPDATE ops.outbox SET payload = f.payload, due_at = f.due_at FROM temp.asked_for f WHERE outbox.id = f.id"
        )


def move(con: engine.Connection, due: Mapping[str, datetime]) -> None:
    """Give rows another moment."""
    if due:
        rows = [{"id": name, "due_at": at.isoformat()} for name, at in due.items()]
        _bind(con, "asked_for", {"id": "VARCHAR", "due_at": "TIMESTAMP"}, rows)
        con.execute("UPDATE ops.outbox SET due_at = f.due_at FROM temp.asked_for f WHERE outbox.id = f.id")


def drop(con: engine.Connection, why: Mapping[str, str], as_of: datetime) -> None:
    """Rows by id that are not done any more, each with why."""
    if not why:
        return
    _bind(con, "asked_for", {"id": "VARCHAR", "why": "VARCHAR"}, [{"id": i, "why": w} for i, w in why.items()])
    con.execute(
        f"UPDATE ops.outbox SET state = 'dropped', last_error = f.why, done_at = {literal(as_of)} "
        "FROM temp.asked_for f WHERE outbox.id = f.id"
    )
    con.execute(
        f"UPDATE ops.approvals SET decided_at = {literal(as_of)}, decision = 'dropped', note = f.why "
        "FROM temp.asked_for f WHERE approvals.outbox = f.id AND decision IS NULL"
    )


def note(con: engine.Connection, lines: Sequence[Line], as_of: datetime, now: datetime) -> None:
    """Write lines of the log, in their order."""
    if lines:
        rows = [
            {"alert": line.alert, "event": line.event, "who": line.who, "detail": _json(line.detail)} for line in lines
        ]
        _bind(con, "noted", _LINE, rows)
        con.execute(
            f"INSERT INTO ops.alert_log SELECT alert, {literal(as_of)}, event, who, detail, {literal(now)} "
            "FROM temp.noted"
        )


def planned_sql(condition: str) -> str:
    """SELECT of `alert` and `occasion` of everything that is planned, of the lines of the log that a condition holds
    for; with the last line's `detail` and `as_of`."""
    return f"""SELECT alert, occasion, arg_max(detail, written) AS detail, arg_max(as_of, written) AS as_of FROM (
        SELECT alert, detail, as_of, (noted_at, as_of, rowid) AS written,
            json_extract_string(detail, '$.occasion') AS occasion
        FROM ops.alert_log WHERE event IN ('queued', 'escalated') AND {condition})
    GROUP BY alert, occasion HAVING json_extract_string(arg_max(detail, written), '$.waits') IS NULL"""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _bind(con: engine.Connection, table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {engine.rows_sql(columns)}", [_json(rows)])
