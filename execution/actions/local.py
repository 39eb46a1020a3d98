"""What is done inside the workspace: tasks, fields, reports, and rows that are not to be sent. Set-based, in the
transaction that notes it as done, so it is done exactly once."""

import json
from collections.abc import Sequence
from datetime import datetime

from execution import engine
from execution.actions.message import TEST_MARK
from execution.actions.modes import Modes
from execution.actions.outbox import said
from execution.engine import literal

TASKS = ("task", "follow_up", "playbook")
SENT = ("notify", "post", "report")
"""Verbs that go through a channel."""

NO_SOURCE = "there is no such source to write back to"
NOT_APPROVED = "nobody approved that it is written back"
OVER = "the alert is resolved"

_WRITES_BACK = f"""o."do" = 'set_field' AND {said("write_back")} IS NOT NULL"""


_OF_A_FIELD = ("entity", "key", "field")

UNREADABLE = "its payload cannot be read: a bug"


def bury_unreadable(con: engine.Connection, moment: datetime) -> int:
    """Take out of the way what cannot be read, for one such row would stop all others; how many there were."""
    at = literal(engine.naive_utc(moment))
    found = con.execute(
        f"UPDATE ops.outbox SET state = 'dead', done_at = {at}, last_error = {literal(UNREADABLE)} "
        f"WHERE state IN ('due', 'sending') AND (NOT json_valid(payload) OR (\"do\" = 'set_field' AND {_lacks()})) "
        "RETURNING id, alert"
    ).fetchall()
    for id_, alert in found:
        if alert is not None:
            detail = json.dumps({"outbox": id_, "error": UNREADABLE})
            con.execute("INSERT INTO ops.alert_log VALUES (?, ?, 'dead', NULL, ?, ?)", [alert, *_twice(moment, detail)])
    return len(found)


def _lacks() -> str:
    """What a field cannot be set without."""
    return "(" + " OR ".join(f"TRY(json_extract_string(payload, '$.{n}')) IS NULL" for n in _OF_A_FIELD) + ")"


def _twice(moment: datetime, detail: str) -> list[object]:
    at = engine.naive_utc(moment)
    return [at, detail, at]


def settle(con: engine.Connection, modes: Modes, now: datetime, moment: datetime) -> None:
    """Do what is due and needs nothing outside the store; leaves the temporary table `settled` of (id, state, error).

    Inside a transaction.
    """
    due = f"o.state = 'due' AND o.due_at <= {literal(engine.naive_utc(now))}"
    con.execute("CREATE OR REPLACE TEMP TABLE settled (id VARCHAR, state VARCHAR, error VARCHAR)")
    _drop(con, modes, due)
    _set_fields(con, modes, due, moment)
    _make_tasks(con, modes, due, moment)
    _settle(con, f"""{due} AND o."do" = 'add_to_report'""", "done")
    inboxes = sorted(modes.inboxes)
    if inboxes:
        _settle(con, f"{due} AND o.\"do\" = 'notify' AND o.channel IN ({_texts(inboxes)})", "done")


def finish(con: engine.Connection, moment: datetime) -> None:
    """Note what `settle` did on the rows and in the log of their alerts. Inside the same transaction."""
    at = literal(engine.naive_utc(moment))
    con.execute(
        f"UPDATE ops.outbox o SET state = s.state, last_error = s.error, done_at = {at}, claimed_at = {at}, "
        "attempts = o.attempts + CASE WHEN s.state = 'done' THEN 1 ELSE 0 END FROM settled s WHERE s.id = o.id"
    )
    con.execute(
        f"""INSERT INTO ops.alert_log
        SELECT DISTINCT a.alert, {at}, CASE s.state WHEN 'done' THEN 'delivered' ELSE s.state END, NULL,
            json_object('outbox', o.id, 'action', o.action, 'do', o."do", 'occasion', o.occasion,
                'channel', o.channel, 'recipient', o.recipient, 'error', s.error)::VARCHAR, {at}
        FROM settled s JOIN ops.outbox o ON o.id = s.id,
            unnest(list_append(json_extract_string(o.payload, '$.items[*].alert'), o.alert)) AS a(alert)
        WHERE a.alert IS NOT NULL ORDER BY ALL"""
    )


