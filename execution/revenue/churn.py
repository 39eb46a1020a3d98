"""Who left, when and why, and how things stood: one row for every churn in the ledger.

Pure: SQL in named steps. What the directive says of a churn (its type, whether to win back) is said last, about a row
that has everything else.
"""

from collections.abc import Mapping

from execution.directives import Program
from execution.directives.model import Revenue
from execution.directives.schema import CHURN_FACTS
from execution.engine import ident, literal
from execution.revenue.ledger import MONEY
from execution.revenue.movements import lines_sql

Have = Mapping[str, str]
"""The columns that a table of the store has; none where there is no such table."""

FAILED_WITHIN_DAYS = 30


def churn_sql(program: Program, revenue: Revenue, events: Have, scores: Have) -> str:
    """SELECT of (entity, key, day, type, win_back, returned_on, and the facts of `schema.CHURN_FACTS`).

    Reads the ledger, its steps, what was seen and `rates`; payments and scores as far as the store has any.
    """
    steps = {
        "turns": _TURNS,
        "moves": _MOVES,
        "left_by": _LEFT_BY,
        "payments": _payments(events),
        "paid": _PAID if "amount" in events else _NOTHING_PAID,
        "scored": _scored(program, scores),
        "churned": _CHURNED,
    }
    ctes = ",\n".join(f"{name} AS (\n{sql}\n)" for name, sql in steps.items())
    facts = ", ".join(f"{ident(name)}::{kind} AS {ident(name)}" for name, kind in CHURN_FACTS.items())
    return f"""WITH {ctes}
SELECT entity, key, day,
    (\n{revenue.churn.type}\n)::VARCHAR AS type,
    (\n{revenue.churn.win_back}\n)::BOOLEAN AS win_back,
    returned_on, * EXCLUDE (entity, key, day, returned_on)
FROM (SELECT day, returned_on, {facts} FROM churned)"""


_TURNS = f"""SELECT 'customers' AS entity, * FROM ({lines_sql("customers")}) WHERE customers <> 0
UNION ALL SELECT 'companies', * FROM ({lines_sql("companies")}) WHERE customers <> 0"""
"""Every day on which anybody came to pay, or ceased to."""

_MOVES = """SELECT entity, key, day, kind, moved_at, total_before AS mrr,
    min(day) OVER (PARTITION BY entity, key) AS since_day,
    lead(day) OVER (PARTITION BY entity, key ORDER BY day, turn) AS returned_on
FROM turns WHERE (entity, key) IN (SELECT (entity, key) FROM turns WHERE kind = 'churn')"""
"""The same of those who ever left."""

_LEFT_BY = """SELECT m.entity, m.key, m.day, m.moved_at AS churned_at,
    arg_max((s.source, s.subscription_id, s.number), (s.since, s.subscription_id)) AS ended
FROM moves m JOIN derived.mrr_steps s
    ON CASE m.entity WHEN 'companies' THEN s.account ELSE s.customer END = m.key AND s.day = m.day AND s.mrr = 0
WHERE m.kind = 'churn'
GROUP BY ALL"""
"""The subscription that ended last on each of those days, and the look that told."""


def _payments(events: Have) -> str:
    """What was paid, and what failed, by customer; with `rate` of its own day."""
    if "amount" not in events:
        kinds = ("NULL::VARCHAR AS customer", "NULL::TIMESTAMP AS paid_at", "NULL::VARCHAR AS status")
        return f"SELECT {', '.join(kinds)}, NULL::{MONEY} AS amount, NULL::{MONEY} AS amount_base WHERE false"
    return f"""SELECT p.email AS customer, p.occurred_at AS paid_at, p.status, p.amount,
    CAST(p.amount * r.rate AS {MONEY}) AS amount_base
FROM core.events p
LEFT JOIN rates r ON r.currency = p.currency AND r.since <= p.occurred_at::DATE AND p.occurred_at::DATE < r.until
WHERE p.kind = 'payment'"""


_PAID = f"""SELECT l.entity, l.key, l.day,
    CASE WHEN count(p.amount) FILTER (p.amount_base IS NULL) = 0 THEN coalesce(sum(p.amount_base), 0) END AS paid,
    count(p.paid_at) FILTER (p.status = 'failed' AND p.paid_at > l.churned_at - INTERVAL {FAILED_WITHIN_DAYS} DAYS)
        AS failed
FROM left_by l
JOIN (
    SELECT DISTINCT 'customers' AS entity, customer AS key, customer FROM derived.mrr_steps
    UNION ALL SELECT DISTINCT 'companies', account, customer FROM derived.mrr_steps
) b ON b.entity = l.entity AND b.key = l.key
LEFT JOIN payments p ON p.customer = b.customer AND p.paid_at <= l.churned_at
GROUP BY ALL"""
"""What each had paid by then, and how many payments had failed of late."""

_NOTHING_PAID = f"SELECT entity, key, day, NULL::{MONEY} AS paid, NULL::BIGINT AS failed FROM left_by"


def _scored(program: Program, scores: Have) -> str:
    """The score of each as it stood on the day before; of several scores the first by name."""
    names = {entity: _first_score(program, entity) for entity in ("customers", "companies")}
    wanted = {entity: name for entity, name in names.items() if name}
    if not wanted or not {"score", "entity", "key", "as_of", "score_milli", "band"} <= scores.keys():
        unknown = f"NULL::{MONEY} AS score, NULL::VARCHAR AS band, NULL::VARCHAR[] AS signals"
        return f"SELECT entity, key, day, {unknown} FROM left_by"
    mine = " OR ".join(f"(h.entity = {literal(each)} AND h.score = {literal(name)})" for each, name in wanted.items())
    signals = "arg_max_null(h.signals, h.as_of)" if "signals" in scores else "NULL::VARCHAR[]"
    return f"""SELECT l.entity, l.key, l.day, arg_max_null(h.score_milli, h.as_of) / 1000 AS score,
    arg_max_null(h.band, h.as_of) AS band, {signals} AS signals
FROM left_by l JOIN derived.score_history h ON h.entity = l.entity AND h.key = l.key AND h.as_of < l.day
WHERE {mine}
GROUP BY ALL"""


def _first_score(program: Program, entity: str) -> str | None:
    return next((name for name in sorted(program.health) if program.health[name].entity == entity), None)


_CHURNED = """SELECT m.entity, m.key, m.day, m.returned_on, l.churned_at,
    s.cancel_reason AS reason, s.cancel_detail AS detail, s.status, s.status_before,
    p.failed AS failed_payments_30d, nullif(m.mrr, 0) AS mrr, p.paid,
    m.day - m.since_day AS tenure_days, h.score AS health_score, h.band AS health_status, h.signals
FROM moves m
JOIN left_by l ON l.entity = m.entity AND l.key = m.key AND l.day = m.day
LEFT JOIN paid p ON p.entity = m.entity AND p.key = m.key AND p.day = m.day
LEFT JOIN scored h ON h.entity = m.entity AND h.key = m.key AND h.day = m.day
LEFT JOIN (
    SELECT (source, subscription_id, number) AS look, cancel_reason, cancel_detail,
        CASE WHEN is_gone THEN 'gone' ELSE status END AS status,
        lag(status) OVER (PARTITION BY source, subscription_id ORDER BY number) AS status_before
    FROM derived.subscription_history
    WHERE (source, subscription_id) IN (SELECT (ended[1], ended[2]) FROM left_by)
) s ON s.look = l.ended
WHERE m.kind = 'churn'"""
