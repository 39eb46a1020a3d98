"""Taking back what is planned and not yet done: alerts that were resolved, acknowledged, put off or silenced since."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from execution.actions import filing, reading, telling
from execution.actions.desk import Desk
from execution.actions.filing import FIRED, Row
from execution.actions.firing import note_waiting, waits
from execution.actions.grouping import Alert

_AGAIN = ("escalation", "reminder")
"""What is told only of an alert that nobody acknowledged."""

_GONE = "resolved"


def withdraw(desk: Desk, silenced: Mapping[str, Alert]) -> int:
    """Take back what is not to be done any more, or not now; how many rows.

    What a resolved alert still asked for is dropped, but for the steps of a playbook that is done to its end; what was
    tried in vain is dropped too, and counts as told. An alert that is put off or silenced is told of later: it is then
    planned anew, and whoever was told of it already is not told again.
    """
    dropped = _resolved(desk)
    rows = filing.unsent(desk.con)
    names = {alert for row in rows for alert in row.alerts}
    alerts = {each.alert: each for each in reading.alerts(desk.con, reading.among(names))}
    why = {row.id: found for row in rows if (found := _gone(desk, row, alerts, silenced))}
    left = {row.id: telling.without(row, why[row.id]) for row in rows if row.id in why}
    filing.rewrite(desk.con, [row for row in left.values() if row is not None])
    empty = {row.id: row for row in rows if row.id in left and left[row.id] is None}
    filing.drop(desk.con, {name: _said(why[name].values()) for name in empty}, desk.at)
    waiting: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for row in rows:
        for alert, reason in why.get(row.id, {}).items():
            if reason["waits"] == _GONE:
                desk.note(alert, "dropped", occasion=row.occasion, action=row.action, channel=row.channel, why=_GONE)
            else:
                waiting[FIRED if row.alert is None else row.occasion][alert] = reason
    for occasion, found in sorted(waiting.items()):
        note_waiting(desk, found, occasion)
    desk.flush()
    return dropped + len(empty)


def _gone(
    desk: Desk, row: Row, alerts: Mapping[str, Alert], silenced: Mapping[str, Alert]
) -> dict[str, dict[str, str]]:
    """Which alerts a message is not to tell of, and why."""
    kind = str(row.payload["kind"])
    found: dict[str, dict[str, str]] = {}
    for name in row.alerts if kind != _GONE else ():
        alert = alerts.get(name)
        if alert is None or alert.state != "firing":
            found[name] = {"waits": _GONE}
        elif row.attempts == 0 and not row.occasion.startswith("owner"):
            reason = waits(desk, alert, silenced)
            if reason is None and kind in _AGAIN and alert.acknowledged_at is not None:
                reason = {"waits": "acknowledged"}
            if reason is not None:
                found[name] = reason
    return found


def _resolved(desk: Desk) -> int:
    """Drop what alerts asked for, beside messages, that are resolved, and was not done yet."""
    con = desk.con
    condition = (
        "\"do\" <> 'notify' AND state IN ('due', 'held') AND attempts = 0 "
        "AND json_extract_string(payload, '$.finish') IS DISTINCT FROM 'true' "
        "AND alert IN (SELECT alert FROM ops.alerts WHERE state = 'resolved')"
    )
    rows = con.execute(
        f"SELECT id, alert, occasion, action FROM ops.outbox WHERE {condition} ORDER BY created_at, id"
    ).fetchall()
    for _id, alert, occasion, action in rows:
        desk.note(alert, "dropped", occasion=occasion, action=action, why=_GONE)
    filing.drop(con, {row[0]: _GONE for row in rows}, desk.at)
    desk.flush()
    return len(rows)


def _said(reasons: Iterable[Mapping[str, str]]) -> str:
    return "; ".join(sorted({reason["waits"] for reason in reasons}))
