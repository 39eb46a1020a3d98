"""Which account somebody means: by its name or part of it, an address, a domain, or its folder."""

from collections.abc import Mapping

from execution import engine
from execution.context import accounts, slugs
from execution.directives import Program
from execution.measures import Stored


def find(con: engine.Connection, program: Program, wanted: str, folders: Mapping[str, str]) -> dict[str, str]:
    """Key → name of the accounts that `wanted` may mean; of those that are it exactly, no others. `folders` are whose
    each folder is."""
    if wanted in folders:
        return {folders[wanted]: wanted}
    needle, slug = wanted.strip().lower(), slugs.slug(wanted)
    if not needle:
        return {}
    exactly: dict[str, str] = {}
    partly: dict[str, str] = {}
    for key, name, person, email in _everybody(con, program):
        called = name or key
        if needle in (key, email) or (slug and slug == slugs.slug(called)):
            exactly[key] = called
        elif needle in key or needle in (email or "") or (slug and slug in slugs.slug(f"{name or ''} {person or ''}")):
            partly[key] = called
    return exactly or partly


def known(con: engine.Connection, program: Program) -> frozenset[str]:
    """The keys of all accounts that the store has."""
    return frozenset(key for key, *_ in _everybody(con, program))


def _everybody(con: engine.Connection, program: Program) -> list[tuple[str, str | None, str | None, str | None]]:
    """Key, name of the company, name and address of each person; and the companies of whom nobody is known."""
    stored = Stored.read(con)
    ctes = ", ".join(f"{name} AS ({accounts.relation(program, stored, name)})" for name in ("customers", "companies"))
    sql = f"""WITH {ctes}
    SELECT coalesce(p.company_domain, p.email), coalesce(c.name, p.company_name, CASE WHEN p.company_domain IS NULL
        THEN p.name END), p.name, p.email
    FROM customers p LEFT JOIN companies c ON c.domain = p.company_domain
    UNION ALL SELECT domain, name, NULL, NULL FROM companies
    ORDER BY ALL"""
    return con.execute(sql).fetchall()
