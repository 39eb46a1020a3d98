"""Tasks that alerts put on people's lists: what is to be done, until when, and that it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from execution import engine, store
from execution.engine import literal
from execution.errors import UsageError

_COLUMNS = "t.task, t.alert, t.title, t.note, t.assignee, t.due_at, t.created_at, t.done_at, t.done_by, a.account"
_FROM = "FROM ops.tasks t LEFT JOIN ops.alerts a ON a.alert = t.alert"


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `assignee` is a person's or group's name in the team directive; times are naive UTC."""

    task: str
    alert: str | None
    title: str
    note: str | None
    assignee: str | None
    due_at: datetime | None
    created_at: datetime
    done_at: datetime | None
    done_by: str | None
    account: str | None


def listing(con: engine.Connection, *, assignee: str | None = None, done: bool = False) -> tuple[Task, ...]:
    """Open tasks, what is due first at the top; of one person or group, and with `done` those that are done, too."""
    wanted = ["true" if done else "t.done_at IS NULL"]
    wanted += [f"t.assignee = {literal(assignee)}"] if assignee else []
    rows = con.execute(
        f"SELECT {_COLUMNS} {_FROM} WHERE {' AND '.join(wanted)} "
        "ORDER BY t.done_at IS NOT NULL, t.due_at NULLS LAST, t.created_at, t.task"
    ).fetchall()
    return tuple(Task(*row) for row in rows)


def finish(con: engine.Connection, ids: Sequence[str], who: str, now: datetime) -> tuple[Task, ...]:
    """Tick tasks off by the beginning of their ids; those that were open. With a line in the log of their alerts.

    Raises UsageError (E369) for one that is not there, or of which several begin so; then none is ticked off.
    """
    found = [_known(con, each) for each in dict.fromkeys(ids)]
    fresh = [task for task in found if task.done_at is None]
    if not fresh:
        return ()
    at = literal(engine.naive_utc(now))
    among = ", ".join(literal(task.task) for task in fresh)
    with store.change(con):
        con.execute(f"UPDATE ops.tasks SET done_at = {at}, done_by = {literal(who)} WHERE task IN ({among})")
        con.execute(
            f"""INSERT INTO ops.alert_log BY NAME SELECT alert, {at} AS as_of, 'noted' AS event, {literal(who)} AS who,
                to_json({{task: task, done: title}})::VARCHAR AS detail, {at} AS noted_at
            FROM ops.tasks WHERE task IN ({among}) AND alert IS NOT NULL"""
        )
    return tuple(_known(con, task.task) for task in fresh)


def _known(con: engine.Connection, prefix: str) -> Task:
    rows = con.execute(
        f"SELECT {_COLUMNS} {_FROM} WHERE starts_with(t.task, {literal(prefix.lower())}) ORDER BY t.task LIMIT 2"
    ).fetchall()
    if len(rows) != 1 or not prefix:
        what = f"several tasks begin with {prefix!r}" if rows else f"there is no task {prefix!r}"
        raise UsageError(what, hint="`gtm tasks list` shows their ids", code="E369")
    return Task(*rows[0])
