"""A small world for taking scores apart: two measures over events, one column, and a score of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from execution import engine, health
from execution.directives import Program, load
from execution.directives.locating import Places
from execution.health.explain import Explanation, explain
from execution.store import migrations
from tests.measures.stock import Stock

DAY = datetime(2026, 6, 1, 6, tzinfo=UTC)

ENTITIES = """---
kind: entity
name: customers
key: email
rows: shared
past: {same: [signup_date]}
columns:
  email: {type: text, from: [system]}
  name: {type: text, from: [crm]}
  mrr: {type: decimal, from: [crm], unit: euros a month, meaning: What they pay, "null": no source knows what they pay}
  signup_date: {type: date, from: [crm]}
  logins_30d: {type: integer, from: [measures], unit: logins}
  health_score: {type: decimal, from: [health]}
  health_score_delta_7d: {type: decimal, from: [health], unit: points}
---
"""
EVENTS = """---
kind: entity
name: events
key: source_id
rows: owned
past: {known_from: occurred_at, same: [email, kind, occurred_at, title]}
columns:
  source_id: {type: text, from: [crm]}
  email: {type: text, from: [crm]}
  kind: {type: text, from: [crm]}
  status: {type: text, from: [crm]}
  occurred_at: {type: timestamp, from: [crm]}
  title: {type: text, from: [crm]}
---
"""
MEASURES = """---
kind: measures
name: use
entity: customers
measures:
  logins_30d: {type: integer, unit: logins, meaning: Logins in 30 days, "null": no source reports logins}
  days_quiet: {type: integer, unit: days, meaning: Days since they were seen, "null": nobody saw them}
  failures: {type: integer, unit: payments, meaning: Failed payments, "null": no source reports payments}
---
```sql measures
with told as (select coalesce(bool_or(kind = 'login'), false) as logins from events where occurred_at <= $as_of),
seen as (
    select email,
           max(occurred_at) as latest,
           count(*) filter (where kind = 'login' and occurred_at > $as_of - interval 30 days) as logins,
           count(*) filter (where kind = 'payment' and status = 'failed') as failures
    from events where occurred_at <= $as_of group by email
)
select c.email,
       case when t.logins then coalesce(s.logins, 0) end as logins_30d,
       date_sub('day', s.latest, $as_of) as days_quiet,
       coalesce(s.failures, 0) as failures
from customers c cross join told t left join seen s on s.email = c.email
```
"""
HEALTH = """---
kind: health
name: care
title: Care
version: 1
entity: customers
components:
  use: {label: Use, weight: 60, needs: [logins_30d], score: "logins_30d * 20"}
  pay: {label: Pay, weight: 40, needs: [mrr], score: "case when mrr >= 100 then 100 else mrr end"}
penalties:
  quiet: {when: days_quiet > 10, points: "15", reason: Quiet for ten days}
  late: {when: failures > 0, points: "failures * 5", reason: A payment failed}
signals:
  quiet: {when: days_quiet > 10, severity: high, message: Quiet for ten days}
actions:
  - {when: health_score < 50, action: Call them}
bands: {good: 50, poor: 0}
coverage_floor: 0.3
---
"""
TEXTS = {
    "directives/data-model/customers.md": ENTITIES,
    "directives/data-model/events.md": EVENTS,
    "directives/measures/use.md": MEASURES,
    "directives/health/care.md": HEALTH,
}


def program(**changed: str) -> Program:
    """The program; `care=…` replaces the text of a directive by its file's name."""
    return load(texts(**changed)).require_valid()


def texts(**changed: str) -> dict[str, bytes]:
    replaced = {path: changed.get(path.rpartition("/")[2].removesuffix(".md"), text) for path, text in TEXTS.items()}
    return {path: text.encode() for path, text in replaced.items()}


@dataclass
class Shop(Stock):
    """A store of that world."""

    program: Program = field(default_factory=program)
    con: engine.Connection = field(default_factory=engine.memory)
    count: int = 0

    def __post_init__(self) -> None:
        migrations.migrate(self.con)
        self.con.execute("INSERT INTO meta.sources VALUES ('crm', TIMESTAMP '2026-06-01 05:00')")
        self.table("customers")
        self.table("events")

    def event(self, email: str, kind: str, at: datetime, title: str = "", status: str | None = None) -> None:
        self.count += 1
        row = {"source": "crm", "source_id": f"e{self.count}", "email": email, "kind": kind, "status": status}
        self.put("events", row | {"occurred_at": engine.naive_utc(at), "title": title})

    def on(self, days: float) -> datetime:
        """Score so many days after the first day; the moment."""
        moment = DAY + timedelta(days=days)
        health.derive(self.con, self.program, moment)
        return moment

    def explain(self, key: str, **when: datetime) -> Explanation:
        found = explain(self.con, self.program, self.program.health["care"], key, Places(texts()), **when)
        assert found is not None
        return found


def shop() -> Shop:
    """Ann who logs in and pays, Bob of whom nobody knows what he pays."""
    made = Shop()
    made.put("customers", {"email": "ann@x.com", "name": "Ann", "mrr": 80}, {"email": "bob@x.com"})
    for day in (1, 3, 5):
        made.event("ann@x.com", "login", DAY - timedelta(days=day), f"Login {day}")
    made.event("bob@x.com", "login", DAY - timedelta(days=2))
    return made


def parts(found: Explanation) -> dict[str, Any]:
    return {part.name: part.milli for part in found.parts}
