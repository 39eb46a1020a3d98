"""A small program with customers, companies, deals and messages, and triggers that look for words in them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from execution import engine
from execution.directives import Program, load
from execution.directives.model import Trigger
from execution.store import Stored
from execution.triggers import keywords
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
  company_domain: {type: text, from: [system]}
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
  email: {type: text, from: [shop]}
---
"""

ORDERS = """\
---
kind: entity
name: orders
key: order_id
rows: owned
columns:
  order_id: {type: text, from: [shop]}
---
"""

MESSAGES = """\
---
kind: entity
name: messages
key: message_id
rows: owned
texts: {columns: [subject, text], who: email, at: written_at, where: author = 'customer'}
columns:
  message_id: {type: text, from: [shop, desk]}
  email: {type: text, from: [shop, desk]}
  author: {type: text, from: [shop, desk]}
  written_at: {type: timestamp, from: [shop, desk]}
  subject: {type: text, from: [shop, desk]}
  text: {type: text, from: [shop, desk]}
---
"""

SETTINGS = """\
---
kind: settings
name: settings
negations: {english: {before: [not, never, "don't"], ends: [and, but], affirms: [not only]}}
---
"""

FILES = {
    "customers": CUSTOMERS,
    "companies": COMPANIES,
    "deals": DEALS,
    "orders": ORDERS,
    "messages": MESSAGES,
    "settings": SETTINGS,
}


def trigger(name: str, entity: str = "customers", **words: object) -> str:
    """The text of a trigger that is nothing but keywords."""
    return f"---\nkind: trigger\nname: {name}\nentity: {entity}\nkeywords: {json.dumps(words)}\n---\n"


def program(**texts: str) -> Program:
    """The small program with further directives, or others in the place of its own; one without text is not there."""
    given = FILES | texts
    made = load({f"directives/{name}.md": text.encode() for name, text in given.items() if text})
    assert {problem.code for problem in made.problems} <= {"E131", "E182"}, made.problems
    return made


def message(number: int, text: str | None, **more: object) -> dict[str, Any]:
    """A row of messages: the customer's, of the first of June."""
    row = {"source": "shop", "message_id": f"m{number}", "email": "a@x.com", "author": "customer"}
    return row | {"written_at": engine.naive_utc(DAY), "text": text} | more


def on(days: float) -> datetime:
    return DAY + timedelta(days=days)


def stock(given: Program, messages: Sequence[dict[str, Any]]) -> Stock:
    """A store with the messages and who wrote them."""
    made = Stock(given)
    made.put(
        "customers",
        {"email": "a@x.com", "company_domain": "x.com"},
        {"email": "b@x.com", "company_domain": "x.com"},
        {"email": "c@y.com", "company_domain": "y.com"},
    )
    made.put("messages", *messages)
    return made


def hits(store: Stock, name: str, at: datetime = DAY) -> list[dict[str, Any]]:
    """What a trigger's keywords found as of a moment, by key."""
    about: Trigger = store.program.triggers[name]
    sql = keywords.hits(store.program, about, at, Stored.read(store.con))
    return store.rows(f"FROM ({sql}) ORDER BY key")
