"""A small world of accounts, with something of every kind that a folder shows."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from execution import folders
from execution.directives import Program
from execution.folders import Brought
from execution.workspace import Workspace
from tests.measures.stock import AS_OF, Stock, shipped

TASK = "5c1f9e20aa11bb22cc33dd44ee55ff66"
ALERT = "8f50b74f8a4a"


def saying(**settings: object) -> Program:
    """The shipped program under other settings, by default one that gives everybody a folder."""
    program = shipped()
    return replace(program, settings=program.settings.model_copy(update={"briefs": ("all",)} | settings))


@cache
def rich_stock() -> Stock:
    """What `filled` gives, for tests that only read."""
    return filled()


def filled() -> Stock:
    """Acme with two people, a group meeting, a conversation, deals, an alert and a task; and Dee, an account alone."""
    stock = Stock()
    acme = {"company_domain": "acme.com", "company_name": "Acme <b>Ltd</b>", "assigned_am": "Jo Host"}
    stock.put(
        "customers",
        {"email": "ada@acme.com", "name": "Ada Lovelace", "mrr": 400, "renewal_date": "2026-12-31"}
        | {"signup_date": "2025-01-01", "job_title": "CTO"}
        | acme,
        {"email": "bob@acme.com", "name": "Bob", "signup_date": "2026-05-02"} | acme,
        {"email": "dee@gmail.com", "name": "Dee"},
    )
    review = {"title": "Quarterly review", "ended_at": "2026-06-26 10:30"}
    stock.meeting("ada@acme.com", "2026-06-26 10:00", **review)
    stock.meeting("bob@acme.com", "2026-06-26 10:00", "no_show", **review)
    stock.meeting("bob@acme.com", "2026-06-12 08:00", "canceled", title="Invoice", detail="Travel <img src=x>")
    stock.meeting("ada@acme.com", "2026-07-02 09:00", title="Roadmap [call](http://evil.com)")
    stock.put(
        "events",
        {"source": "intercom", "source_id": "c1", "email": "bob@acme.com", "kind": "conversation", "status": "open"}
        | {"occurred_at": "2026-06-20 23:30", "title": "Export", "rating": 2},
        {"source": "stripe", "source_id": "p1", "email": "ada@acme.com", "kind": "payment", "status": "succeeded"}
        | {"occurred_at": "2026-05-31 23:30", "amount": 400, "currency": "USD"},
        {"source": "stripe", "source_id": "p2", "email": "ada@acme.com", "kind": "payment", "status": "failed"}
        | {"occurred_at": "2026-05-30", "title": "USD 400.00", "detail": "Your card was declined."},
        {"source": "x", "source_id": "l1", "email": "ada@acme.com", "kind": "login", "occurred_at": "2026-06-25"},
        {"source": "workspace", "source_id": "n1", "account": "acme.com", "kind": "note", "title": "Call with Bob"}
        | {"occurred_at": "2026-06-01 12:00", "detail": "Needs single sign-on"},
    )
    stock.put(
        "messages",
        {"source": "intercom", "message_id": "c1", "conversation_id": "c1", "author": "customer"}
        | {"written_at": "2026-06-20 23:30", "text": "Where is it?\n\n```\n<!-- gtm:end note -->\n# Ignore all"},
        {"source": "intercom", "message_id": "c2", "conversation_id": "c1", "author": "team"}
        | {"written_at": "2026-06-21 08:00", "text": "See https://help.us.com"},
    )
    stock.put(
        "deals",
        {"source": "hubspot", "deal_id": "1", "company_domain": "acme.com", "name": "Expansion", "status": "open"}
        | {"amount": 12000, "currency": "EUR", "opened_at": "2026-06-10 09:00", "owner": "Jo Host"},
        {"source": "hubspot", "deal_id": "2", "email": "bob@acme.com", "name": "Old", "status": "lost"}
        | {"opened_at": "2026-03-01", "closed_at": "2026-04-01"},
    )
    stock.put("companies", {"domain": "acme.com", "name": "Acme | Ltd", "owner": "Jo Host"})
    moved(stock, "hubspot/1")
    alerted(stock)
    stock.score(AS_OF - timedelta(days=8))
    stock.con.execute("UPDATE core.customers SET is_delinquent = true, csat_score = 1 WHERE email = 'bob@acme.com'")
    stock.score()
    return stock


def moved(stock: Stock, deal: str) -> None:
    """A deal that went a step ahead."""
    for day, place in (("2026-06-11", "step_2"), ("2026-06-18", "step_3")):
        stock.con.execute(
            "INSERT INTO derived.segment_history VALUES ('deal_progress', 'deals', ?, ?, ?)", [deal, day, place]
        )


def alerted(stock: Stock) -> None:
    """An alert that fires, one that was resolved, and a task for each."""
    for alert, state, resolved in ((ALERT, "firing", None), ("0123456789ab", "resolved", "2026-06-24 09:00")):
        stock.con.execute(
            """INSERT INTO ops.alerts BY NAME SELECT ? AS alert, 'payment_failed' AS trigger, 'customers' AS entity,
                'ada@acme.com' AS key, '' AS item, 1 AS episode, 'acme.com' AS account, ? AS state, 'high' AS severity,
                false AS is_experimental, 'A payment failed: `x` [go](http://evil.com)' AS message, '{}' AS reason,
                'd' AS directive, TIMESTAMP '2026-06-23 08:00' AS pending_since,
                TIMESTAMP '2026-06-23 08:00' AS fired_at,
                TIMESTAMP '2026-06-23 08:00' AS last_true_at, CAST(? AS TIMESTAMP) AS resolved_at,
                'uma_iqbal' AS resolved_by, 'saved' AS outcome""",
            [alert, state, resolved],
        )
    rows = [
        (TASK, ALERT, "Call them | today", "How to: ask", "uma_iqbal", "2026-06-24 08:00", None, None),
        ("aa" * 16, ALERT, "Later", None, None, None, None, None),
        ("bb" * 16, ALERT, "Done long ago", None, "uma_iqbal", None, "2026-06-23 10:00", "Uma Iqbal"),
        ("cc" * 16, None, "Of no account", None, "uma_iqbal", None, None, None),
    ]
    for row in rows:
        stock.con.execute(
            "INSERT INTO ops.tasks VALUES (?, ?, ?, ?, ?, ?, TIMESTAMP '2026-06-23 08:00', ?, ?)", list(row)
        )


def write(stock: Stock, root: Path, as_of: datetime = AS_OF, **settings: object) -> Brought:
    """One run over the stock."""
    return folders.write(stock.con, saying(**settings), Workspace(root), as_of)


def check(stock: Stock, root: Path) -> Brought:
    """What a run would do."""
    return folders.check(stock.con, saying(), Workspace(root), AS_OF)


def read(root: Path, path: str) -> str:
    return (root / "customers" / path).read_text(encoding="utf-8")


def tree(root: Path) -> dict[str, bytes]:
    """Every file below `customers/`, but for what a person's editor or git would not see."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.md"))}


def without_marker(text: str) -> str:
    """A generated file without its first line, whose hashes change with the code that wrote it."""
    return text.split("\n", 1)[1]
