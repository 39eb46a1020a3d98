"""Who gets a brief, and which tiers of it: the accounts that the settings name by segment.

An account is chosen where it is in one of these segments itself, or somebody of it is. Who is in a segment is read as
it was last worked out.
"""

from collections.abc import Collection, Sequence
from typing import get_args

from execution.directives import Program
from execution.directives.facts import Step
from execution.directives.model import EVERYBODY, Segment, Tier
from execution.engine import ident, literal
from execution.errors import UsageError
from execution.measures import Stored

TIERS: tuple[Tier, ...] = get_args(Tier)
"""From the shortest to the longest."""


def relations(program: Program, stored: Stored, only: Collection[str] | None = None) -> list[str]:
    """CTEs `chosen_accounts` and one `in_<tier>` for each tier, each with a column `account`; they stand after
    `customers` and `companies`. `only` are keys of accounts to take instead of those that the settings choose.

    Raises UsageError where a segment was not worked out yet: who is in it is not known, and nobody is no answer.
    """
    chosen = _accounts(program, stored, program.settings.briefs) if only is None else _given(only)
    tiers = {f"in_{tier}": _accounts(program, stored, program.settings.tiers.of(tier)) for tier in TIERS}
    return [f"{name} AS ({sql})" for name, sql in {"chosen_accounts": chosen, **tiers}.items()]


def _given(keys: Collection[str]) -> str:
    return f"SELECT unnest({literal(sorted(keys))}::VARCHAR[]) AS account"


def _accounts(program: Program, stored: Stored, segments: Sequence[str]) -> str:
    selects = ["SELECT NULL::VARCHAR AS account WHERE false"]
    for name in segments if stored.columns("core.customers") else ():
        if name == EVERYBODY:
            selects += ["SELECT coalesce(company_domain, email) FROM customers", "SELECT domain FROM companies"]
            continue
        segment = program.segments[name.partition(".")[0]]
        members = _members(program, stored, segment, name.partition(".")[2])
        if segment.entity == "customers":
            members = f"SELECT coalesce(c.company_domain, c.email) FROM customers c SEMI JOIN ({members}) USING (email)"
        selects.append(members)
    return " UNION ".join(selects)


def _members(program: Program, stored: Stored, segment: Segment, group: str) -> str:
    table = f"derived.{Step('segment', segment.name).table}"
    if not stored.columns(table):
        raise UsageError(
            f"briefs go by the segment {segment.name}, and who is in it was not worked out yet",
            hint="run `gtm score`",
            where=program.settings.path,
            code="E235",
        )
    place = ident(segment.name)
    condition = f"{place} = {literal(group)}" if group else f"{place} IS NOT NULL" if segment.groups else place
    return f"SELECT {ident(program.entities[segment.entity].key)} FROM {table} WHERE {condition}"
