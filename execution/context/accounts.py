"""What the store knows of every account, one account after the other, whatever their number.

An account is a company (the registrable domain of its people), or a person whose address says nothing of a company.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from execution import engine
from execution.context import chosen
from execution.directives import Program
from execution.directives.schema import DUCKDB
from execution.engine import ident
from execution.health import view
from execution.measures import Stored
from execution.measures.stored import all_columns

CUT = 25
"""People, events and deals of one account that are read; how many there are is read too."""

_AT_ONCE = 500

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "email": "text", "company_domain": "text", "company_name": "text", "name": "text", "customer_type": "text",
        "assigned_am": "text", "mrr": "decimal", "arr": "decimal", "plan_name": "text", "subscription_status": "text",
        "deal_stage": "text", "renewal_date": "date", "next_call_date": "timestamp", "upcoming_calls": "integer",
        "health_score": "decimal",
        "health_score_low": "decimal", "health_score_high": "decimal", "health_coverage": "decimal",
        "health_status": "text", "churn_risk": "decimal", "risk_signals": "json", "recommended_action": "text",
        "health_override_score": "decimal", "health_override_band": "text", "health_override_reason": "text",
        "health_override_author": "text", "health_override_expires": "date",
        "csm_sentiment": "integer", "csm_sentiment_by": "text", "csm_sentiment_on": "date",
        "client_offer": "text", "client_icp": "text", "client_ltv": "text",
    },
    "companies": {
        "domain": "text", "name": "text", "industry": "text", "company_size": "text", "country": "text",
        "owner": "text", "stage": "text", "renewal_date": "date",
        "health_score": "decimal", "health_score_low": "decimal", "health_score_high": "decimal",
        "health_coverage": "decimal", "health_status": "text", "churn_risk": "decimal", "risk_signals": "json",
        "recommended_action": "text",
    },
    "deals": {
        "source": "text", "deal_id": "text", "email": "text", "company_domain": "text", "name": "text", "stage": "text",
        "status": "text", "amount": "decimal", "currency": "text", "owner": "text", "expected_close": "date",
        "closed_at": "timestamp", "last_activity_at": "timestamp",
    },
    "events": {
        "source": "text", "source_id": "text", "email": "text", "kind": "text", "status": "text",
        "occurred_at": "timestamp", "title": "text", "detail": "text", "host": "text",
    },
}  # fmt: skip
"""The columns that generated files are made of; a workspace whose data model lacks one has it as unknown."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a person should know; `severity` is critical, high, medium or low."""

    type: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A health score with its range; points from 0 to 100, coverage from 0 to 1. `of` is an e-mail, or a domain."""

    of: str
    score: Decimal
    low: Decimal
    high: Decimal
    coverage: Decimal
    band: str | None
    churn_risk: Decimal | None
    action: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """A contact of an account."""

    email: str
    name: str | None
    mrr: Decimal | None
    standing: Standing | None
    signals: tuple[Signal, ...]
    last_contact_at: datetime | None
    next_call_at: datetime | None
    customer_type: str | None
    subscription_status: str | None
    plan_name: str | None
    deal_stage: str | None
    words: tuple[tuple[str, str], ...]
    """What they told us themselves: (about what, their words)."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A meeting, a conversation, a payment …; `at` is naive UTC, as the store keeps it."""

    at: datetime
    kind: str
    status: str | None
    title: str | None
    detail: str | None
    email: str
    name: str | None
    host: str | None


@dataclass(frozen=True, slots=True)
class Deal:
    """An open deal. The amount is in the deal's own currency."""

    name: str | None
    stage: str | None
    amount: Decimal | None
    currency: str | None
    expected_close: date | None
    owner: str | None
    last_activity_at: datetime | None


@dataclass(frozen=True, slots=True)
class Override:
    """What somebody holds the health to be, beside the computed one: a score from 0 to 100, or a band."""

    score: Decimal | None
    band: str | None
    reason: str
    author: str
    expires: date


@dataclass(frozen=True, slots=True)
class Feeling:
    """How the account feels to the one who looks after it, from 1 to 5."""

    score: int
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Account:
    """One account with its people and what goes on with it, most important first. Lists end at `CUT`; counts do not."""

    key: str
    name: str
    domain: str | None
    industry: str | None
    company_size: str | None
    country: str | None
    owner: str | None
    stage: str | None
    renewal_date: date | None
    mrr: Decimal | None
    arr: Decimal | None
    last_contact_at: datetime | None
    next_call_at: datetime | None
    is_calendar_known: bool
    standing: Standing | None
    """That of the account as a whole; None where no directive scores companies, or nothing is known."""
    signals: tuple[Signal, ...]
    """What holds for the account as a whole."""
    weakest: Standing | None
    override: Override | None
    feeling: Feeling | None
    people: tuple[Person, ...]
    people_count: int
    people_with_mrr: int
    people_with_arr: int
    people_with_band: int
    recent: tuple[Happening, ...]
    recent_count: int
    upcoming: tuple[Happening, ...]
    upcoming_count: int
    deals: tuple[Deal, ...]
    deal_count: int


