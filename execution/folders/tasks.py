"""`tasks.md`: what is to be done about an account, and the boxes that people tick there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from execution import engine
from execution.files import managed
from execution.files.quoting import inline
from execution.folders.wording import Tongue
from execution.store import has_table

NAME = "tasks"
_DIGITS = 12
"""Of a task's id that a line carries; enough to tell a million apart."""
_LONGEST = 300
_HOW = "Tick a box to finish a task: the next run takes it from here. Everything else in this block is written anew."

_LINE = re.compile(r"^- \[(?P<box>[ xX])\] .* `(?P<id>[0-9a-f]{12})`\s*$")
_TICKED = re.compile(r"^- \[[xX]\] (?=.* `[0-9a-f]{12}`\s*$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Open:
    """A task that is open, and the alert that it came of."""

    task: str
    account: str
    title: str
    note: str | None
    assignee: str | None
    due_at: datetime | None
    severity: str | None
    reason: str | None
    alert: str | None


def open_tasks(con: engine.Connection) -> tuple[Open, ...]:
    """Every open task that is about an account, by account; what is due first at the top."""
    if not (has_table(con, "ops", "tasks") and has_table(con, "ops", "alerts")):
        return ()
    rows = con.execute(
        """SELECT t.task, a.account, t.title, t.note, t.assignee, t.due_at, a.severity, a.message, a.alert
        FROM ops.tasks t JOIN ops.alerts a ON a.alert = t.alert WHERE t.done_at IS NULL
        ORDER BY a.account, t.due_at NULLS LAST, t.created_at, t.task"""
    ).fetchall()
    return tuple(Open(*row) for row in rows)


def block(name: str, tasks: Sequence[Open], tongue: Tongue) -> str:
    """The text of the managed block."""
    lines = [f"# {inline(name)}: to do", ""]
    if not tasks:
        return "\n".join([*lines, "Nothing is open."]) + "\n"
    lines.append(_HOW)
    for task in tasks:
        lines += ["", f"- [ ] **{inline(task.title, _LONGEST)}**, {_terms(task, tongue)} `{task.task[:_DIGITS]}`"]
        lines += [f"    - {said}" for said in _why(task)]
    return "\n".join(lines) + "\n"


def _terms(task: Open, tongue: Tongue) -> str:
    due = f"due {tongue.local(task.due_at):%Y-%m-%d %H:%M}" if task.due_at else "no day is set"
    whose = tongue.person(task.assignee) if task.assignee else "nobody's yet"
    return f"{due}; {whose}; {inline(task.severity) if task.severity else 'no'} priority"


def _why(task: Open) -> list[str]:
    said = [f"Why: {inline(task.reason, _LONGEST)} (alert {inline(task.alert)})"] if task.reason else []
    return said + ([f"How: {inline(task.note, _LONGEST)}"] if task.note else [])


# --- what people tick ---------------------------------------------------------------------------


def ticked(text: str) -> tuple[str, ...]:
    """The beginnings of the ids of the tasks whose boxes are ticked in the managed block of a file.

    Raises Broken where its markers are.
    """
    found = managed.parse(text, NAME)
    if found is None or found.is_untouched:
        return ()
    matches = (_LINE.match(line) for line in found.block.splitlines())
    return tuple(dict.fromkeys(match["id"] for match in matches if match and match["box"] in "xX"))


def unticked(text: str) -> str | None:
    """The file with the boxes of its block empty again, where ticks are all that somebody did there; else None."""
    found = managed.parse(text, NAME)
    if found is None or found.is_untouched:
        return None
    begin = len(found.before)
    end = begin + text[begin:].index(found.block) + len(found.block) if found.block else begin
    restored = text[:begin] + _TICKED.sub("- [ ] ", text[begin:end]) + text[end:]
    again = managed.parse(restored, NAME)
    return restored if again is not None and again.is_untouched else None


def known(prefixes: Sequence[str], tasks: Mapping[str, object]) -> tuple[str, ...]:
    """The whole ids of the tasks that are meant, as far as they are open: one that several ids begin with is none."""
    found = []
    for prefix in prefixes:
        meant = [task for task in tasks if task.startswith(prefix)]
        found += meant if len(meant) == 1 else []
    return tuple(found)
