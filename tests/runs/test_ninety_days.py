"""Ninety days of a small book of customers, as everybody lives through them: what fires, who is told, who answers, what
is escalated, how it ends, what the digests gather. The golden file is the story."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from execution import actions, engine, health, store, triggers
from execution.directives import Program, load
from execution.directives.schema import entity_columns
from execution.engine import ident, literal
from execution.settings import Environment
from execution.triggers import acts
from execution.workspace import Workspace
from tests.conftest import Golden
from tests.measures.stock import shipped

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
"""A Monday."""

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
  mrr: {type: decimal, from: [shop]}
  last_seen_at: {type: timestamp, from: [shop]}
  days_silent: {type: integer, from: [measures]}
  health_score: {type: decimal, from: [health]}
---
"""
MESSAGES = """\
---
kind: entity
name: messages
key: message_id
rows: owned
texts: {columns: [text], who: email, at: written_at, where: author = 'customer'}
columns:
  message_id: {type: text, from: [desk]}
  email: {type: text, from: [desk]}
  author: {type: text, from: [desk]}
  written_at: {type: timestamp, from: [desk]}
  text: {type: text, from: [desk]}
---
"""
MEASURES = """\
---
kind: measures
name: activity
entity: customers
measures: {days_silent: {type: integer, unit: days, meaning: Days since they were last seen, "null": never seen}}
---
```sql measures
select email, date_diff('day', last_seen_at, $as_of) as days_silent from customers
```
"""
HEALTH = """\
---
kind: health
name: wellbeing
entity: customers
components:
  seen: {weight: 100, needs: [days_silent], score: "100 - least(days_silent * 3, 100)"}
bands: {healthy: 70, at_risk: 40, critical: 0}
---
"""
TEAM = """\
---
kind: team
name: team
people:
  ada:
    {name: Ada Okoye, email: ada@us.example, manager: bo, slack: U0ADA, time_zone: Europe/Berlin,
     away: [{from: 2026-04-13, until: 2026-04-17, cover: cy}]}
  cy: {name: Cy Young, email: cy@us.example, manager: bo, slack: U0CY}
  bo: {name: Bo Diaz, email: bo@us.example, manager: dee}
  dee: {name: Dee Roy, email: dee@us.example}
groups:
  success: {members: [ada, cy]}
---
"""
ROUTING = """\
---
kind: routing
name: routing
channels:
  inbox: {type: inbox}
account: {customers: company_domain}
recipients:
  owner: {meaning: account owner, columns: {customers: am_email}, otherwise: everybody}
  manager: {meaning: the owner's manager, manager_of: owner}
  director: {meaning: director, name: dee}
  everybody: {meaning: customer success, name: success}
severities:
  critical: {channels: inbox, respond_within: 1h, escalate: [{after: 15m, to: manager}, {after: 1h, to: director}]}
  high: {channels: inbox, respond_within: 8h}
  medium: {channels: inbox}
  low: {channels: inbox, digest: weekly}
actions:
  call: {do: task, title: Call them, due: {critical: 2h, high: 24h}}
inhibit:
  - {triggers: cancel_mention, severities: [high, medium, low]}
quiet_hours: {from: "20:00", until: "07:00", weekends: true, except: critical}
digests:
  weekly: {at: "09:00", days: mon, to: everybody, title: The week}
---
"""
RULES = {
    "cancel_mention": """\
title: They wrote of cancelling
severity: critical
keywords: {phrases: ["cancel*"], unless: ["cancelled our meeting"], within: 14d}
message: "{name} wrote of cancelling: {snippet}"
actions: [call]
""",
    "health_drop": """\
title: Health fell
severity: high
when: drop(health_score, 7d) >= 20
resolve_when: health_score >= 90
cooldown: 7d
message: "{name} fell to {health_score}"
""",
    "silent": """\
title: Not heard of
severity: medium
when: days_silent > 20
for: 2d
message: "{name} was not seen for {days_silent} days"
""",
    "quiet_week": """\
title: A quiet week
severity: low
when: days_silent > 7
message: "{name} had a quiet week"
""",
    "idea": """\
title: An idea that is tried
status: experimental
when: days_silent > 3
""",
}

PEOPLE = {
    "acme": ("Ann of Acme", "acme.example", "ada@us.example", 900),
    "bell": ("Bea of Bell", "bell.example", "cy@us.example", 300),
    "cole": ("Cal of Cole", "cole.example", "gone@us.example", None),
}
SEEN = {
    "acme": [*range(12), 40, 41, 42, *range(43, 91)],
    "bell": [*range(31), *range(48, 91)],
    "cole": [*range(0, 60, 6), 88],
}
"""The days on which each was seen."""

WROTE = [
    (10, "acme", "customer", "Sorry, we cancelled our meeting of Tuesday."),
    (32, "bell", "customer", "Hi, please cancel our subscription. @channel see [here](http://evil.example)"),
    (33, "bell", "team", "We are sorry that you want to cancel!"),
    (43, "acme", "customer", "We do not want to cancel, do not worry."),
]
ACTS = {
    19: ("ack", "health_drop", "acme"),
    36: ("snooze", "silent", "acme"),
    34: ("ack", "cancel_mention", "bell"),
    35: ("resolve", "cancel_mention", "bell"),
    70: ("false", "quiet_week", "cole"),
}
"""What people do, at eight o'clock of a day."""

LOOKS = (timedelta(0), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3))
"""When a day on which something happens is looked at, from six o'clock on; others are at six alone."""

BUSY = {0, 10, 32, 34, 43, *ACTS}


