"""A small team, its routing and its triggers, and a store into which alerts are put as the triggers would open them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any

from execution import engine
from execution.actions import Planned, plan
from execution.directives import load
from execution.directives.program import Program
from tests.measures.stock import Stock

NOON = datetime(2026, 6, 3, 12)  # noqa: DTZ001 - the store's times are naive UTC; a Wednesday

CUSTOMERS = """\
---
kind: entity
name: customers
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
  name: {type: text, from: [shop]}
  company_domain: {type: text, from: [shop]}
  am_email: {type: text, from: [shop]}
  am: {type: text, from: [shop]}
  mrr: {type: decimal, from: [shop]}
---
"""

DEALS = """\
---
kind: entity
name: deals
key: deal_id
rows: owned
columns:
  deal_id: {type: text, from: [shop]}
  company_domain: {type: text, from: [shop]}
  status: {type: text, from: [shop]}
  owner_email: {type: text, from: [shop]}
  forecast: {type: text, from: [workspace]}
---
"""

TEAM = """\
---
kind: team
name: team
people:
  ada: {name: Ada Okoye, email: ada@us.example, manager: bo, slack: U0ADA, crm_owner: "7", time_zone: Europe/Berlin}
  cy: {name: Cy Young, email: cy@us.example, manager: bo}
  bo: {name: Bo Diaz, email: bo@us.example, manager: dee}
  dee: {name: Dee Roy, email: dee@us.example}
groups:
  success: {members: [ada, cy], slack: S0SUCCESS, channel: "#success"}
