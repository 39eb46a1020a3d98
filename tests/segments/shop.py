"""A small program with segments that build on each other, and a store of its customers."""

from datetime import UTC, datetime, timedelta

from execution.directives import load
from execution.directives.program import Program
from tests.measures.stock import Stock

DAY = datetime(2026, 6, 1, tzinfo=UTC)

CUSTOMERS = """\
---
kind: entity
name: customers
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
  name: {type: text, from: [shop]}
  plan: {type: text, from: [shop]}
  mrr: {type: decimal, from: [shop]}
  joined: {type: date, from: [shop]}
  age_days: {type: integer, from: [measures]}
  tier: {type: text, from: [segments]}
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
  amount: {type: decimal, from: [shop]}
---
"""

AGE = """\
---
kind: measures
name: age
entity: customers
measures:
  age_days: {type: integer, unit: days, meaning: "Days since they joined", "null": the day is not captured}
---
```sql measures
select email, date_diff('day', joined, $as_of) as age_days from customers
```
"""

TIER = """\
---
kind: segment
name: tier
entity: customers
meaning: How much they pay
groups:
  small: {when: mrr < 100, meaning: Under 100}
  large: {when: mrr >= 100}
---
"""

NEWCOMERS = """\
---
kind: segment
name: newcomers
entity: customers
meaning: Large ones who joined lately
when: tier = 'large' and age_days < 30
---
"""

BIG_DEALS = """\
---
kind: segment
name: big_deals
entity: deals
meaning: Deals of 1,000 and more
when: amount >= 1000
---
"""

WORTH = """\
---
kind: health
name: worth
entity: customers
components:
  pays: {weight: 1, needs: [mrr], score: "case when tier = 'large' then 100 else 50 end"}
bands: {good: 50, bad: 0}
---
"""

FILES = {
    "customers": CUSTOMERS,
    "deals": DEALS,
    "age": AGE,
    "tier": TIER,
    "newcomers": NEWCOMERS,
    "big_deals": BIG_DEALS,
    "worth": WORTH,
}


def texts(**changed: str) -> dict[str, bytes]:
    """The shop's files, some with another text, some new; one without text is not there."""
    return {f"directives/{name}.md": text.encode() for name, text in (FILES | changed).items() if text}


def program(**changed: str) -> Program:
    return load(texts(**changed)).require_valid()


def shop(**changed: str) -> Stock:
    """Three customers: one small, one large and new, one of whom nothing is known."""
    stock = Stock(program(**changed))
    stock.put(
        "customers",
        {"email": "a@x.com", "name": "Ann", "mrr": 50, "joined": "2026-01-01"},
        {"email": "b@x.com", "name": "Bo", "mrr": 200, "joined": "2026-05-20"},
        {"email": "c@x.com"},
    )
    stock.score(DAY)
    return stock


def on(days: float) -> datetime:
    return DAY + timedelta(days=days)
