"""A small program with rules of our own, and a store whose rows a test changes from day to day."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from execution import engine, triggers
from execution.directives import load
from execution.directives.program import Program
from execution.triggers import Evaluated
from execution.triggers.compile import Hits
from tests.measures.stock import Stock

DAY = datetime(2026, 6, 1, 6, tzinfo=UTC)

CUSTOMERS = """\
---
kind: entity
name: customers
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
  name: {type: text, from: [shop]}
  domain: {type: text, from: [shop]}
  mrr: {type: decimal, from: [shop]}
  quiet: {type: integer, from: [desk]}
  plan: {type: text, from: [shop]}
  health_score: {type: decimal, from: [health]}
---
"""

COMPANIES = """\
---
kind: entity
name: companies
key: domain
rows: shared
columns:
  domain: {type: text, from: [system]}
  seats: {type: integer, from: [shop]}
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
  domain: {type: text, from: [shop]}
  amount: {type: decimal, from: [shop]}
  stage: {type: text, from: [shop]}
---
"""

TIER = """\
---
kind: segment
name: tier
entity: customers
meaning: How much they pay
groups:
  small: {when: mrr < 100}
  large: {when: mrr >= 100}
---
"""

BIG = """\
---
kind: segment
name: big
entity: customers
meaning: Those who pay much
when: mrr >= 1000
---
"""

HEALTH = """\
---
kind: health
name: vigour
entity: customers
primary: true
components:
  pays: {weight: 1, needs: [mrr], score: "least(mrr, 100)"}
bands: {good: 50, bad: 0}
---
"""

SHOP = """\
---
kind: source
name: shop
files: {folder: imports}
streams:
  people:
    path: people.csv
    key: email
    columns: {email: email, name: name, domain: domain, mrr: {path: mrr, type: decimal}, plan: plan}
  sales:
    path: sales.csv
    key: id
    columns: {domain: domain, seats: {path: seats, type: integer}, amount: {path: amount, type: decimal}, stage: stage}
---
```sql customers
select email, name, domain, mrr, plan from people
```
```sql companies
select domain, max(seats) as seats from sales where domain is not null group by domain
```
```sql deals
select key as deal_id, domain, amount, stage from sales
```
"""

DESK = """\
---
kind: source
name: desk
files: {folder: imports}
streams:
  threads:
    path: threads.csv
    key: id
    columns: {email: email, quiet: {path: quiet, type: integer}}
---
```sql customers
select email, max(quiet) as quiet from threads where email is not null group by email
```
"""

ROUTING = """\
---
kind: routing
name: routing
account: {customers: domain}
worth: {deals: amount}
---
"""

FILES = {
    "customers": CUSTOMERS, "companies": COMPANIES, "deals": DEALS, "tier": TIER, "big": BIG, "vigour": HEALTH,
    "shop": SHOP, "desk": DESK, "routing": ROUTING,
}  # fmt: skip


def rule(name: str, **keys: object) -> str:
    """A trigger directive with these keys; `lasting` is `for`."""
    keys = {"for" if key == "lasting" else key: value for key, value in keys.items()}
    lines = "\n".join(f"{key}: {json.dumps(value)}" for key, value in keys.items())
    return f"---\nkind: trigger\nname: {name}\n{lines}\n---\n"


def program(*rules: str, **changed: str) -> Program:
    files = FILES | changed | {f"rule{number}": text for number, text in enumerate(rules)}
    found = load({f"directives/{name}.md": text.encode() for name, text in files.items() if text})
    assert not found.problems, found.problems
    return found


def on(days: float) -> datetime:
    return DAY + timedelta(days=days)


def at(days: float) -> datetime:
    """The same as the store has it."""
    return engine.naive_utc(on(days))


@dataclass
class Yard:
    """A store, and rules that are looked at in it."""

    program: Program
    stock: Stock = field(init=False)
    hits: Hits | None = None

    def __post_init__(self) -> None:
        self.stock = Stock(self.program)
        for entity in ("customers", "companies", "deals"):
            self.stock.table(entity)

    @property
    def con(self) -> engine.Connection:
        return self.stock.con

    def put(self, entity: str, **row: object) -> None:
        """Have a row, in the place of the one with its key."""
        key = self.program.entities[entity].key
        self.con.execute(f"DELETE FROM core.{entity} WHERE {key} = ?", [row[key]])
        self.stock.put(entity, row)

    def drop(self, entity: str, key: str) -> None:
        column = self.program.entities[entity].key
        self.con.execute(f"DELETE FROM core.{entity} WHERE {column} = ?", [key])

    def edit(self, *rules: str, **changed: str) -> None:
        """Have other rules from now on."""
        self.program = self.stock.program = program(*rules, **changed)

    def look(
        self,
        days: float,
        *,
        stale: Mapping[str, str] | None = None,
        then: Callable[[], object] | None = None,
        derive: bool = True,
    ) -> Evaluated:
        """Derive and look at every rule on a day."""
        if derive:
            self.stock.score(on(days))
        return triggers.run(self.con, self.program, on(days), stale=stale, then=then, hits=self.hits)

    def alerts(self, condition: str = "true") -> list[dict[str, Any]]:
        return self.stock.rows(f"FROM ops.alerts WHERE {condition} ORDER BY trigger, key, item, episode")

    def states(self) -> list[str]:
        return [each["state"] for each in self.alerts()]

    def log(self, condition: str = "true") -> list[tuple[float, str]]:
        """The day and the event of every line."""
        rows = self.stock.rows(f"FROM ops.alert_log WHERE {condition} ORDER BY as_of, event, alert")
        return [((row["as_of"] - at(0)) / timedelta(days=1), row["event"]) for row in rows]
