"""The ledger: what every customer came to, day by day, and what kind of movement each change was.

Pure: SQL over the steps of subscriptions, one relation upon the other. A customer's sum is that of their
subscriptions. Everything is a decimal of four places and added up exactly: the sum of a year is divided by twelve, and
converted, once.

A customer pays while any of their subscriptions comes to more than nothing, or to an unknown sum. A correction is no
movement of a customer's: on a day that has both it comes first, as turn 0.

Customers and accounts are numbers until they are stored: five million rows are sorted by a number in half the time that
an address takes. An account with one customer is told once, for both (`is_sole`).
"""

from execution.directives.model import Revenue
from execution.engine import literal

KINDS = ("new", "expansion", "contraction", "churn", "reactivation", "correction")
MONEY = "DECIMAL(18,4)"
ENTITIES = {"customers": "customer", "companies": "account"}
"""Whom the ledger is told for → the column of a subscriber that it is."""


def _month(yearly: str, rate: str = "") -> str:
    return f"CAST(coalesce({yearly}, 0){f' * {rate}' if rate else ''} / 12 AS {MONEY})"


_STAYED = "CASE WHEN s.currency_before = s.currency THEN s.yearly_before ELSE 0 END"

DELTAS = f"""SELECT s.sub, s.day, s.since, coalesce(s.currency, 'XXX') AS currency,
    CASE s.basis WHEN 'corrected' THEN 0 ELSE 1 END AS turn,
    {_month("s.yearly")} - {_month(_STAYED)} AS change,
    {_month("s.yearly", "r.rate")} - {_month(_STAYED, "r.rate")} AS change_base,
    (coalesce(s.yearly, 1) > 0)::INTEGER - (coalesce(s.yearly_before, 1) > 0)::INTEGER AS paying,
    (s.yearly IS NULL)::INTEGER - (s.yearly_before IS NULL)::INTEGER AS unknown
FROM steps s LEFT JOIN rates r ON r.currency = s.currency AND r.is_last
UNION ALL
SELECT s.sub, s.day, s.since, coalesce(s.currency_before, 'XXX'), CASE s.basis WHEN 'corrected' THEN 0 ELSE 1 END,
    -{_month("s.yearly_before")}, -{_month("s.yearly_before", "r.rate")}, 0, 0
FROM steps s LEFT JOIN rates r ON r.currency = s.currency_before AND r.is_last
WHERE s.currency_before IS DISTINCT FROM s.currency AND s.yearly_before <> 0"""
"""SELECT of what each step changes a month, in its own currency and in base (NULL where that has no rate). Reads
`steps` and `rates`."""


def moves_sql(revenue: Revenue) -> str:
    """SELECT of the ledger with numbers for keys (`no`); see NAMED. Reads `deltas` and `subscribers`."""
    return "\nUNION ALL\n".join(_of_entity(revenue, entity, column) for entity, column in ENTITIES.items())


def _of_entity(revenue: Revenue, entity: str, column: str) -> str:
    gap, again = revenue.gap.days, revenue.new_again_after
    is_new = f"since_day IS NULL OR day - since_day > {again.days}" if again else "since_day IS NULL"
    mine = "" if entity == "customers" else "WHERE NOT b.is_sole"
    return f"""SELECT * FROM (WITH grouped AS (
    SELECT b.{column}_no AS no, d.day, d.turn, d.currency, max(d.since) AS moved_at, sum(d.change)::{MONEY} AS change,
        sum(d.change_base)::{MONEY} AS change_base, sum(d.paying)::INTEGER AS paying, sum(d.unknown)::INTEGER AS unknown
    FROM deltas d JOIN subscribers b ON b.sub = d.sub {mine}
    GROUP BY ALL
),
keyed AS (
    SELECT no, day, turn, max(moved_at) AS moved_at, coalesce(sum(change_base), 0)::{MONEY} AS change_base,
        sum(sign(change)) AS ups, sum(paying)::INTEGER AS paying, sum(unknown)::INTEGER AS unknown,
        min(currency) AS main
    FROM grouped WHERE change <> 0 OR paying <> 0 OR unknown <> 0
    GROUP BY ALL
),
told AS (
    SELECT *, (sum(paying) OVER way)::INTEGER AS paying_after, (sum(change_base) OVER way)::{MONEY} AS total_after,
        lag(day) OVER way AS since_day, lead(day) OVER way AS until_day
    FROM keyed WINDOW way AS (PARTITION BY no ORDER BY day, turn)
),
kinds AS (
    SELECT *, CASE
            WHEN turn = 0 THEN 'correction'
            WHEN paying_after = paying AND paying > 0 THEN CASE
                WHEN {is_new} THEN 'new' WHEN day - since_day <= {gap} THEN 'expansion' ELSE 'reactivation'
            END
            WHEN paying_after = 0 AND paying < 0
                THEN CASE WHEN until_day - day <= {gap} THEN 'contraction' ELSE 'churn' END
            WHEN unknown <> 0 THEN 'correction'
            WHEN change_base > 0 OR (change_base = 0 AND ups >= 0) THEN 'expansion'
            ELSE 'contraction'
        END AS kind
    FROM told
),
states AS (
    SELECT *,
        CASE kind WHEN 'churn' THEN false WHEN 'correction' THEN paying_after > 0 ELSE true END AS is_customer,
        CASE kind
            WHEN 'new' THEN 1 WHEN 'reactivation' THEN 1 WHEN 'churn' THEN -1
            WHEN 'correction' THEN (paying_after > 0)::INTEGER - (paying_after > paying)::INTEGER
            ELSE 0
        END AS customers,
        (paying_after > 0 AND total_after = 0)::INTEGER - (paying_after > paying AND total_after = change_base)::INTEGER
            AS unpriced
    FROM kinds
)
SELECT {literal(entity)} AS entity, g.no, g.day, g.turn::TINYINT AS turn, k.moved_at, g.currency, k.kind,
    g.change, (g.mrr_after - g.change)::{MONEY} AS mrr_before, g.mrr_after, g.change_base,
    (k.total_after - k.change_base)::{MONEY} AS total_before, k.total_after,
    k.is_customer::INTEGER - k.customers = 1 AS was_customer, k.is_customer,
    CASE WHEN g.currency = k.main THEN k.customers ELSE 0 END::TINYINT AS customers,
    CASE WHEN g.currency = k.main THEN k.unpriced ELSE 0 END::TINYINT AS unpriced, g.unknown
FROM (
    SELECT *, (sum(change) OVER (PARTITION BY no, currency ORDER BY day, turn))::{MONEY} AS mrr_after FROM grouped
) g
JOIN states k ON k.no = g.no AND k.day = g.day AND k.turn = g.turn
WHERE g.change <> 0 OR g.unknown <> 0 OR (g.currency = k.main AND (k.customers <> 0 OR k.unpriced <> 0)))"""


