"""What follows while an alert is open: its new owner is told, nobody answers, it is told once more; and how it ends."""

import json
from collections.abc import Iterable, Mapping, Sequence

from execution.actions import facts, filing, reading, telling
from execution.actions.desk import Desk
from execution.actions.escalation import Step, spelled, steps
from execution.actions.filing import FIRED, RESOLVED
from execution.actions.firing import Batch, close, enter
from execution.actions.grouping import Alert
from execution.actions.people import Reached
from execution.actions.ways import DEFAULT, OWNER
from execution.directives.model import Severity
from execution.directives.model.routing import Escalation
from execution.engine import literal
from execution.measures.relation import facts_select
from execution.measures.stored import Stored, key_columns
from execution.segments.history import key_sql

_CHANGED = "owner changed"


# --- owners -----------------------------------------------------------------------------------------


def tell_new_owners(desk: Desk, silenced: Mapping[str, Alert]) -> int:
    """Tell whoever became the owner of an open alert's row since it was told of; how many alerts."""
    noted = f"""SELECT alert, arg_max(json_extract_string(detail, '$.owner_of'), (noted_at, as_of, rowid)) AS was
        FROM ops.alert_log WHERE event IN ('queued', {literal(_CHANGED)})
            AND json_extract_string(detail, '$.owner_of') IS NOT NULL
            AND alert IN (SELECT alert FROM ops.alerts a WHERE {reading.OPEN}) GROUP BY alert"""
    stored = Stored.read(desk.con)
    was: dict[str, str] = {}
    for name in sorted(desk.program.entities):
        entity, columns = desk.program.entities[name], facts.owner_columns(desk.program, name)
        if columns:
            rows = facts_select(desk.program, entity, columns, stored)
            is_now = facts.owner_sql(desk.program, name, "f")
            was |= dict(
                desk.con.execute(
                    f"SELECT n.alert, n.was FROM ({noted}) n JOIN ops.alerts a USING (alert) JOIN ({rows}) f "
                    f"ON {key_sql(key_columns(entity), 'f')} = a.key "
                    f"WHERE a.entity = {literal(name)} AND {is_now} <> n.was AND {reading.not_snoozed(desk.at)}"
                ).fetchall()
            )
    changed = [each for each in reading.alerts(desk.con, reading.among(was)) if each.alert not in silenced]
    return _tell_new_owners(desk, changed, was) if changed else 0


def _tell_new_owners(desk: Desk, changed: Sequence[Alert], was: Mapping[str, str]) -> int:
    rows = facts.read(desk.con, desk.program, changed, {}, desk.at)
    batch = Batch(rows)
    for alert in changed:
        known = rows[alert.entity, alert.key]
        before = _owner(desk, alert, _as_it_was(desk, alert, was[alert.alert]))
        after = _owner(desk, alert, known.columns)
        if after.name is None or after.name == before.name:
            continue
        way, occasion = desk.way(alert), f"{_CHANGED} {desk.at.isoformat()}"
        batch.items[alert.alert] = telling.item_of(desk.program, alert, known.name)
        batch.notes[alert.alert] |= {"owner_of": known.owner, "from": before.name}
        if way.digest is not None and way.digest in desk.program.routing.digests:
            channels = desk.program.routing.digests[way.digest].channels or way.channels
            enter(desk, batch, alert, DEFAULT, (after,), way.digest, channels)
            continue
        batch.to[alert.alert][after.name] = None
        batch.tellings += desk.tellings(alert, "alert", occasion, DEFAULT, (after,), way.channels)
    close(desk, batch, _CHANGED, _CHANGED)
    return len(batch.items)


def _owner(desk: Desk, alert: Alert, columns: Mapping[str, object]) -> Reached:
    return desk.directory.reach(OWNER, alert.entity, columns, desk.at)


def _as_it_was(desk: Desk, alert: Alert, owner: str) -> Mapping[str, object]:
    """The columns that say who the owner is, as they were noted."""
    return dict(zip(facts.owner_columns(desk.program, alert.entity), json.loads(owner), strict=False))


