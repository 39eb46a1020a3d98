"""The ledger as it is read: the lines of customers or of accounts, and one movement for each day that anybody moved."""

from execution.revenue.ledger import MONEY

_COLUMNS = """day, turn, moved_at, currency, kind, change, mrr_before, mrr_after, change_base, total_before,
    total_after, was_customer, is_customer, customers, unpriced, unknown"""


def lines_sql(entity: str) -> str:
    """SELECT of the ledger's rows for one entity, each with its `key`; see `ledger.NAMED`.

    What is told of an account's only customer is told of the account.
    """
    if entity == "customers":
        return f"SELECT key, {_COLUMNS} FROM derived.mrr_ledger WHERE entity = 'customers'"
    return f"SELECT account AS key, {_COLUMNS} FROM derived.mrr_ledger WHERE entity = 'companies' OR is_sole"


def movements_sql(entity: str) -> str:
    """SELECT of one entity's movements, in base over all currencies: a row per key, day, turn."""
    return f"""SELECT key, day, turn, moved_at, kind, coalesce(sum(change_base), 0)::{MONEY} AS change,
    max(total_before) AS total_before, max(total_after) AS total_after, bool_and(is_customer) AS is_customer,
    sum(customers)::INTEGER AS customers, sum(unpriced)::INTEGER AS unpriced, sum(unknown)::INTEGER AS unknown
FROM ({lines_sql(entity)}) GROUP BY key, day, turn, moved_at, kind"""


MOVEMENTS = f"""SELECT 'customers' AS entity, * FROM ({movements_sql("customers")})
UNION ALL SELECT 'companies', * FROM ({movements_sql("companies")})"""
"""SELECT of all movements, of customers and of companies."""
