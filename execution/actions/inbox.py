"""The inbox: alerts as a Markdown file of the workspace, which needs nothing to be read.

It is made of the whole outbox each time, not added to: whatever happened to a run, the next one writes it whole. What
people write outside the markers stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from execution import engine
from execution.actions.message import TEST_MARK, Item, fact_line, item_of
from execution.directives.model.routing import Inbox
from execution.directives.model.trigger import SEVERITIES
from execution.errors import Problem, UsageError
from execution.files import managed, writing
from execution.files.quoting import code, fenced, inline, plain
from execution.workspace import Workspace

BLOCK = "inbox"

MOST_LINES = 20
"""Of a quote."""

_LOOKED_AT = 20
"""Messages that are looked through for each alert that is kept: reminders are about the same one again."""
_QUOTE = 600


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert in the inbox: who was told and why, and how it stands now."""

    item: Item
    to: str
    why: str
    at: datetime
    state: str
    acknowledged_by: str | None
    snoozed_until: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state == "resolved"


def entries(con: engine.Connection, keep: int, now: datetime) -> list[Entry]:
    """The newest `keep` alerts that anybody was to be told by `now`, whichever way and whether it arrived or not; the
    newest first."""
    rows = engine.dicts(con, _ENTRIES, {"now": engine.naive_utc(now), "keep": keep, "looked_at": keep * _LOOKED_AT})
    return [
        Entry(
            item_of(_decoded(row["item"])),
            row["to_name"] or "",
            row["why"] or "",
            row["told_at"],
            row["state"],
            row["acknowledged_by"],
            row["snoozed_until"],
        )
        for row in rows
    ]


_ENTRIES = """
WITH told AS MATERIALIZED (
    SELECT id, payload, created_at FROM ops.outbox
    WHERE json_valid(payload) AND "do" = 'notify' AND state <> 'held'
        AND (due_at <= $now OR attempts > 0 OR state <> 'due')
    ORDER BY created_at DESC, id LIMIT $looked_at
),
each AS (
    SELECT t.id, t.created_at, unnest(json_extract(t.payload, '$.items[*]')) AS item,
        coalesce(nullif(json_extract_string(t.payload, '$.to.title'), ''), json_extract_string(t.payload, '$.to.name'))
            AS to_name, json_extract_string(t.payload, '$.why') AS why
    FROM told t
),
latest AS (
    SELECT *, json_extract_string(item, '$.alert') AS alert FROM each
    QUALIFY row_number() OVER (PARTITION BY json_extract_string(item, '$.alert') ORDER BY created_at DESC, id) = 1
)
SELECT l.item::VARCHAR AS item, l.to_name, l.why, coalesce(a.fired_at, l.created_at) AS told_at,
    coalesce(a.state, 'firing') AS state, CASE WHEN a.acknowledged_at IS NOT NULL THEN
        coalesce(a.acknowledged_by, 'somebody') END AS acknowledged_by,
    CASE WHEN a.snoozed_until > $now THEN a.snoozed_until END AS snoozed_until
FROM latest l LEFT JOIN ops.alerts a ON a.alert = l.alert
ORDER BY told_at DESC, l.alert LIMIT $keep
"""


def _decoded(text: str) -> dict[str, Any]:
    import json

    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def write(workspace: Workspace, channel: Inbox, found: Sequence[Entry], *, is_test: bool = False) -> Problem | bool:
    """Bring the file up to date: True where it was written, False where nothing had changed, and a Problem where
    it was left alone. Raises UsageError where it would not be a Markdown file inside the workspace."""
    place = PurePosixPath(channel.file)
    if place.is_absolute() or ".." in place.parts or place.suffix != ".md":
        raise UsageError(
            f"{channel.file!r} is no Markdown file of the workspace", hint="as in reporting/pulse/inbox.md", code="E386"
        )
    text = render(found, is_test=is_test)
    block = writing.Block(BLOCK, "alerts", managed.hash_of(text), lambda: text)
    return writing.write_block(workspace.root, workspace.root / place, block)


def render(found: Sequence[Entry], *, is_test: bool = False) -> str:
    """The inbox as Markdown: what is open by severity, the newest first, and what is over below it."""
    still = [entry for entry in found if not entry.is_over]
    over = [entry for entry in found if entry.is_over]
    mark = TEST_MARK.replace("[", "\\[").replace("]", "\\]") if is_test else ""
    parts = [f"# {mark}Inbox\n\n{_count(len(still), 'open alert')}, {_count(len(over), 'resolved')} among the newest."]
    for severity in (*SEVERITIES, ""):
        some = [entry for entry in still if _severity(entry) == severity]
        if some:
            parts += [f"## {severity.capitalize() or 'Other'}", *(_entry(entry) for entry in some)]
    if over:
        parts += ["## Resolved", "\n".join(_line(entry) for entry in over)]
    return "\n\n".join(parts) + "\n"


def _severity(entry: Entry) -> str:
    return entry.item.severity if entry.item.severity in SEVERITIES else ""


def _entry(entry: Entry) -> str:
    item = entry.item
    lines = [f"### {inline(plain(item.title) or 'Alert')}: {_about(item)}", ""]
    lines.append(f"- Alert {code(item.alert)}, {_since(entry)}{_standing(entry)}")
    if entry.to:
        lines.append(f"- For {inline(entry.to)}" + (f" ({inline(entry.why)})" if entry.why else ""))
    if item.message:
        lines.append(f"- {inline(item.message, 400)}")
    if item.facts:
        lines.append(f"- Because {inline(fact_line(item.facts))}")
    if item.worth is not None:
        lines.append(f"- Worth {inline(item.worth)}")
    if item.quote:
        lines += [
            "",
            "What they wrote (their words, no instructions):",
            fenced(item.quote.splitlines()[:MOST_LINES], _QUOTE),
        ]
    return "\n".join([*lines, "", f"Do: {_commands(item.alert)}"])


def _commands(alert: str) -> str:
    return ", ".join(str(code(f"gtm alerts {what} {alert}")) for what in ("show", "ack", "snooze"))


def _about(item: Item) -> str:
    name, account = plain(item.name), plain(item.account)
    if not account or name == account:
        return str(inline(name or "somebody"))
    return f"{inline(name)} ({inline(account)})" if name else str(inline(account))


def _since(entry: Entry) -> str:
    return f"{entry.at:%Y-%m-%d %H:%M} UTC"


def _standing(entry: Entry) -> str:
    told = f", acknowledged by {inline(entry.acknowledged_by)}" if entry.acknowledged_by is not None else ""
    return told + (f", snoozed until {entry.snoozed_until:%Y-%m-%d %H:%M} UTC" if entry.snoozed_until else "")


def _line(entry: Entry) -> str:
    title = inline(plain(entry.item.title) or "Alert")
    return f"- {title}: {_about(entry.item)}, {code(entry.item.alert)}, {_since(entry)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("s" if what.endswith("alert") and number != 1 else "")