---
"""

ROUTING = """\
---
kind: routing
name: routing
channels:
  inbox: {type: inbox}
  slack: {type: slack, enabled: true, token: env:SLACK_BOT_TOKEN, channel: "#alerts"}
  mail: {type: email, enabled: true, host: mail.example, from: gtm@us.example}
  off: {type: slack_webhook, url: env:SLACK_WEBHOOK_URL}
  hook: {type: webhook, url: https://hook.example}
account: {customers: company_domain, deals: company_domain}
recipients:
  owner: {meaning: account owner, columns: {customers: [am_email, am], deals: owner_email}, otherwise: everybody}
  manager: {manager_of: owner}
  director: {name: dee}
  everybody: {name: success}
severities:
  critical:
    channels: [inbox, slack]
    respond_within: 1h
    escalate: [{after: 15m, to: manager}, {after: 1h, to: director}]
  high: {channels: [inbox, slack], respond_within: 8h}
  medium: {channels: [slack]}
  low: {channels: [slack], digest: weekly}
routes:
  sales: {to: director, channels: [slack], slack_channel: "#sales"}
actions:
  notify_owner: {do: notify, to: owner}
  call: {do: task, title: Call them, due: {critical: 2h, low: 7d}}
  nudge: {do: follow_up, title: Ask again, after: 24h}
  forecast: {do: set_field, field: forecast, value: at_risk, of: deals, where: status = 'open'}
  push:
    {do: set_field, field: forecast, value: won, write_back: shop, property: fc, approval: {by: manager, expires: 4h}}
  rescue: {do: playbook, playbook: rescue}
  finish: {do: playbook, playbook: finish}
  brief: {do: agent_task, prompt: Read their last calls}
  report: {do: add_to_report, report: daily}
  hook: {do: post, channel: hook}
inhibit:
  - {triggers: cancel, severities: [medium, low]}
digests:
  daily: {at: "09:00", to: success}
  weekly: {at: "09:00", days: mon, title: The week}
repeat: 24h
---
"""

RESCUE = """\
---
kind: playbook
name: rescue
steps:
  - {title: Write to them, within: 1h}
  - {title: Call them, after: 24h}
---
"""

DAILY = """\
---
kind: report
name: daily
audience: everybody
period: 1d
sections: [summary]
---
"""

FINISH = RESCUE.replace("name: rescue", "name: finish").replace("steps:", "finish: true\nsteps:")


def trigger(name: str, **keys: object) -> str:
    """A trigger directive; what it says of rows does not matter here."""
    said = {"kind": "trigger", "name": name, "when": "mrr > 0", "title": name.title(), **keys}
    return "---\n" + "".join(f"{key}: {json.dumps(value)}\n" for key, value in said.items()) + "---\n"


FILES = {
    "customers": CUSTOMERS,
    "deals": DEALS,
    "team": TEAM,
    "routing": ROUTING,
    "daily": DAILY,
    "rescue": RESCUE,
    "finish": FINISH,
    "quiet": trigger("quiet"),
    "cancel": trigger("cancel", severity="critical"),
    "sold": trigger("sold", route="sales"),
}


def program(**changed: str) -> Program:
    texts = {f"directives/{name}.md": text.encode() for name, text in (FILES | changed).items() if text}
    return load(texts)


@dataclass
class Office:
    """A store with customers, deals and alerts, in which one plans."""

    program: Program
    stock: Stock = field(init=False)
    at: datetime = NOON

    def __post_init__(self) -> None:
        self.stock = Stock(self.program)
        self.stock.put(
            "customers",
            {"email": "x@x.com", "name": "Xi", "company_domain": "x.com", "am_email": "ADA@us.example", "mrr": 50},
            {"email": "y@y.com", "name": "Yo", "company_domain": "y.com", "am_email": "cy@us.example", "mrr": 9},
            {"email": "z@z.com", "name": "Zo", "company_domain": "z.com", "am_email": "gone@us.example"},
        )
        self.stock.put(
            "deals",
            {"source": "shop", "deal_id": "1", "company_domain": "x.com", "status": "open"},
            {"source": "shop", "deal_id": "2", "company_domain": "x.com", "status": "won"},
            {"source": "shop", "deal_id": "3", "company_domain": "x.com", "status": "open"},
        )

    def fire(self, trigger: str = "quiet", key: str = "x@x.com", severity: str = "medium", **columns: object) -> str:
        """Open an alert as of now."""
        name = md5(f"{trigger}{key}{self.at}{columns.get('item', '')}".encode(), usedforsecurity=False).hexdigest()[:12]
        row: dict[str, Any] = {
            "alert": name, "trigger": trigger, "entity": "customers", "key": key, "item": "", "episode": 1,
            "account": key.partition("@")[2], "state": "firing", "severity": severity, "is_experimental": False,
            "message": "They are quiet", "reason": "{}", "worth": None, "directive": "1", "pending_since": self.at,
            "fired_at": self.at, "last_true_at": self.at,
        }  # fmt: skip
        row |= columns
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        self.con.execute(f"INSERT INTO ops.alerts ({names}) VALUES ({marks})", list(row.values()))
        return name

    def change(self, alert: str, **columns: object) -> None:
        for name, value in columns.items():
            self.con.execute(f"UPDATE ops.alerts SET {name} = ? WHERE alert = ?", [value, alert])

    def resolve(self, alert: str) -> None:
        self.change(alert, state="resolved", resolved_at=self.at)

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)

    def plan(self, program: Program | None = None) -> Planned:
        """Plan as of now; a second planning of the moment adds nothing and moves nothing."""
        used = program or self.program
        planned = self._plan(used)
        before = self.everything()
        again = self._plan(used)
        assert again.written == 0
        assert self.everything() == before
        return planned

    def _plan(self, program: Program) -> Planned:
        with engine.transaction(self.con):
            return plan(self.con, program, self.at.replace(tzinfo=UTC), now=self.at.replace(tzinfo=UTC))

    def everything(self) -> list[Any]:
        tables = ("outbox", "alert_log", "approvals")
        return [self.con.execute(f"SELECT * FROM ops.{table} ORDER BY ALL").fetchall() for table in tables]

    def send(self) -> list[str]:
        """Do everything that is due, as delivering would; who was told through what, and of what."""
        rows = self.rows("state = 'due' AND due_at <= ?", [self.at])
        ids = [row["id"] for row in rows]
        self.con.execute(
            "UPDATE ops.outbox SET state = 'done', attempts = 1, done_at = ? WHERE id IN ?", [self.at, ids]
        )
        return [f"{row['channel']} {row['recipient']} {row['occasion']}" for row in rows if row["do"] == "notify"]

    @property
    def con(self) -> engine.Connection:
        return self.stock.con

    def rows(self, condition: str = "true", params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        found = engine.dicts(self.con, f"SELECT * FROM ops.outbox WHERE {condition} ORDER BY due_at, id", list(params))
        return [row | {"payload": json.loads(row["payload"])} for row in found]

    def told(self, condition: str = "true") -> list[str]:
        """Messages that are not dropped: channel, reader, occasion."""
        rows = self.rows(f"\"do\" = 'notify' AND state <> 'dropped' AND {condition}")
        return sorted(f"{row['channel']} {row['recipient']} {row['occasion']}" for row in rows)

    def log(self, alert: str, *events: str) -> list[dict[str, Any]]:
        rows = self.con.execute(
            "SELECT event, who, detail FROM ops.alert_log WHERE alert = ? ORDER BY noted_at, as_of, rowid", [alert]
        ).fetchall()
        return [{"event": event, "who": who, **json.loads(detail)} for event, who, detail in rows if event in events]


def office(**changed: str) -> Office:
    return Office(program(**changed))
