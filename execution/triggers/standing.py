"""Which alerts there are, and what became of each: read from a store, never worked out."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from execution import engine
from execution.directives import Program
from execution.directives.model.trigger import SEVERITIES
from execution.engine import ident, literal
from execution.errors import UsageError
from execution.measures.relation import facts_select
from execution.measures.stored import Stored, key_columns
from execution.segments.history import key_sql
from execution.triggers.lifecycle import EVENTS, FIRING, PENDING, RESOLVED

State = Literal["pending", "firing", "acknowledged", "snoozed", "resolved"]
STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("firing", "acknowledged", "snoozed")
"""What is listed where nobody asks for something else."""

OWNER = "owner"
"""Which recipient of the routing directive says who looks after a row."""

_NAME = "name"
"""The column with what people call a row, where its entity has one."""

_SHORTEST = 3
"""Letters of an alert's id that are enough to name it, if no other begins with them."""

_LIST = "`gtm alerts list` shows their ids"


@dataclass(frozen=True, slots=True)
class Alert:
    """One episode. `title` is its rule's, `name` what people call the row, `owner` who looks after it as the row says;
    None where that is not known. Times are naive UTC."""

    alert: str
    trigger: str
    title: str
    entity: str
    key: str
    item: str
    episode: int
    account: str
    name: str | None
    owner: str | None
    state: State
    severity: str
    is_experimental: bool
    message: str
    reason: Mapping[str, Any]
    worth: Decimal | None
    pending_since: datetime
    fired_at: datetime | None
    last_true_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    snoozed_until: datetime | None
    snoozed_by: str | None
    outcome: str | None
    is_false_positive: bool | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an alert's log. `as_of` is the moment that was asked about, `noted_at` the clock's."""

    as_of: datetime
    event: str
    who: str | None
    detail: Mapping[str, Any] | None
    noted_at: datetime


def listing(
    con: engine.Connection,
    program: Program,
    as_of: datetime,
    *,
    states: Collection[State] = OPEN,
    trigger: str | None = None,
    account: str | None = None,
    severity: Collection[str] = (),
    owner: str | None = None,
    experimental: bool = False,
    limit: int = 0,
) -> tuple[Alert, ...]:
    """Alerts as they stand at a moment, the gravest first and of these those that fired last; all of them without a
    `limit`. `owner` is a person of the team, or what the rows themselves say. With `experimental` those of rules that
    tell nobody are there too."""
    wanted = [f"state IN ({', '.join(map(literal, states))})"] if states else []
    wanted += [f"trigger = {literal(trigger)}"] if trigger else []
    wanted += [f"(account = {literal(account)} OR key = {literal(account)})"] if account else []
    wanted += [f"severity IN ({', '.join(map(literal, severity))})"] if severity else []
    wanted += [f"lower(owner) IN ({', '.join(map(literal, _known_as(program, owner)))})"] if owner else []
    wanted += [] if experimental else ["NOT is_experimental"]
    cut = f" LIMIT {int(limit)}" if limit else ""
    return _read(con, program, as_of, " AND ".join(wanted) or "true", cut)


def one(con: engine.Connection, program: Program, as_of: datetime, prefix: str) -> tuple[Alert, tuple[Line, ...]]:
    """The one alert whose id begins so, with its log, earliest first.

    Raises UsageError where there is none, or more than one.
    """
    (found,) = identify(con, [prefix])
    (alert,) = _read(con, program, as_of, f"alert = {literal(found)}", "")
    rank = "list_position(" + literal(list(EVENTS)) + ", event)"
    rows = con.execute(
        f"""SELECT as_of, event, who, detail, noted_at FROM ops.alert_log WHERE alert = ?
        ORDER BY as_of, {rank} NULLS LAST, noted_at, event, detail""",
        [found],
    ).fetchall()
    lines = tuple(Line(at, event, who, json.loads(detail) if detail else None, noted)
                  for at, event, who, detail, noted in rows)  # fmt: skip
    return alert, lines


def identify(con: engine.Connection, prefixes: Sequence[str]) -> tuple[str, ...]:
    """The ids that begin so, one for each. Raises UsageError where there is none, or more than one."""
    has_any = Stored.read(con).columns("ops.alerts")
    found = []
    for prefix in dict.fromkeys(prefixes):
        begins = f"FROM ops.alerts WHERE starts_with(alert, {literal(prefix.lower())}) ORDER BY alert LIMIT 4"
        ids = [row[0] for row in con.execute(f"SELECT alert {begins}").fetchall()] if has_any else []
        if len(prefix) < _SHORTEST:
            raise UsageError(f"'{prefix}' is too short to name an alert", hint=_LIST, code="E365")
        if len(ids) > 1:
            shown = ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
            raise UsageError(
                f"'{prefix}' is the beginning of several alerts", hint=f"write more of it: {shown}", code="E365"
            )
        if not ids:
            raise UsageError(f"there is no alert '{prefix}'", hint=_LIST, code="E365")
        found.append(ids[0])
    return tuple(dict.fromkeys(found))


def _known_as(program: Program, owner: str) -> list[str]:
    """Everything under which a person may stand in a row, in lower case; somebody else only as they are written."""
    people = program.team.people if program.team else {}
    person = people.get(owner) or next(
        (each for each in people.values() if owner.lower() in (each.email, each.name.lower())), None
    )
    names = [owner, person.name, person.email, *person.crm_owner] if person else [owner]
    return sorted({name.lower() for name in names})


def _read(con: engine.Connection, program: Program, as_of: datetime, condition: str, cut: str) -> tuple[Alert, ...]:
    stored = Stored.read(con)
    if not stored.columns("ops.alerts"):
        return ()
    at = literal(engine.naive_utc(as_of))
    rows = engine.dicts(
        con,
        f"""SELECT * FROM (
            SELECT a.* REPLACE ({state_sql(at, "a")} AS state), r.name, r.owner FROM ops.alerts a
            LEFT JOIN ({rows_sql(program, stored)}) r ON r.entity = a.entity AND r.key = a.key) WHERE {condition}
        ORDER BY list_position({literal(list(SEVERITIES))}, severity), coalesce(fired_at, pending_since) DESC,
            worth DESC NULLS LAST, trigger, key, item, episode DESC{cut}""",
    )
    return tuple(_alert(program, row) for row in rows)


def state_sql(at: str, alert: str) -> str:
    """How a row of `ops.alerts` stands at a moment, as people know it; both are SQL."""
    return f"""CASE WHEN {alert}.state <> {literal(FIRING)} THEN {alert}.state
        WHEN {alert}.snoozed_until > {at} THEN 'snoozed'
        WHEN {alert}.acknowledged_at IS NOT NULL THEN 'acknowledged' ELSE {alert}.state END"""


def rows_sql(program: Program, stored: Stored) -> str:
    """SELECT of what the rows of alerts are called, and of who looks after them: entity, key, name, owner."""
    recipient = program.routing.recipients.get(OWNER)
    selects = ["SELECT NULL::VARCHAR AS entity, NULL::VARCHAR AS key, NULL::VARCHAR AS name, NULL::VARCHAR AS owner"]
    for name in sorted({trigger.entity for trigger in program.triggers.values()} & program.entities.keys()):
        entity, facts = program.entities[name], program.facts(name)
        owners = [column for column in (recipient.columns.get(name, ()) if recipient else ()) if column in facts]
        called = _NAME if _NAME in facts else None
        rows = facts_select(program, entity, [*owners, *([called] if called else [])], stored)
        owner = f"coalesce({', '.join(f'{ident(column)}::VARCHAR' for column in owners)})" if owners else "NULL"
        about = f"SELECT key FROM ops.alerts WHERE entity = {literal(name)}"
        key = f"CAST({key_sql(key_columns(entity))} AS VARCHAR)"
        selects.append(
            f"SELECT {literal(name)}, {key}, {ident(called) if called else 'NULL'}::VARCHAR, {owner}::VARCHAR "
            f"FROM ({rows}) WHERE {key} IN ({about})"
        )
    return " UNION ALL ".join(selects)


def _alert(program: Program, row: dict[str, Any]) -> Alert:
    trigger = program.triggers.get(row["trigger"])
    told = {**row, "title": (trigger.title if trigger else "") or row["trigger"], "reason": json.loads(row["reason"])}
    return Alert(**{name: told[name] for name in Alert.__slots__})


__all__ = [
    "OPEN",
    "PENDING",
    "RESOLVED",
    "STATES",
    "Alert",
    "Line",
    "State",
    "identify",
    "listing",
    "one",
    "rows_sql",
    "state_sql",
]
