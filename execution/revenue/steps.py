"""What every subscription came to, from when on: one step function each, out of what was seen and what is known.

Pure: a directive and the SQL of two relations in, SQL out, as named steps. The rules:

1. before a subscription was first seen its source's own word counts: it began, its trial ended, invoices said so much,
   it ended. A subscription that never began, or ended in its trial, came to nothing;
2. from then on what was seen counts, and what the source knows puts a date on it: a change between two looks happened
   when it ended, when its trial ended, or when an invoice said so; failing that, when it was seen;
3. a discount that ends makes a step of its own, on the day it ends;
4. a step that follows from another mapping of the same records is a correction.

A year's amount, not a month's, is what is compared: it is exact. NULL is a subscription that counts for an unknown sum.
"""

from execution.directives.model import Revenue
from execution.engine import literal

_NEVER_BEGAN = ("incomplete", "incomplete_expired")
_MAY_HAVE_STOPPED = ("unpaid", "paused", "past_due")
"""Statuses that are reached from one that counts; whether they were, invoices tell."""


def steps_sql(revenue: Revenue, seen: str, known: str) -> str:
    """SELECT of (sub, day, since, number, currency, yearly, basis, currency_before, yearly_before): a row for every day
    on which the sum of a subscription changed.

    `basis` is stated, billed, seen or corrected. `seen` has the columns of `derived.subscription_history`, `known` is
    (since, currency, yearly); both with `sub`, a number for the subscription.
    """
    steps = {
        "seen": seen,
        "known": known,
        "valued": _valued(revenue),
        "dated": _DATED,
        "lived": _lived(revenue),
        "began": _BEGAN,
        "points": f"{_PAST}\nUNION ALL\n{_FROM_THEN_ON}\nUNION ALL\n{_DISCOUNTS_END}",
    }
    ctes = ",\n".join(f"{name} AS (\n{sql}\n)" for name, sql in steps.items())
    return f"WITH {ctes}\n{_CHANGES}"


def _valued(revenue: Revenue) -> str:
    """Every look with what the subscription came to then, and the look before."""
    return f"""SELECT *,
    lag(yearly) OVER looks AS yearly_before, lag(currency) OVER looks AS currency_before,
    lag(status) OVER looks AS status_before, lag(trial_ends_at) OVER looks AS trial_before,
    lag(seen_at) OVER looks AS seen_before
FROM (
    SELECT *, CASE WHEN is_counted THEN amount ELSE 0 END AS yearly
    FROM (
        SELECT sub, number, seen_at, is_remapped, status, currency, started_at, trial_ends_at, ended_at,
            discount_ends_at, yearly_after_discount,
            NOT is_gone AND coalesce(status IN ({_texts(revenue.counts)}), false) AS is_counted,
            CASE WHEN discount_ends_at <= seen_at THEN yearly_after_discount ELSE yearly_amount END AS amount
        FROM seen
    )
)
WINDOW looks AS (PARTITION BY sub ORDER BY number)"""


_DATED = """SELECT *, CASE
        WHEN seen_before IS NULL OR is_corrected THEN seen_at
        WHEN moment <= seen_before THEN seen_before
        WHEN moment <= seen_at THEN moment
        ELSE seen_at
    END AS since,
    CASE
        WHEN is_corrected THEN 'corrected'
        WHEN moment <= seen_at THEN CASE WHEN has_ended OR trial_is_over THEN 'stated' ELSE 'billed' END
        ELSE 'seen'
    END AS basis
FROM (
    SELECT v.*,
        v.is_remapped AND NOT coalesce(v.ended_at > v.seen_before AND v.ended_at <= v.seen_at, false) AS is_corrected,
        CASE
            WHEN has_ended THEN ended_at WHEN trial_is_over THEN trial_before
            WHEN billed.since > v.seen_before THEN billed.since
        END AS moment
    FROM (
        SELECT *,
            coalesce(NOT is_counted AND ended_at IS NOT NULL, false) AS has_ended,
            coalesce(status_before = 'trialing' AND status <> 'trialing' AND trial_before IS NOT NULL, false)
                AS trial_is_over
        FROM valued
    ) v
    ASOF LEFT JOIN known billed ON billed.sub = v.sub AND v.seen_at >= billed.since
)"""
"""Every look with the moment from which on it held."""


