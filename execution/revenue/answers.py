"""What `gtm revenue` answers, out of the published store: the bridge, the cohorts, who left, one customer's steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Metric, Revenue
from execution.errors import Problem, UsageError
from execution.revenue import cohorts as cohort_rows
from execution.revenue import findings, periods
from execution.revenue.ledger import ENTITIES
from execution.revenue.periods import Span
from execution.revenue.run import is_outdated

Row = Mapping[str, Any]
BACK_MONTHS = 12
"""How far back is looked where nobody says."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """Recurring revenue over a span of days: each period, the whole, and the same in every currency by itself.

    `entity` is customers or companies; amounts are in `base`, a month; `figures` says what the directive's figures are.
    """

    base: str
    entity: str
    by: str
    first: date
    last: date
    periods: tuple[Row, ...]
    total: Row
    currencies: tuple[Row, ...]
    figures: Mapping[str, Metric]
    problems: tuple[Problem, ...] = field(default=())
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """Rows, and what the sums in them leave out."""

    base: str
    entity: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = field(default=())
    notes: tuple[str, ...] = ()


def bridge(con: engine.Connection, program: Program, span: Span, *, by: str, entity: str) -> Bridge:
    """The bridge over a span. Raises UsageError where the ledger was never worked out."""
    revenue = _worked_out(con, program)
    *each, total = periods.read(con, revenue, [*periods.spans(span, by), span], entity=entity)
    found = _findings(con, program, span.last)
    return Bridge(
        program.settings.base_currency, entity, by, span.first, span.last, tuple(each), total,
        tuple(periods.by_currency(con, span, entity=entity)), revenue.metrics, found.problems, found.notes,
    )  # fmt: skip


def cohorts(con: engine.Connection, program: Program, as_of: date, *, entity: str) -> Told:
    """Every cohort, month by month, as of a day."""
    _worked_out(con, program)
    return _told(con, program, as_of, entity, cohort_rows.read(con, as_of, entity=entity))


def churned(con: engine.Connection, program: Program, span: Span, *, entity: str) -> Told:
    """Who left within a span, the greatest first; who came back later than its end has not come back yet."""
    _worked_out(con, program)
    rows = engine.dicts(
        con,
        """SELECT * EXCLUDE (entity) REPLACE (CASE WHEN returned_on <= $last THEN returned_on END AS returned_on)
           FROM derived.churn_events WHERE entity = $entity AND day BETWEEN $first AND $last
           ORDER BY mrr DESC NULLS LAST, day, key""",
        {"entity": entity, "first": span.first, "last": span.last},
    )
    return _told(con, program, span.last, entity, rows)


def customer(con: engine.Connection, program: Program, name: str, as_of: date) -> Told:
    """What the subscriptions of a customer or an account came to, step by step. Raises UsageError for one unknown."""
    _worked_out(con, program)
    for entity, column in ENTITIES.items():
        rows = engine.dicts(
            con,
            f"""SELECT since, source, subscription_id, customer, currency, mrr, mrr_base, basis FROM derived.mrr_steps
                WHERE {column} = $name AND day <= $as_of ORDER BY since, source, subscription_id""",
            {"name": name.strip().lower() if "@" in name or ":" not in name else name, "as_of": as_of},
        )
        if rows:
            return _told(con, program, as_of, entity, rows)
    raise UsageError(
        f"nobody named {name!r} has or had a subscription by {as_of}",
        hint="write the e-mail of who pays, or the domain of their company",
        code="E272",
    )


def span_of(con: engine.Connection, first: date | None, last: date) -> Span:
    """The span asked for: where no beginning is named, the twelve months up to `last`, as far as there is a ledger.

    Raises UsageError where it ends before it begins.
    """
    if first is None:
        index = last.year * 12 + last.month - BACK_MONTHS
        first = date(index // 12, index % 12 + 1, 1)
        earliest = _earliest(con)
        if earliest is not None and first < earliest <= last:
            first = earliest.replace(day=1)
    if first > last:
        raise UsageError(f"{first} comes after {last}", hint="let the span begin before it ends", code="E273")
    return Span(first, last)


def _earliest(con: engine.Connection) -> date | None:
    if not store.has_table(con, "derived", "mrr_ledger"):
        return None
    row = con.execute("SELECT min(day) FROM derived.mrr_ledger").fetchone()
    return row[0] if row else None


def _worked_out(con: engine.Connection, program: Program) -> Revenue:
    revenue = next(iter(program.revenue.values()), None)
    if revenue is None:
        raise UsageError("no directive says what recurring revenue is", hint="write directives/revenue/", code="E270")
    if not store.has_table(con, "derived", "mrr_ledger"):
        raise UsageError("recurring revenue has not been worked out yet", hint="run `gtm score`", code="E271")
    return revenue


def _told(con: engine.Connection, program: Program, as_of: date, entity: str, rows: Sequence[Row]) -> Told:
    found = _findings(con, program, as_of)
    return Told(program.settings.base_currency, entity, tuple(rows), found.problems, found.notes)


def _findings(con: engine.Connection, program: Program, as_of: date) -> findings.Findings:
    found = findings.find(con, program, as_of)
    if not is_outdated(con, program):
        return found
    note = "the definitions have changed since this was worked out: run `gtm score`"
    return findings.Findings(found.problems, (note, *found.notes))
