"""What people do with alerts: acknowledge, snooze, resolve, say that one was none. Each is one transaction, with a line
in the log; doing again what is done changes nothing.

`alerts` are ids, or their beginnings; `who` is a person's name, `now` the clock. Each act returns the ids of those that
it changed, and raises UsageError (E365) where one is unknown or cannot be so treated; then none is changed.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from execution import engine, store
from execution.engine import literal
from execution.errors import UsageError
from execution.triggers.lifecycle import FIRING, PENDING, RESOLVED
from execution.triggers.standing import identify

BY_HAND, NONE_AT_ALL = "by hand", "false positive"
"""How an alert was resolved that a person resolved."""

Ids = tuple[str, ...]


def acknowledge(con: engine.Connection, alerts: Sequence[str], who: str, now: datetime, note: str = "") -> Ids:
    """Say that somebody has it in hand; the first who does counts."""
    at = literal(engine.naive_utc(now))
    change = f"acknowledged_at = {at}, acknowledged_by = {literal(who)}"
    return _act(con, alerts, "acknowledged", change, "acknowledged_at IS NULL", who, now, {"note": note})


def unacknowledge(con: engine.Connection, alerts: Sequence[str], who: str, now: datetime, note: str = "") -> Ids:
    """Take that back: nobody has it in hand."""
    change = "acknowledged_at = NULL, acknowledged_by = NULL"
    return _act(con, alerts, "unacknowledged", change, "acknowledged_at IS NOT NULL", who, now, {"note": note})


def snooze(
    con: engine.Connection, alerts: Sequence[str], until: datetime, who: str, now: datetime, reason: str = ""
) -> Ids:
    """Have nobody told of it until a moment, which is to come."""
    end = engine.naive_utc(until)
    if end <= engine.naive_utc(now):
        raise UsageError(
            f"{end:%Y-%m-%d %H:%M} UTC is past", hint="snooze until a moment to come, as in 24h", code="E365"
        )
    change = f"snoozed_until = {literal(end)}, snoozed_by = {literal(who)}"
    said = {"until": f"{end.isoformat()}Z", "note": reason}
    return _act(con, alerts, "snoozed", change, f"snoozed_until IS DISTINCT FROM {literal(end)}", who, now, said)


def wake(con: engine.Connection, alerts: Sequence[str], who: str, now: datetime, note: str = "") -> Ids:
    """End a snooze before its time."""
    change = "snoozed_until = NULL, snoozed_by = NULL"
    return _act(con, alerts, "woken", change, "snoozed_until IS NOT NULL", who, now, {"note": note})


def resolve(
    con: engine.Connection, alerts: Sequence[str], who: str, now: datetime, outcome: str = "", note: str = ""
) -> Ids:
    """End an alert by hand. Where its rule still holds it stays silent until the rule has once not held; then it may
    fire again, as a new episode."""
    found = _firing(con, alerts)
    with store.change(con):
        _close(con, found, who, now, BY_HAND, outcome)
        _log(con, found, "resolved", who, now, {"why": BY_HAND, "outcome": outcome, "note": note})
    return found


def mark_false(con: engine.Connection, alerts: Sequence[str], who: str, now: datetime, note: str = "") -> Ids:
    """Say that it was none, which counts against its rule; one that is firing is resolved by that."""
    found = identify(con, alerts)
    _refuse(con, found, PENDING, "has not fired", "there is nothing to take back until it has")
    fresh = _of(con, found, "is_false_positive IS DISTINCT FROM true")
    if not fresh:
        return ()
    with store.change(con):
        con.execute(f"UPDATE ops.alerts SET is_false_positive = true WHERE {_are(fresh)}")
        _log(con, fresh, "false positive", who, now, {"note": note})
        if firing := _of(con, fresh, f"state = {literal(FIRING)}"):
            _close(con, firing, who, now, NONE_AT_ALL, "")
            _log(con, firing, "resolved", who, now, {"why": NONE_AT_ALL})
    return fresh


def note(
    con: engine.Connection, alerts: Sequence[str], who: str, now: datetime, text: str = "", outcome: str = ""
) -> Ids:
    """Write something beside an alert, whatever its state: a note, or what came of it."""
    found = identify(con, alerts)
    with store.change(con):
        if outcome:
            con.execute(f"UPDATE ops.alerts SET outcome = {literal(outcome)} WHERE {_are(found)}")
        _log(con, found, "noted", who, now, {"note": text, "outcome": outcome})
    return found


def _act(
    con: engine.Connection,
    alerts: Sequence[str],
    event: str,
    change: str,
    unless: str,
    who: str,
    now: datetime,
    said: dict[str, str],
) -> Ids:
    """Change those of the firing alerts that are not so already."""
    fresh = _of(con, _firing(con, alerts), unless)
    if fresh:
        with store.change(con):
            con.execute(f"UPDATE ops.alerts SET {change} WHERE {_are(fresh)}")
            _log(con, fresh, event, who, now, said)
    return fresh


def _firing(con: engine.Connection, alerts: Sequence[str]) -> Ids:
    """The alerts of those ids, which are all firing."""
    found = identify(con, alerts)
    _refuse(con, found, RESOLVED, "is resolved already", "`gtm alerts show` says by whom, and why")
    _refuse(con, found, PENDING, "has not fired", "it fires once its rule has held for long enough")
    return found


def _refuse(con: engine.Connection, alerts: Ids, state: str, what: str, hint: str) -> None:
    wrong = _of(con, alerts, f"state = {literal(state)}")
    if wrong:
        raise UsageError(f"the alert {wrong[0]} {what}", hint=hint, code="E365")


def _close(con: engine.Connection, alerts: Ids, who: str, now: datetime, how: str, outcome: str) -> None:
    """Resolve, and have the rule stay silent. Inside the transaction."""
    at = literal(engine.naive_utc(now))
    con.execute(
        f"""INSERT INTO ops.silences BY NAME SELECT trigger, entity, key, item, alert, {at} AS since
        FROM ops.alerts WHERE {_are(alerts)}"""
    )
    con.execute(
        f"""UPDATE ops.alerts SET state = {literal(RESOLVED)}, resolved_at = {at}, resolved_by = {literal(who)},
        resolution = {literal(how)}, outcome = coalesce({literal(outcome or None)}, outcome) WHERE {_are(alerts)}"""
    )


def _of(con: engine.Connection, alerts: Ids, condition: str) -> Ids:
    """Those for which a condition holds, in the order in which they are named."""
    rows = con.execute(f"SELECT alert FROM ops.alerts WHERE {_are(alerts)} AND {condition}").fetchall()
    return tuple(alert for alert in alerts if (alert,) in rows)


def _are(alerts: Ids) -> str:
    return f"alert IN ({', '.join(map(literal, alerts))})" if alerts else "false"


def _log(con: engine.Connection, alerts: Ids, event: str, who: str, now: datetime, said: dict[str, str]) -> None:
    """One line for each. Inside the transaction."""
    at, told = engine.naive_utc(now), {name: text for name, text in said.items() if text}
    detail = json.dumps(told, ensure_ascii=False) if told else None
    lines = ", ".join(f"({', '.join(map(literal, (alert, at, event, who, detail, at)))})" for alert in alerts)
    con.execute(f"INSERT INTO ops.alert_log (alert, as_of, event, who, detail, noted_at) VALUES {lines}")