def _drop(con: engine.Connection, modes: Modes, due: str) -> None:
    """What is never to be sent: through a channel that may not, or about what is over."""
    through = f'{due} AND o."do" IN ({_texts(SENT)})'
    refused = {name: why for name in modes.channels if (why := modes.refusal(name)) is not None}
    for name, why in sorted(refused.items()):
        _settle(con, f"{through} AND o.channel = {literal(name)}", "dropped", why)
    known = _texts(sorted(modes.channels))
    _settle(con, f"{through} AND coalesce(o.channel, '') NOT IN ({known})", "dropped", modes.refusal(None))
    resolved = "EXISTS (SELECT 1 FROM ops.alerts a WHERE a.alert = o.alert AND a.state = 'resolved')"
    stays = f"coalesce({said('finish')}, 'false') = 'true'"
    _settle(con, f"{due} AND o.\"do\" = 'follow_up' AND NOT {stays} AND {resolved}", "dropped", OVER)


def _set_fields(con: engine.Connection, modes: Modes, due: str, moment: datetime) -> None:
    """Set fields of the workspace's own. One that is written back too is set when it is first taken up; the source gets
    it only where somebody approved."""
    con.execute(
        "INSERT INTO ops.fields\n"
        f"SELECT {said('entity')}, {said('key')}, {said('field')},\n"
        "    coalesce(json_extract(o.payload, '$.value')::VARCHAR, 'null'), o.alert,\n"
        f"    {literal(engine.naive_utc(moment))}, o.action\n"
        f"FROM ops.outbox o WHERE {due} AND o.\"do\" = 'set_field' AND o.attempts = 0 AND o.claimed_at IS NULL\n"
        "ORDER BY o.created_at, o.id"
    )
    con.execute(
        f"UPDATE ops.outbox o SET claimed_at = {literal(engine.naive_utc(moment))} "
        f"WHERE {due} AND {_WRITES_BACK} AND o.claimed_at IS NULL"
    )
    _settle(con, f"{due} AND o.\"do\" = 'set_field' AND {said('write_back')} IS NULL", "done")
    known = _texts([*modes.sources, ""])
    _settle(con, f"{due} AND {_WRITES_BACK} AND {said('write_back')} NOT IN ({known})", "dropped", NO_SOURCE)
    approved = "EXISTS (SELECT 1 FROM ops.approvals p WHERE p.outbox = o.id AND p.decision = 'approved')"
    _settle(con, f"{due} AND {_WRITES_BACK} AND NOT {approved}", "dropped", NOT_APPROVED)


def _make_tasks(con: engine.Connection, modes: Modes, due: str, moment: datetime) -> None:
    """Put tasks on people's lists; follow-ups and the steps of playbooks become such when they are due."""
    mark = literal(TEST_MARK if modes.is_test else "")
    tasks = f'{due} AND o."do" IN ({_texts(TASKS)}) AND o.id NOT IN (SELECT id FROM settled)'
    con.execute(
        "INSERT INTO ops.tasks\n"
        f"SELECT o.id, o.alert, {mark} || coalesce({said('title')}, o.action), {said('note')},\n"
        f"    coalesce(o.recipient, {said('to.name')}), try_cast({said('due_at')} AS TIMESTAMP),\n"
        f"    {literal(engine.naive_utc(moment))}, NULL, NULL\n"
        f"FROM ops.outbox o WHERE {tasks} AND o.id NOT IN (SELECT task FROM ops.tasks)"
    )
    _settle(con, tasks, "done")


def _settle(con: engine.Connection, which: str, state: str, error: str | None = None) -> None:
    con.execute(
        f"INSERT INTO settled SELECT o.id, {literal(state)}, {literal(error)} FROM ops.outbox o "
        f"WHERE {which} AND o.id NOT IN (SELECT id FROM settled)"
    )


def _texts(values: Sequence[str]) -> str:
    return ", ".join(literal(value) for value in values)
