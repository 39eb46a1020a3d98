"""A small workspace with channels, and an outbox that is filled row by row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import md5
from pathlib import Path
from typing import Any

from execution import engine, store
from execution.actions import Delivered, deliver
from execution.actions.pace import Clock
from execution.directives import Program, load
from execution.settings import Environment
from execution.workspace import Workspace

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOKEN = "xoxb-sandbox"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = "http://127.0.0.1:9/services/T0/B0/s3cr3tpath"

ENVIRONMENT = {"SLACK_BOT_TOKEN": TOKEN, "HOOK_SECRET": SECRET, "SLACK_WEBHOOK": HOOK, "MAIL_USER": "bot"}
ENVIRONMENT |= {"MAIL_PASSWORD": "p4ssw0rd-of-mail"}

CUSTOMERS = """\
---
kind: entity
name: customers
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
  name: {type: text, from: [workspace, shop]}
  forecast: {type: text, from: [workspace]}
---
"""


def routing(channels: str) -> str:
    return f"---\nkind: routing\nname: routing\nchannels:\n{channels}---\n"


def person(name: str = "ann", **more: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "title": name.title(),
        "email": f"{name}@us.example",
        "slack": "U0ANN",
        "channel": None,
    } | more


def item(alert: str = "a1", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {
        "alert": alert,
        "trigger": "quiet",
        "title": "Gone quiet",
        "severity": "high",
        "entity": "customers",
        "key": "bob@acme.example",
        "name": "Bob Ray",
        "account": "acme.example",
        "message": "Bob Ray has been quiet for 31 days",
        "reason": {"days_quiet": 31, "health_score": 38},
        "quote": None,
        "since": "2026-05-30T08:00:00",
        "worth": 120,
    } | more


def told(*items: Mapping[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A payload of a notify."""
    shown = list(items) or [item()]
    return {
        "kind": "alert",
        "title": shown[0]["title"],
        "severity": shown[0]["severity"],
        "account": shown[0]["account"],
        "why": "account owner",
        "to": person(),
        "slack_channel": None,
        "test": None,
        "items": shown,
    } | more


@lru_cache(maxsize=64)
def _program(texts: tuple[tuple[str, bytes], ...]) -> Program:
    return load(dict(texts)).require_valid()


@dataclass
class Office:
    """A workspace on disk, its program and its outbox."""

    workspace: Workspace
    program: Program
    environment: Environment

    @classmethod
    def at(cls, root: Path, channels: str = "", environment: Mapping[str, str] | None = None, **files: str) -> "Office":
        """A workspace in `root` with these channels (YAML, indented by two) and directives."""
        (root / "directives").mkdir(parents=True, exist_ok=True)
        texts = {"customers": CUSTOMERS, "routing": routing(channels) if channels else "", **files}
        program = _program(tuple((f"directives/{name}.md", text.encode()) for name, text in texts.items() if text))
        made = cls(Workspace(root), program, Environment(ENVIRONMENT | dict(environment or {})))
        with store.writer(made.workspace):
            pass
        return made

    def put(
        self,
        payload: Mapping[str, Any],
        *,
        do: str = "notify",
        channel: str | None = None,
        recipient: str | None = "ann",
        **more: Any,  # noqa: ANN401
    ) -> str:
        """A row that is due; its id."""
        row: dict[str, Any] = {
            "alert": (payload.get("items") or [{"alert": "a1"}])[0]["alert"],
            "occasion": "fired",
            "action": do,
            "do": do,
            "channel": channel,
            "recipient": recipient,
            "payload": json.dumps(payload),
            "state": "due",
            "due_at": NOW - timedelta(minutes=1),
            "attempts": 0,
            "created_at": NOW - timedelta(minutes=1),
        } | more
        key = "|".join(str(row[name]) for name in ("alert", "occasion", "action", "channel", "recipient", "payload"))
        row["id"] = more.get("id", md5(key.encode(), usedforsecurity=False).hexdigest())
        row = {name: engine.naive_utc(each) if isinstance(each, datetime) else each for name, each in row.items()}
        with store.writer(self.workspace) as con, store.change(con):
            names = ", ".join(engine.ident(name) for name in row)
            marks = ", ".join("?" for _ in row)
            con.execute(f"INSERT INTO ops.outbox ({names}) VALUES ({marks})", list(row.values()))
        return str(row["id"])

    def alert(self, alert: str, state: str = "firing", **more: Any) -> None:  # noqa: ANN401
        """A row of ops.alerts."""
        at = engine.naive_utc(NOW - timedelta(hours=1))
        row: dict[str, Any] = {
            "alert": alert, "trigger": "quiet", "entity": "customers", "key": "bob@acme.example", "item": "",
            "episode": 1, "account": "acme.example", "state": state, "severity": "high", "is_experimental": False,
            "message": "", "reason": "{}", "directive": "x", "pending_since": at, "fired_at": at, "last_true_at": at,
        } | more  # fmt: skip
        with store.writer(self.workspace) as con, store.change(con):
            names = ", ".join(engine.ident(name) for name in row)
            con.execute(f"INSERT INTO ops.alerts ({names}) VALUES ({', '.join('?' for _ in row)})", list(row.values()))

    def approve(self, id_: str, decision: str = "approved") -> None:
        at = engine.naive_utc(NOW)
        with store.writer(self.workspace) as con, store.change(con):
            con.execute(
                "INSERT INTO ops.approvals VALUES (?, ?, ?, ['ann'], ?, ?, 'ann', NULL)", [id_, at, at, at, decision]
            )

    def deliver(self, *, after: timedelta = timedelta(0), **more: Any) -> Delivered:  # noqa: ANN401
        """Deliver as of some time after noon."""
        return deliver(self.workspace, self.program, self.environment, now=NOW + after, **more)

    def rows(self, sql: str = "FROM ops.outbox ORDER BY created_at, id") -> list[dict[str, Any]]:
        with store.looking(self.workspace) as con:
            return engine.dicts(con, sql)

    def row(self, id_: str) -> dict[str, Any]:
        return next(row for row in self.rows() if row["id"] == id_)

    def states(self) -> list[str]:
        return [row["state"] for row in self.rows()]

    def text(self, place: str = "reporting/pulse/inbox.md") -> str:
        return (self.workspace.root / place).read_text(encoding="utf-8")

    def everything(self) -> str:
        """All that is kept of deliveries, for secrets to be looked for in it."""
        found: Sequence[object] = [self.rows(f"FROM ops.{name}") for name in ("outbox", "alert_log", "tasks", "fields")]
        return repr(found)


class Hands:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep)
