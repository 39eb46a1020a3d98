"""The bridge from one sum of recurring revenue to the next, period by period, and the figures made of it.

Pure but for `read`: days in, SQL out. Every period is told from the ledger alone, so any span of days may be asked for,
and two spans that meet add up to the one over both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from execution import engine
from execution.directives.model import Revenue
from execution.directives.schema import PERIOD
from execution.engine import ident, literal
from execution.revenue.ledger import KINDS, MONEY
from execution.revenue.movements import lines_sql

_DAYS_A_MONTH = Decimal("30.436875")
"""The mean of the Gregorian calendar."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another, both included."""

    first: date
    last: date

    @property
    def months(self) -> Decimal:
        """How many months it is: a whole number for whole months, else its days by a month's mean."""
        after = self.last + timedelta(days=1)
        if self.first.day == 1 and after.day == 1:
            return Decimal((after.year - self.first.year) * 12 + after.month - self.first.month)
        return round(Decimal((after - self.first).days) / _DAYS_A_MONTH, 4)


def spans(whole: Span, unit: str) -> list[Span]:
    """A span cut where a new day, week (Monday), month, quarter or year begins."""
    found, first = [], whole.first
    while first <= whole.last:
        last = min(_end(first, unit), whole.last)
        found.append(Span(first, last))
        first = last + timedelta(days=1)
    return found


def _end(day: date, unit: str) -> date:
    """The last day of the unit that a day lies in."""
    if unit == "day":
        return day
    if unit == "week":
        return day + timedelta(days=6 - day.weekday())
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    index = day.year * 12 + (day.month - 1) // months * months + months
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)


def read(con: engine.Connection, revenue: Revenue, periods: Sequence[Span], *, entity: str) -> list[dict[str, Any]]:
    """A row for each period: `first`, `last`, the sums of `schema.PERIOD` in base, and the directive's figures.

    Raises GtmError where a figure fails on the data.
    """
    if not periods:
        return []
    hint = "an expression under metrics: does not hold on the data"
    with engine.on_data("a figure of revenue failed", hint=hint, where=revenue.path, code="E371"):
        return engine.dicts(con, periods_sql(revenue, periods, entity=entity))


def periods_sql(revenue: Revenue, periods: Sequence[Span], *, entity: str) -> str:
    """SELECT of the rows that `read` gives, in the order of the periods."""
    listed = ", ".join(
        f"({n}, DATE {literal(s.first.isoformat())}, DATE {literal(s.last.isoformat())}, {s.months}::{MONEY})"
        for n, s in enumerate(periods)
    )
    steps = {
        "periods(n, first, last, months)": f"VALUES {listed}",
        "days": _days(entity),
        "opened": _OPENED,
        "moved": _moved(),
        "of_keys": _of_keys(entity, min(span.first for span in periods), max(span.last for span in periods)),
        "of_opening": _OF_OPENING,
        "period": _period(revenue),
    }
    ctes = ",\n".join(f"{name} AS (\n{sql}\n)" for name, sql in steps.items())
    figures = "".join(f",\n    ({metric.value})::{MONEY} AS {ident(name)}" for name, metric in revenue.metrics.items())
    return f"WITH {ctes}\nSELECT * EXCLUDE (n){figures}\nFROM period ORDER BY n"


def _days(entity: str) -> str:
    """What each day came to, over everybody."""
    return f"""SELECT day, kind, coalesce(sum(change_base), 0) AS change, sum(customers) AS customers,
    sum(unpriced) AS unpriced
FROM ({lines_sql(entity)}) GROUP BY day, kind"""


_OPENED = """SELECT p.n, coalesce(sum(d.change), 0) AS opening, coalesce(sum(d.customers), 0) AS customers_opening,
    coalesce(sum(d.unpriced), 0) AS unpriced_opening
FROM periods p LEFT JOIN days d ON d.day < p.first
GROUP BY p.n"""