# --- nobody answers ---------------------------------------------------------------------------------


def escalate(desk: Desk, silenced: Mapping[str, Alert]) -> int:
    """Take every step of escalation whose time has come, each once; how many alerts took one."""
    unanswered = f"{reading.OPEN} AND a.acknowledged_at IS NULL AND {reading.not_snoozed(desk.at)}"
    known = [
        row[0] for row in desk.con.execute(f"SELECT DISTINCT trigger FROM ops.alerts a WHERE {unanswered}").fetchall()
    ]
    by_occasion: dict[str, list[Step]] = {}
    for step in steps(desk.program, known):
        by_occasion.setdefault(step.occasion, []).append(step)
    taken: dict[str, None] = {}
    for occasion, among in sorted(by_occasion.items(), key=lambda each: (each[1][0].escalation.after, each[0])):
        taken |= dict.fromkeys(_take(desk, occasion, among, unanswered, silenced))
    return len(taken)


def _take(
    desk: Desk, occasion: str, among: Sequence[Step], unanswered: str, silenced: Mapping[str, Alert]
) -> Iterable[str]:
    """The steps of one name: the alerts that took one."""
    ours = f"alert IN (SELECT alert FROM ops.alerts a WHERE {unanswered})"
    planned = f"SELECT alert, occasion, detail FROM ({filing.planned_sql(ours)})"
    kinds = ", ".join(f"({literal(step.trigger)}, {literal(step.severity)})" for step in among)
    due = reading.alerts(
        desk.con,
        f"{unanswered} AND a.fired_at <= {literal(desk.at - among[0].escalation.after)} "
        f"AND (a.trigger, a.severity) IN ({kinds}) "
        f"AND a.alert IN (SELECT alert FROM ({planned}) WHERE occasion = {literal(FIRED)}) "
        f"AND a.alert NOT IN (SELECT alert FROM ({planned}) WHERE occasion = {literal(occasion)})",
    )
    due = [alert for alert in due if alert.alert not in silenced]
    if not due:
        return ()
    of = {(step.trigger, step.severity): step.escalation for step in among}
    told_first = _first_told(desk, due) if not among[0].escalation.after else {}
    batch = Batch(facts.read(desk.con, desk.program, due, {}, desk.at))
    for alert in due:
        _step(desk, batch, alert, occasion, of[alert.trigger, _severity(alert)], told_first.get(alert.alert, set()))
    close(desk, batch, "escalated", occasion)
    return list(batch.items)


def _step(desk: Desk, batch: Batch, alert: Alert, occasion: str, escalation: Escalation, told_first: set[str]) -> None:
    """Tell one alert to those that a step names; at once (`after: 0m`) only to those who were not told as it fired."""
    known = batch.known[alert.entity, alert.key]
    readers = [each for each in desk.reached(escalation.to, alert, batch.known) if each.name not in told_first]
    batch.items[alert.alert] = telling.item_of(desk.program, alert, known.name)
    batch.to[alert.alert] |= dict.fromkeys(each.name for each in readers if each.name is not None)
    channels = escalation.channels or desk.way(alert).channels
    batch.tellings += desk.tellings(alert, "escalation", occasion, "escalate", readers, channels)


def _severity(alert: Alert) -> Severity:
    found: Severity = alert.severity  # type: ignore[assignment]
    return found


def _first_told(desk: Desk, alerts: Sequence[Alert]) -> dict[str, set[str]]:
    """Who was told of alerts when they fired."""
    among = reading.among(alert.alert for alert in alerts).replace("a.alert", "alert")
    rows = desk.con.execute(
        f"SELECT alert, from_json(json_extract(detail, '$.to'), '[\"VARCHAR\"]') FROM ({filing.planned_sql(among)}) "
        f"WHERE occasion = {literal(FIRED)}"
    ).fetchall()
    return {alert: set(to or ()) for alert, to in rows}