def _lived(revenue: Revenue) -> str:
    """The first look at each subscription, with the time before it in which it counted: from `begins` till `ends`."""
    over = "trial_ends_at > started_at AND NOT " + literal("trialing" in revenue.counts)
    return f"""SELECT sub, begins, ends, currency, amount, ended_at <= seen_at AS has_ended
FROM (
    SELECT *, CASE WHEN {over} THEN trial_ends_at ELSE started_at END AS begins,
        CASE WHEN ended_at < seen_at THEN ended_at ELSE seen_at END AS ends
    FROM dated WHERE seen_before IS NULL
)
WHERE begins < ends AND {literal("active" in revenue.counts)}
    AND CASE
        WHEN is_counted THEN true
        WHEN status = 'trialing' OR status IN ({_texts(_NEVER_BEGAN)}) THEN false
        WHEN status IN ({_texts(_MAY_HAVE_STOPPED)}) THEN sub IN (SELECT sub FROM known)
        ELSE true
    END"""


_BEGAN = """SELECT l.*, k.first_sum, k.bills_first, k.next_sum, k.bills
FROM lived l LEFT JOIN (
    SELECT l.sub, arg_max_null(k.yearly, k.since) FILTER (k.since <= l.begins) AS first_sum,
        count(*) FILTER (k.since <= l.begins) AS bills_first,
        arg_min_null(k.yearly, k.since) AS next_sum, count(*) AS bills
    FROM lived l JOIN known k ON k.sub = l.sub AND k.since < l.ends
    GROUP BY l.sub
) k ON k.sub = l.sub"""
"""The same with what it came to when it began: as billed then, or next, or else as it stands."""

_PAST = """SELECT sub, begins AS since, 1 AS number, 0 AS place, currency,
    CASE WHEN bills_first > 0 THEN first_sum WHEN bills > 0 THEN next_sum ELSE amount END AS yearly,
    CASE WHEN bills > 0 THEN 'billed' ELSE 'stated' END AS basis
FROM began
UNION ALL
SELECT k.sub, k.since, 1, 1, k.currency, k.yearly, 'billed'
FROM known k JOIN lived l ON l.sub = k.sub AND k.since > l.begins AND k.since < l.ends
UNION ALL
SELECT sub, ends, 1, 2, currency, 0, 'stated' FROM lived WHERE has_ended"""

_FROM_THEN_ON = """SELECT sub, since, number, 3, currency, yearly, basis FROM dated
WHERE seen_before IS NULL OR yearly IS DISTINCT FROM yearly_before OR currency IS DISTINCT FROM currency_before"""

_DISCOUNTS_END = """SELECT sub, discount_ends_at, number, 4, currency, yearly_after_discount, 'stated'
FROM (SELECT *, lead(since) OVER (PARTITION BY sub ORDER BY number) AS until FROM dated)
WHERE is_counted AND discount_ends_at > seen_at AND coalesce(discount_ends_at < until, true)"""

_CHANGES = """SELECT sub, since::DATE AS day, since, number, currency, yearly, basis,
    currency_before, coalesce(yearly_before, CASE WHEN is_first THEN 0 END) AS yearly_before
FROM (
    SELECT *, lag(yearly) OVER way AS yearly_before, lag(currency) OVER way AS currency_before,
        row_number() OVER way = 1 AS is_first
    FROM (
        SELECT * FROM points
        QUALIFY lead(since::DATE) OVER (PARTITION BY sub ORDER BY since, number, place) IS DISTINCT FROM since::DATE
    )
    WINDOW way AS (PARTITION BY sub ORDER BY since)
)
WHERE CASE WHEN is_first THEN yearly IS DISTINCT FROM 0 ELSE yearly IS DISTINCT FROM yearly_before
    OR (currency IS DISTINCT FROM currency_before AND yearly IS DISTINCT FROM 0) END"""
"""Of every day (UTC) the last, with what was before it, where that is something else."""


def _texts(values: tuple[str, ...]) -> str:
    return ", ".join(literal(value) for value in values)
