"""Which account somebody means: by its name or part of it, an address, a domain, or its folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Self

from execution import engine
from execution.context import accounts, places, slugs
from execution.directives import Program
from execution.measures import Stored
from execution.workspace import Workspace

_ALIKE = 0.6


@dataclass(frozen=True)
class Everybody:
    """All accounts that the store has, and their people: `rows` are the account's key and name, a person's name and
    address, as far as there are any. `folders` are whose each folder is."""

    rows: tuple[tuple[str, str | None, str | None, str | None], ...]
    folders: Mapping[str, str]

    @classmethod
    def read(cls, con: engine.Connection, program: Program, workspace: Workspace) -> Self:
        """Those of the store that is current on the connection."""
        stored = Stored.read(con)
        relations = {name: accounts.relation(program, stored, name) for name in ("customers", "companies")}
        ctes = ", ".join(f"{name} AS ({relation})" for name, relation in relations.items())
        sql = f"""WITH {ctes}
        SELECT coalesce(p.company_domain, p.email), coalesce(c.name, p.company_name, CASE WHEN p.company_domain IS NULL
            THEN p.name END), p.name, p.email
        FROM customers p LEFT JOIN companies c ON c.domain = p.company_domain
        UNION ALL SELECT domain, name, NULL, NULL FROM companies
        ORDER BY ALL"""
        rows = tuple(con.execute(sql).fetchall())
        return cls(rows, places.taken(workspace, {row[0] for row in rows}))

    @cached_property
    def names(self) -> dict[str, str]:
        """The key of every account, and what it is called."""
        return {key: key for key, *_ in self.rows} | {key: name for key, name, *_ in self.rows if name is not None}

    def meant(self, wanted: str) -> tuple[str, ...]:
        """The keys of the accounts that `wanted` may mean; of those that are it exactly, no others."""
        above, _, folder = wanted.strip().strip("/").rpartition("/")
        if folder in self.folders and (not above or above.endswith("customers")):
            return (self.folders[folder],)
        needle, slug = wanted.strip().lower(), slugs.slug(wanted)
        exactly: dict[str, None] = {}
        partly: dict[str, None] = {}
        for key, name, person, email in self.rows if needle else ():
            called = slugs.slug(f"{name or ''} {person or ''}")
            if needle in (key, email) or (slug and slug == slugs.slug(name or key)):
                exactly[key] = None
            elif needle in key or needle in (email or "") or (slug and slug in called):
                partly[key] = None
        return tuple(exactly or partly)

    def near(self, wanted: str) -> tuple[str, ...]:
        """The keys of those that are called nearly that."""
        called = {
            each: key
            for key, name in self.names.items()
            for each in (name.lower().partition(" ")[0], name.lower(), key)
        }
        alike = get_close_matches(wanted.strip().lower(), called, n=3, cutoff=_ALIKE)
        return tuple(dict.fromkeys(called[each] for each in alike))