def _moved() -> str:
    kinds = [f"coalesce(sum(d.change) FILTER (d.kind = {literal(kind)}), 0) AS {kind}" for kind in KINDS]
    counts = {
        "customers_new": "sum(d.customers) FILTER (d.kind = 'new')",
        "customers_lost": "-sum(d.customers) FILTER (d.kind = 'churn')",
        "customers_back": "sum(d.customers) FILTER (d.kind = 'reactivation')",
        "customers_corrected": "sum(d.customers) FILTER (d.kind = 'correction')",
        "unpriced": "sum(d.unpriced)",
    }
    counted = [f"coalesce({count}, 0) AS {name}" for name, count in counts.items()]
    selected = ",\n    ".join([*kinds, *counted])
    return f"""SELECT p.n, {selected}
FROM periods p LEFT JOIN days d ON d.day BETWEEN p.first AND p.last
GROUP BY p.n"""


def _of_keys(entity: str, first: date, last: date) -> str:
    """Who moved in each period: what they paid at its opening, what they moved by, whether they left in the end."""
    within = f"day BETWEEN DATE {literal(first.isoformat())} AND DATE {literal(last.isoformat())}"
    return f"""SELECT p.n, m.key, arg_min(m.total_before, (m.day, m.turn)) AS opening,
    arg_min(m.was_customer, (m.day, m.turn)) AS was_customer,
    arg_max(m.kind, (m.day, m.turn)) = 'churn' AS is_gone,
    coalesce(sum(m.change_base) FILTER (m.kind <> 'correction'), 0) AS net
FROM periods p JOIN (FROM ({lines_sql(entity)}) WHERE {within}) m ON m.day BETWEEN p.first AND p.last
GROUP BY p.n, m.key"""


_OF_OPENING = """SELECT n, sum(net) AS net, sum(least(net, 0)) AS less, sum(greatest(net, 0)) AS grown,
    sum(opening) FILTER (is_gone) AS lost, count(*) FILTER (is_gone) AS customers_gone
FROM of_keys WHERE was_customer
GROUP BY n"""


def _period(revenue: Revenue) -> str:
    own = {
        "margin": f"{revenue.margin!r}",
        "closing": " + ".join(["o.opening", *(f"m.{kind}" for kind in KINDS)]),
        "retained": "o.opening + coalesce(k.net, 0)",
        "kept": "o.opening + coalesce(k.less, 0)",
        "lost": "coalesce(k.lost, 0)",
        "grown": "coalesce(k.grown, 0)",
        "customers_closing": "o.customers_opening + m.customers_new - m.customers_lost + m.customers_back "
        "+ m.customers_corrected",
        "customers_stayed": "o.customers_opening - coalesce(k.customers_gone, 0)",
        "customers_unpriced": "o.unpriced_opening + m.unpriced",
    }
    selected = ",\n    ".join(f"CAST({own.get(name, name)} AS {kind}) AS {name}" for name, kind in PERIOD.items())
    return f"""SELECT p.n, p.first, p.last,
    {selected}
FROM periods p JOIN opened o ON o.n = p.n JOIN moved m ON m.n = p.n LEFT JOIN of_opening k ON k.n = p.n"""


def by_currency(con: engine.Connection, span: Span, *, entity: str) -> list[dict[str, Any]]:
    """What a span of days comes to in each currency that anybody pays in: its opening, its movements, its closing."""
    kinds = ", ".join(
        f"coalesce(sum(change) FILTER (kind = {literal(kind)} AND day >= $first), 0)::{MONEY} AS {kind}"
        for kind in KINDS
    )
    sql = f"""SELECT currency, coalesce(sum(change) FILTER (day < $first), 0)::{MONEY} AS opening, {kinds},
    sum(change)::{MONEY} AS closing
FROM ({lines_sql(entity)}) WHERE day <= $last GROUP BY currency ORDER BY currency"""
    return engine.dicts(con, sql, {"first": span.first, "last": span.last})
