"""The accounts that have a folder, each with the figures that the index of all folders shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from execution import engine
from execution.context import accounts, chosen
from execution.directives import Program
from execution.engine import literal
from execution.measures import Stored


@dataclass(frozen=True, slots=True)
class Filed:
    """An account. Its health is its own, or that of the person who does worst (`health_of`: a domain or an e-mail).
    Money is a month's, in the team's currency."""

    key: str
    name: str
    owner: str | None
    people: int
    people_with_mrr: int
    mrr: Decimal | None
    renewal_date: date | None
    next_call_at: datetime | None
    is_calendar_known: bool
    health_of: str | None
    health_score: Decimal | None
    health_band: str | None


def read(con: engine.Connection, program: Program, segments: Sequence[str] | None = None) -> tuple[Filed, ...]:
    """The accounts that the settings choose, or those of other segments, in the order of their keys.

    Raises UsageError where nobody knows yet who is in one of the segments.
    """
    stored = Stored.read(con)
    wanted = chosen_sql(program, stored, program.settings.briefs if segments is None else segments)
    body = Path(__file__).with_name("accounts.sql").read_text(encoding="utf-8")
    ctes = ", ".join(accounts.relations(program, stored))
    rows = engine.dicts(con, f"WITH {ctes}, wanted AS ({wanted}),\n{body}")
    return tuple(_filed(row) for row in rows)


def chosen_sql(program: Program, stored: Stored, segments: Sequence[str]) -> str:
    """SELECT of the keys (`account`) of the accounts that are in one of these segments, or have anyone in one."""
    settings = program.settings.model_copy(update={"briefs": tuple(segments)})
    named = replace(program, settings=settings)
    ctes = ", ".join([*accounts.relations(named, stored), *chosen.relations(named, stored)])
    return f"WITH {ctes} SELECT account FROM chosen_accounts WHERE account IS NOT NULL"


def known(con: engine.Connection) -> frozenset[str]:
    """Every account that the store knows, whether or not it has a folder."""
    stored = Stored.read(con)
    selects = ["SELECT NULL::VARCHAR AS account WHERE false"]
    if "company_domain" in stored.columns("core.customers"):
        selects.append("SELECT coalesce(company_domain, email) FROM core.customers")
    if stored.columns("core.companies"):
        selects.append("SELECT domain FROM core.companies")
    return frozenset(key for (key,) in con.execute(" UNION ".join(selects)).fetchall() if key)


def merged(con: engine.Connection, gone: Sequence[str]) -> dict[str, str]:
    """Those of the accounts that became another's: an address that is another person's now, or that of a company's; a
    domain that belongs to another."""
    stored = Stored.read(con)
    if not gone or "company_domain" not in stored.columns("core.customers"):
        return {}
    rows = con.execute(
        f"""WITH gone AS (SELECT unnest({literal(list(gone))}) AS key),
        same AS (
            SELECT g.key, coalesce(e.email, g.key) AS email FROM gone g LEFT JOIN identity.emails e ON e.address = g.key
        )
        SELECT s.key, coalesce(c.company_domain, c.email) FROM same s JOIN core.customers c ON c.email = s.email
        UNION SELECT g.key, d.registrable FROM gone g JOIN identity.domains d ON d.domain = g.key
        WHERE d.registrable IN (SELECT company_domain FROM core.customers)
        ORDER BY ALL"""
    ).fetchall()
    return {key: into for key, into in rows if into and into != key}


def _filed(row: Mapping[str, Any]) -> Filed:
    return Filed(**row)