@dataclass
class Life:
    """The workspace, and what was written down of it."""

    workspace: Workspace
    program: Program
    con: engine.Connection | None = None

    def put(self, day: int) -> None:
        """What the tools know on that day."""
        assert self.con is not None
        now = START + timedelta(days=day)
        with store.change(self.con):
            for entity in ("customers", "messages"):
                listed = ", ".join(f"{ident(n)} {t}" for n, t in entity_columns(self.program.entities[entity]).items())
                self.con.execute(
                    f"CREATE OR REPLACE TABLE core.{entity} ({listed}, row_hash UBIGINT, changed_at TIMESTAMP)"
                )
            for key, (name, domain, owner, mrr) in PEOPLE.items():
                last = START - timedelta(hours=1) + timedelta(days=max(d for d in SEEN[key] if d <= day))
                customer = (f"{key}@x.example", name, domain, owner, mrr, last)
                self.con.execute(
                    "INSERT INTO core.customers (email, name, company_domain, am_email, mrr, last_seen_at) VALUES "
                    f"({', '.join(map(literal, customer))})"
                )
            for number, (on, key, author, text) in enumerate(WROTE):
                if on <= day:
                    at = START + timedelta(days=on) - timedelta(hours=1)
                    row = ("desk", f"m{number}", f"{key}@x.example", author, at, text)
                    self.con.execute(
                        "INSERT INTO core.messages (source, message_id, email, author, written_at, text, row_hash) "
                        f"VALUES ({', '.join(map(literal, row))}, hash({literal(text)}))"
                    )
        health.derive(self.con, self.program, now)

    def look(self, at: datetime) -> None:
        assert self.con is not None
        con = self.con
        triggers.run(con, self.program, at, then=lambda: actions.plan(con, self.program, at, now=at))

    def act(self, at: datetime, what: str, trigger: str, key: str) -> None:
        assert self.con is not None
        row = self.con.execute(
            "SELECT alert FROM ops.alerts WHERE trigger = ? AND key = ? AND state = 'firing'",
            [trigger, f"{key}@x.example"],
        ).fetchone()
        assert row, f"{trigger} of {key} is not firing at {at}"
        match what:
            case "ack":
                acts.acknowledge(self.con, [row[0]], "Ada Okoye", at)
            case "snooze":
                acts.snooze(self.con, [row[0]], at + timedelta(days=3), "Ada Okoye", at)
            case "resolve":
                acts.resolve(self.con, [row[0]], "Cy Young", at, "saved")
            case _:
                acts.mark_false(self.con, [row[0]], "Cy Young", at)

    def is_due(self, at: datetime) -> bool:
        """Whether there is anything to deliver: most days there is not, and opening the store takes its time."""
        assert self.con is not None
        due = f"due_at <= {literal(engine.naive_utc(at))}"
        return bool(engine.count(self.con, f"FROM ops.outbox WHERE state = 'due' AND {due}"))

    def send(self, at: datetime) -> None:
        actions.deliver(self.workspace, self.program, Environment({}), now=at)


def story(con: engine.Connection) -> Iterator[str]:
    """The log of every alert in the order of what happened."""
    rows = con.execute(
        """SELECT l.as_of, a.trigger, split_part(a.key, '@', 1), a.episode, l.event, l.who, l.detail
        FROM ops.alert_log l LEFT JOIN ops.alerts a ON a.alert = l.alert
        WHERE a.trigger <> 'idea' OR l.event IN ('fired', 'resolved')
        ORDER BY l.as_of, a.trigger, a.key, l.event, l.detail"""
    ).fetchall()
    for at, trigger, key, episode, event, who, detail in rows:
        day = (at - engine.naive_utc(START)).days
        told = json.loads(detail) if detail else {}
        said = ", ".join(
            f"{name} {value}" for name, value in told.items() if value not in (None, "") and name != "outbox"
        )
        by = f" by {who}" if who else ""
        yield f"day {day:>2} {at:%a %H:%M}  {trigger or '(pending)'} {key or ''} #{episode}: {event}{by}" + (
            f" ({said})" if said else ""
        )


@pytest.fixture
def life(tmp_path: Path) -> Life:
    texts: dict[str, Any] = {"customers": CUSTOMERS, "messages": MESSAGES, "activity": MEASURES, "wellbeing": HEALTH}
    texts |= {"team": TEAM, "routing": ROUTING}
    texts |= {name: f"---\nkind: trigger\nname: {name}\n{text}---\n" for name, text in RULES.items()}
    program = load({f"directives/{name}.md": text.encode() for name, text in texts.items()}).require_valid()
    denials = program.settings.model_copy(update={"negations": shipped().settings.negations})
    return Life(Workspace(tmp_path), replace(program, settings=denials))


def test_ninety_days(life: Life, golden: Golden) -> None:
    for day in range(91):
        morning = START + timedelta(days=day)
        for after in LOOKS if day in BUSY else LOOKS[:1]:
            with store.writer(life.workspace) as con:
                life.con = con
                if not after:
                    life.put(day)
                if after == LOOKS[-1] and day in ACTS:
                    life.act(morning + timedelta(hours=2), *ACTS[day])
                life.look(morning + after)
                has_something = life.is_due(morning + after)
            if has_something:
                life.send(morning + after)
    with store.writer(life.workspace) as con:
        golden("alerts/ninety-days.txt", "\n".join(story(con)) + "\n")
    golden(
        "alerts/ninety-days-inbox.md", (life.workspace.root / "reporting/pulse/inbox.md").read_text(encoding="utf-8")
    )