NAMED = """SELECT m.entity, CASE m.entity WHEN 'companies' THEN b.account ELSE b.customer END AS key, b.account,
    b.is_sole AND m.entity = 'customers' AS is_sole, m.* EXCLUDE (entity, no)
FROM moves m JOIN subscribers b ON b.sub = m.no"""
"""SELECT of the ledger as it is stored: a row for each change of a customer's, or an account's, sum in a currency.

    entity          customers, or companies for accounts
    key, account    the customer or account; the account
    is_sole         whether a customer is their account's only one: the account has no row of its own then
    day, turn       when; turn 0 is a correction
    moved_at        the last moment of that day that anything changed at
    currency, kind  the kind is one of KINDS, and the same for all currencies of a key, day and turn
    change          in the currency, a month; mrr_before and mrr_after what it adds up to
    change_base     the same in base, NULL without a rate; total_before and total_after over all currencies
    is_customer     whether the key is a customer from then on; a stop that `gap` bridges ends nothing; was_customer
                    whether it was one till then
    customers       1, 0 or -1: whether it became one or ceased to be
    unpriced        1, 0 or -1: whether it came to pay a sum that nobody knows in base, or ceased to
    unknown         how many more subscriptions come to an unknown sum

Reads `moves` and `subscribers`."""

STEPS = f"""SELECT b.source, b.subscription_id, b.customer, b.account, s.since, s.day, s.number, s.currency,
    CAST(s.yearly / 12 AS {MONEY}) AS mrr, CAST(s.yearly * r.rate / 12 AS {MONEY}) AS mrr_base, s.basis
FROM steps s
JOIN subscribers b ON b.sub = s.sub
LEFT JOIN rates r ON r.currency = s.currency AND r.is_last"""
"""SELECT of every step with whose it is, as people look it up. Reads `steps`, `subscribers` and `rates`."""

UNEVEN = f"""WITH last AS (
    SELECT b.customer_no, b.account_no, b.is_sole, coalesce(s.currency, 'XXX') AS currency,
        {_month("s.yearly")} AS mrr, {_month("s.yearly", "r.rate")} AS mrr_base
    FROM (
        SELECT sub, arg_max_null(currency, day) AS currency, arg_max_null(yearly, day) AS yearly FROM steps GROUP BY sub
    ) s
    JOIN subscribers b ON b.sub = s.sub
    LEFT JOIN rates r ON r.currency = s.currency AND r.is_last
    WHERE s.yearly <> 0
),
sides AS (
    SELECT 'customers' AS entity, customer_no AS no, currency, mrr, mrr_base FROM last
    UNION ALL SELECT 'companies', account_no, currency, mrr, mrr_base FROM last WHERE NOT is_sole
    UNION ALL SELECT entity, no, currency, -change, -change_base FROM moves
),
odds AS (
    SELECT entity, no, currency, sum(mrr) AS mrr, sum(mrr_base) AS mrr_base FROM sides GROUP BY ALL
    HAVING sum(mrr) <> 0 OR coalesce(sum(mrr_base), 0) <> 0
)
SELECT o.entity, CASE o.entity WHEN 'companies' THEN b.account ELSE b.customer END AS key, o.currency,
    -o.mrr AS too_much
FROM odds o JOIN subscribers b ON b.sub = o.no ORDER BY 1, 2, 3 LIMIT 1"""
"""SELECT of the first key whose movements do not add up to what its subscriptions come to in the end: there must be
none. Reads `steps`, `rates`, `subscribers` and `moves`."""
