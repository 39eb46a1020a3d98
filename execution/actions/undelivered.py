"""Messages that could not be delivered however often they were tried: they stand in the inbox, with the reason."""

from dataclasses import replace

from execution.actions import filing, reading
from execution.actions.desk import Desk
from execution.actions.filing import Row
from execution.actions.telling import DIGEST
from execution.actions.ways import inbox_of, is_inbox


def keep(desk: Desk) -> int:
    """Put into the inbox what a channel gave up, as far as its alerts are open and its reader was not told there; how
    many messages."""
    dead = [row for row in filing.given_up(desk.con) if not is_inbox(desk.program.routing, row.channel or "")]
    if not dead:
        return 0
    names = sorted({alert for row in dead for alert in row.alerts})
    is_open = {each.alert for each in reading.alerts(desk.con, f"{reading.OPEN} AND {reading.among(names)}")}
    told = reading.told(desk.con, names)
    rows = []
    for row in dead:
        there = {
            alert
            for alert in row.alerts
            for each in told.get(alert, ())
            if each.recipient == row.recipient and is_inbox(desk.program.routing, each.channel)
        }
        is_news = any(alert in is_open and alert not in there for alert in row.alerts)
        if is_news and not _has_digest(desk, row):
            rows.append(_in_the_inbox(desk, row))
    before = desk.written
    desk.put(rows)
    return desk.written - before


def _has_digest(desk: Desk, row: Row) -> bool:
    """Whether the same digest stands in the inbox for the same reader anyway."""
    inbox = inbox_of(desk.program.routing)
    id_ = filing.identity(DIGEST, row.occasion, DIGEST, inbox, row.recipient)
    return row.alert is None and filing.find(desk.con, id_) is not None


def _in_the_inbox(desk: Desk, row: Row) -> Row:
    payload = {name: value for name, value in row.payload.items() if name != "turn"}
    payload |= {"why": f"{payload['why']}; {row.channel} did not take it", "test": None}
    inbox = inbox_of(desk.program.routing)
    return replace(
        row, id=filing.identity(row.id, inbox), channel=inbox, payload=payload, due_at=desk.at, state="due", attempts=0
    )
