"""What is missing for the sums to be whole: currencies without a rate, sums nobody can read, payers without a name.

Found, never guessed: what is missing is left out of the sums in base, and told here with what to do about it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from execution import engine, store
from execution.directives import Program
from execution.engine import literal
from execution.errors import Problem
from execution.sync.rates import rates_select

OVERLAY = "directives/local/settings.md"


@dataclass(frozen=True, slots=True)
class Findings:
    """`problems` are for somebody to mend; `notes` are sentences about what the sums leave out."""

    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def find(con: engine.Connection, program: Program, as_of: date) -> Findings:
    """Everything that the sums in base leave out at the end of a day."""
    if not store.has_table(con, "derived", "mrr_steps"):
        return Findings()
    unrated = _without_rate(con, program, as_of)
    unrated = {code: problem for code, problem in unrated.items() if code not in program.settings.rates}
    paid = {c: problem for c, problem in _payments_without_rate(con, program, as_of).items() if c not in unrated}
    return Findings((*unrated.values(), *paid.values()), tuple(_notes(con, as_of)))


_STANDING = """SELECT source, subscription_id, customer, currency, mrr, mrr_base FROM derived.mrr_steps
WHERE day <= $as_of
QUALIFY row_number() OVER (PARTITION BY source, subscription_id ORDER BY day DESC) = 1"""
"""What every subscription comes to at the end of a day."""


def _without_rate(con: engine.Connection, program: Program, as_of: date) -> dict[str, Problem]:
    rows = con.execute(
        f"""SELECT currency, count(*), count(DISTINCT customer), sum(mrr) FROM ({_STANDING})
            WHERE mrr > 0 AND mrr_base IS NULL GROUP BY currency ORDER BY currency""",
        {"as_of": as_of},
    ).fetchall()
    base = program.settings.base_currency
    return {
        code: _problem(
            program,
            f"{code} has no rate: {_count(subscriptions, 'subscription')} of {_count(customers, 'customer')}, "
            f"{_money(mrr)} {code} a month, are in no sum in {base}",
            f"add `rates: {{{code}: …}}` to {OVERLAY}: what 1 {code} is worth in {base}",
        )
        for code, subscriptions, customers, mrr in rows
    }


def _payments_without_rate(con: engine.Connection, program: Program, as_of: date) -> dict[str, Problem]:
    """Payments on days that no rate is declared for; they leave `ltv` of who made them unknown."""
    if not store.has_table(con, "core", "events") or "amount" not in engine.columns(con, "FROM core.events"):
        return {}
    rows = con.execute(
        f"""SELECT p.currency, count(*), min(p.occurred_at)::DATE, bool_or(k.currency IS NOT NULL)
            FROM core.events p
            LEFT JOIN ({rates_select(program.settings)}) r
                ON r.currency = p.currency AND r.since <= p.occurred_at::DATE AND p.occurred_at::DATE < r.until
            LEFT JOIN (SELECT DISTINCT currency FROM ({rates_select(program.settings)})) k ON k.currency = p.currency
            WHERE p.kind = 'payment' AND p.amount <> 0 AND p.currency IS NOT NULL AND r.rate IS NULL
                AND p.occurred_at::DATE <= DATE {literal(as_of.isoformat())}
            GROUP BY p.currency ORDER BY p.currency"""
    ).fetchall()
    base = program.settings.base_currency
    return {
        code: _problem(
            program,
            f"{code} has no rate {f'on {first}, and on later days' if is_known else 'at all'}: "
            f"{_count(count, 'payment')} cannot be told in {base}",
            f"add `rates: {{{code}: {{{first}: …}}}}` to {OVERLAY}: what 1 {code} is worth in {base} since",
        )
        for code, count, first, is_known in rows
    }


def _notes(con: engine.Connection, as_of: date) -> list[str]:
    row = con.execute(
        f"""SELECT count(*) FILTER (mrr IS NULL), count(DISTINCT customer) FILTER (mrr IS NULL),
                count(*) FILTER (mrr <> 0 AND customer LIKE '%:%' AND NOT contains(customer, '@')),
                sum(mrr_base) FILTER (NOT contains(customer, '@'))
            FROM ({_STANDING})""",
        {"as_of": as_of},
    ).fetchone() or (0, 0, 0, None)
    unread, customers, nameless, mrr = row
    found = []
    if unread:
        found.append(
            f"of unknown worth: {_count(unread, 'subscription')} of {_count(customers, 'customer')} (a price in tiers, "
            "a discount not shown)"
        )
    if nameless:
        found.append(f"without an e-mail, so nobody's record: {_count(nameless, 'subscription')}, MRR {_money(mrr)}")
    return found


def _problem(program: Program, message: str, hint: str) -> Problem:
    return Problem(program.settings.path or OVERLAY, 1, 1, "E372", message, hint)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _money(amount: Decimal | None) -> str:
    return f"{amount or Decimal(0):,.2f}"