def relations(program: Program, stored: Stored) -> list[str]:
    """CTEs `customers`, `companies`, `deals` and `events` with exactly the columns of `COLUMNS`, whatever is stored."""
    return [f"{ident(name)} AS ({_relation(program, stored, name)})" for name in COLUMNS]


def _relation(program: Program, stored: Stored, name: str) -> str:
    entity = program.entities.get(name)
    if entity is None or not stored.columns(f"core.{name}"):
        nothing = ", ".join(
            f"CAST(NULL AS {DUCKDB[kind]}) AS {ident(column)}" for column, kind in COLUMNS[name].items()
        )
        return f"SELECT {nothing} WHERE false"
    unified = entity.rows == "shared"
    have = all_columns(entity) if unified else stored.columns(f"core.{name}")
    source = f"({view.view_sql(program, entity, stored)})" if unified else ident("core", name)
    selected = ", ".join(
        f"CAST({ident(column) if column in have else 'NULL'} AS {DUCKDB[kind]}) AS {ident(column)}"
        for column, kind in COLUMNS[name].items()
    )
    return f"SELECT {selected} FROM {source}"


def names(con: engine.Connection, program: Program, as_of: datetime) -> dict[str, str]:
    """Account key → name, of the accounts that `read` gives."""
    sql, params = _query(con, program, as_of)
    chosen = "account, declared_name, company_name, domain, people[1].name AS name"
    rows = con.execute(f"SELECT {chosen} FROM ({sql}) ORDER BY account", params).fetchall()
    return {
        account: _name(account, declared, company, domain, name) for account, declared, company, domain, name in rows
    }


def _name(account: str, declared: str | None, company: str | None, domain: str | None, person: str | None) -> str:
    return declared or company or (person if domain is None else None) or account


def read(con: engine.Connection, program: Program, as_of: datetime) -> Iterator[Account]:
    """Every account that the settings choose (`chosen`), in the order of its key."""
    sql, params = _query(con, program, as_of)
    cursor = con.execute(sql, params)
    columns = [column[0] for column in cursor.description or ()]
    while rows := cursor.fetchmany(_AT_ONCE):
        for row in rows:
            yield _account(dict(zip(columns, row, strict=True)))


def _query(con: engine.Connection, program: Program, as_of: datetime) -> tuple[str, dict[str, object]]:
    stored = Stored.read(con)
    ctes = [*relations(program, stored), *chosen.relations(program, stored)]
    body = Path(__file__).with_name("accounts.sql").read_text(encoding="utf-8")
    params: dict[str, object] = {"as_of": engine.naive_utc(as_of), "cut": CUT}
    return f"WITH {', '.join(ctes)},\n{body}", params


def _account(row: Mapping[str, Any]) -> Account:
    people = tuple(_person(person) for person in row["people"])
    first = people[0].name if people else None
    return Account(
        key=row["account"],
        name=_name(row["account"], row["declared_name"], row["company_name"], row["domain"], first),
        domain=row["domain"],
        industry=row["industry"],
        company_size=row["company_size"],
        country=row["country"],
        owner=row["owner"] or row["manager"],
        stage=row["stage"] or next((person.deal_stage for person in people if person.deal_stage), None),
        renewal_date=row["account_renewal_date"],
        mrr=row["mrr"],
        arr=row["arr"],
        last_contact_at=row["last_contact_at"],
        next_call_at=row["next_call_at"],
        is_calendar_known=row["people_with_calls"] > 0,
        standing=Standing(**row["standing"]) if row["standing"] else None,
        signals=_signals(row["signals"]),
        weakest=Standing(**row["weakest"]) if row["weakest"] else None,
        override=Override(**row["override"]) if row["override"] else None,
        feeling=Feeling(**row["feeling"]) if row["feeling"] else None,
        people=people,
        people_count=row["people_count"],
        people_with_mrr=row["people_with_mrr"],
        people_with_arr=row["people_with_arr"],
        people_with_band=row["people_with_band"],
        recent=tuple(Happening(**event) for event in row["recent"] or ()),
        recent_count=row["recent_count"],
        upcoming=tuple(Happening(**event) for event in row["upcoming"] or ()),
        upcoming_count=row["upcoming_count"],
        deals=tuple(Deal(**deal) for deal in row["deals"] or ()),
        deal_count=row["deal_count"],
    )


def _person(row: Mapping[str, Any]) -> Person:
    figures = ("score", "low", "high", "coverage", "band", "churn_risk", "action")
    words = (
        ("what they sell", row["offer"]),
        ("whom they sell to", row["icp"]),
        ("what a client is worth", row["ltv"]),
    )
    return Person(
        email=row["email"],
        name=row["name"],
        mrr=row["mrr"],
        standing=Standing(row["email"], *(row[key] for key in figures)) if row["score"] is not None else None,
        signals=_signals(row["signals"]),
        last_contact_at=row["last_contact_at"],
        next_call_at=row["next_call_at"],
        customer_type=row["customer_type"],
        subscription_status=row["subscription_status"],
        plan_name=row["plan_name"],
        deal_stage=row["deal_stage"],
        words=tuple((about, said) for about, said in words if said),
    )


def _signals(text: str | None) -> tuple[Signal, ...]:
    return tuple(Signal(**signal) for signal in json.loads(text or "[]"))
