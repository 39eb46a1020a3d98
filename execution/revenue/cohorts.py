"""Cohorts: everybody who first paid in one month, and what became of them month by month."""

from datetime import date
from typing import Any

from execution import engine
from execution.engine import literal
from execution.revenue.movements import lines_sql


def read(con: engine.Connection, as_of: date, *, entity: str) -> list[dict[str, Any]]:
    """A row per cohort and month since: `cohort` (its first day), `month` (0, 1 …), `customers` and `mrr` at the start,
    `paying` and `paid_mrr` at that month's end (or `as_of`), and both as shares of the start, in percent.

    What somebody starts with is what they came to on their first day. Corrections are left out: they are nothing that a
    customer did. A share of nothing is None.
    """
    return engine.dicts(con, cohorts_sql(as_of, entity=entity))


def cohorts_sql(as_of: date, *, entity: str) -> str:
    """SELECT of the rows that `read` gives."""
    return f"""WITH moves AS (
    SELECT key, day, CASE WHEN kind <> 'correction' THEN change_base ELSE 0 END AS change, customers
    FROM ({lines_sql(entity)})
    WHERE day <= DATE {literal(as_of.isoformat())}
),
begun AS (
    SELECT key, min(day) AS first FROM moves WHERE customers > 0 GROUP BY key
),
grouped AS (
    SELECT date_trunc('month', b.first)::DATE AS cohort, date_diff('month', b.first, m.day) AS month,
        coalesce(sum(m.change), 0) AS change, sum(m.customers) AS customers,
        coalesce(sum(m.change) FILTER (m.day = b.first), 0) AS began_with,
        count(*) FILTER (m.day = b.first AND m.customers > 0) AS began
    FROM moves m JOIN begun b ON b.key = m.key AND m.day >= b.first
    GROUP BY ALL
),
cohorts AS (
    SELECT cohort, sum(began)::BIGINT AS customers, sum(began_with) AS mrr FROM grouped GROUP BY cohort
),
months AS (
    SELECT c.*, unnest(range(date_diff('month', c.cohort, DATE {literal(as_of.isoformat())}) + 1)) AS month
    FROM cohorts c
),
standing AS (
    SELECT m.cohort, m.month, m.customers, m.mrr,
        sum(coalesce(g.customers, 0)) OVER way AS paying, sum(coalesce(g.change, 0)) OVER way AS paid_mrr
    FROM months m LEFT JOIN grouped g ON g.cohort = m.cohort AND g.month = m.month
    WINDOW way AS (PARTITION BY m.cohort ORDER BY m.month)
)
SELECT cohort, month::INTEGER AS month, customers, mrr::DECIMAL(18,4) AS mrr, paying::BIGINT AS paying,
    paid_mrr::DECIMAL(18,4) AS paid_mrr,
    (100 * paying / nullif(customers, 0))::DECIMAL(18,4) AS customer_retention,
    (100 * paid_mrr / nullif(mrr, 0))::DECIMAL(18,4) AS revenue_retention
FROM standing ORDER BY cohort, month"""