def note_overdue(desk: Desk) -> int:
    """Note once of each alert that nobody answered in the time its severity gives; how many."""
    count = 0
    for severity, level in sorted(desk.program.routing.severities.items()):
        if level.respond_within is None:
            continue
        late = desk.con.execute(
            f"""SELECT a.alert FROM ops.alerts a WHERE {reading.OPEN} AND a.severity = {literal(severity)}
            AND a.acknowledged_at IS NULL AND a.snoozed_by IS NULL
            AND a.fired_at <= {literal(desk.at - level.respond_within)} AND a.alert NOT IN (
                SELECT alert FROM ops.alert_log WHERE event = 'noted' AND who IS NULL
                    AND json_extract_string(detail, '$.overdue') IS NOT NULL)
            ORDER BY a.alert"""
        ).fetchall()
        for (alert,) in late:
            desk.note(alert, "noted", overdue=spelled(level.respond_within))
        count += len(late)
    desk.flush()
    return count


def remind(desk: Desk, silenced: Mapping[str, Alert]) -> int:
    """Tell those alerts once more that nobody acknowledged for as long as the routing says; how many."""
    repeat = desk.program.routing.repeat
    if not repeat:
        return 0
    unanswered = f"{reading.OPEN} AND a.acknowledged_at IS NULL AND {reading.not_snoozed(desk.at)}"
    ours = f"alert IN (SELECT alert FROM ops.alerts a WHERE {unanswered})"
    quiet_since = (
        f"SELECT alert FROM ({filing.planned_sql(ours)}) GROUP BY alert "
        f"HAVING max(as_of) <= {literal(desk.at - repeat)} AND count(json_extract_string(detail, '$.digest')) = 0"
    )
    found = reading.alerts(desk.con, f"{unanswered} AND a.alert IN ({quiet_since})")
    waiting = {name for row in filing.unsent(desk.con) for name in row.alerts} if found else set()
    found = [each for each in found if each.alert not in silenced and each.alert not in waiting]
    return _tell_again(desk, found, "reminder", f"repeated {desk.at.isoformat()}", "queued")


# --- how it ends ------------------------------------------------------------------------------------


def tell_resolved(desk: Desk) -> int:
    """Tell those who were told of alerts that these are resolved, where they were told; how many alerts."""
    told = f"""SELECT alert FROM ops.alert_log WHERE event = 'queued'
        AND json_extract_string(detail, '$.occasion') = {literal(FIRED)}"""
    done = f"""SELECT alert FROM ops.alert_log WHERE event IN ('queued', 'dropped')
        AND json_extract_string(detail, '$.occasion') = {literal(RESOLVED)}"""
    over = "a.state = 'resolved' AND a.fired_at IS NOT NULL AND NOT a.is_experimental"
    found = reading.alerts(desk.con, f"{over} AND a.alert IN ({told}) AND a.alert NOT IN ({done})")
    return _tell_again(desk, found, "resolved", RESOLVED, "queued", is_last=True)


def _tell_again(
    desk: Desk, alerts: Sequence[Alert], kind: str, occasion: str, event: str, *, is_last: bool = False
) -> int:
    """Tell alerts to those who were told of them before, through the same channels; how many of them that was."""
    if not alerts:
        return 0
    told = reading.told(desk.con, [alert.alert for alert in alerts])
    batch = Batch(facts.read(desk.con, desk.program, alerts, {}, desk.at))
    for alert in alerts:
        before = [each for each in told.get(alert.alert, ()) if is_last or each.kind == "alert"]
        if not before:
            if is_last:
                desk.note(alert.alert, "dropped", occasion=occasion, why="nobody had been told")
            continue
        batch.items[alert.alert] = telling.item_of(desk.program, alert, batch.known[alert.entity, alert.key].name)
        for each in before:
            to = desk.directory.told(each.recipient, "told of it before")
            batch.to[alert.alert] |= dict.fromkeys([to.name] if to.name is not None else ())
            batch.tellings += desk.again(alert, kind, occasion, to, each)
    close(desk, batch, event, occasion)
    return len(batch.items)
