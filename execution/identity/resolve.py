"""Keeping the store's identity tables complete: every odd address judged once, every domain looked up once."""

from collections.abc import Iterable

from execution import engine
from execution.identity.domains import registrable_all
from execution.identity.normalise import normalise


def learn_addresses(con: engine.Connection, addresses: Iterable[str]) -> int:
    """Judge addresses that SQL could not make canonical and remember the verdicts; how many were new.

    Call inside a transaction on the store. The addresses are as the staging table holds them.
    """
    wanted = sorted(set(addresses))
    if not wanted:
        return 0
    engine.load(con, "wanted", {"address": "VARCHAR"}, [(address,) for address in wanted])
    new = con.execute(
        "SELECT address FROM wanted ANTI JOIN identity.emails USING (address) ORDER BY address"
    ).fetchall()
    if new:
        verdicts = [(address, normalise(address)) for (address,) in new]
        rows = [(address, verdict.email, verdict.problem) for address, verdict in verdicts]
        engine.load(con, "judged", dict.fromkeys(("address", "email", "problem"), "VARCHAR"), rows)
        con.execute("INSERT INTO identity.emails FROM judged")
    return len(new)


def learn_domains(con: engine.Connection, domains: Iterable[str]) -> int:
    """Look up the registrable domain of each new one and remember it; how many were new. Inside a transaction."""
    pairs = registrable_all(sorted(set(domains)))
    if pairs:
        engine.load(con, "looked_up", dict.fromkeys(("domain", "registrable"), "VARCHAR"), pairs)
        con.execute("INSERT INTO identity.domains FROM looked_up")
    return len(pairs)


def canonical_sql(column: str, known: str) -> str:
    """SQL for the canonical address in `column`, given a left join of identity.emails named `known` on it."""
    return f"CASE WHEN {known}.address IS NULL THEN {column} ELSE {known}.email END"
