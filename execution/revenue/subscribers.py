"""Whose each subscription is, and which of them have to be told anew.

Pure: SQL. A customer is an e-mail, else the payer in the source; an account is the company's domain, else the customer.
A customer belongs to one account, so what a changed subscription can touch is its account's, before and after.
"""

from execution.directives.model import Revenue, Settings
from execution.engine import literal


def subscribers_sql(revenue: Revenue, settings: Settings) -> str:
    """SELECT of (sub, source, subscription_id, customer, account, customer_no, account_no, is_sole, digest).

    `sub` numbers the subscriptions, `…_no` is the least `sub` of the customer and of the account; `is_sole` says
    whether the account has no other customer, `digest` tells whether anything changed that the ledger is made of. The
    team's own are left out; where several sources know a customer, the first by precedence counts. Reads `history` and
    `changes`.
    """
    free = literal(sorted(settings.free_mail_domains)) + "::VARCHAR[]"
    internal = [literal(domain.lower()) for domain in sorted(settings.internal_domains)]
    is_internal = f"split_part(s.email, '@', 2) IN ({', '.join(internal)})" if internal else "false"
    ranks = [f"WHEN {literal(name)} THEN {literal(f'{place:03}')}" for place, name in enumerate(revenue.sources)]
    rank = f"CASE s.source {' '.join(ranks)} ELSE 'source ' || s.source END" if ranks else "s.source"
    return f"""WITH states AS (
    SELECT source, subscription_id, arg_max(email, number) AS email, arg_max(payer, number) AS payer,
        max(number) AS looks
    FROM history GROUP BY source, subscription_id
),
billed AS (
    SELECT source, subscription_id, sum(hash(since, currency, yearly)::HUGEINT) AS bills
    FROM changes GROUP BY source, subscription_id
),
owned AS (
    SELECT s.source, s.subscription_id, s.customer, coalesce(d.registrable, s.customer) AS account, s.looks
    FROM (SELECT *, coalesce(email, source || ':' || coalesce(payer, subscription_id)) AS customer FROM states) s
    LEFT JOIN identity.domains d
        ON d.domain = split_part(s.email, '@', 2) AND NOT list_contains({free}, d.registrable)
    WHERE NOT coalesce({is_internal}, false)
),
counted AS (
    SELECT *, row_number() OVER (ORDER BY source, subscription_id) AS sub
    FROM (SELECT s.*, {rank} AS rank FROM owned s)
    WHERE (customer, rank) IN (SELECT (customer, min({rank})) FROM owned s GROUP BY customer)
)
SELECT c.sub, c.source, c.subscription_id, c.customer, c.account, p.no AS customer_no, a.no AS account_no, a.is_sole,
    hash(c.customer, c.account, c.looks, b.bills) AS digest
FROM counted c
JOIN (SELECT customer, min(sub) AS no FROM counted GROUP BY customer) p ON p.customer = c.customer
JOIN (
    SELECT account, min(sub) AS no, min(customer) = max(customer) AS is_sole FROM counted GROUP BY account
) a ON a.account = c.account
LEFT JOIN billed b ON b.source = c.source AND b.subscription_id = c.subscription_id"""


TOUCHED = """SELECT DISTINCT unnest([n.account, o.account]) AS account
FROM everybody n FULL JOIN derived.mrr_subscribers o ON o.source = n.source AND o.subscription_id = n.subscription_id
WHERE n.digest IS DISTINCT FROM o.digest"""
"""SELECT of the accounts that anything changed for since the ledger was made. Reads `everybody`."""
