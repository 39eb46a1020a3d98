"""How long the ledger of recurring revenue takes: a million customers with three years of changes.

    python tests/bench/bench_revenue.py [customers]

Seven of ten customers are an account of their own, the others one with two more. Each has a subscription in one of
three currencies, seen to change three times on average, with two changes
known from invoices before; one in six has ended. Prints seconds of the first run, of one with nothing new, of one after
1 % changed, and of the questions that `gtm revenue` asks.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from execution import directives, engine, revenue, store
from execution.directives import Program
from execution.directives.model import Rate
from execution.directives.schema import entity_columns
from execution.revenue import cohorts, periods, seen
from execution.workspace import Workspace

ROOT = Path(__file__).parents[2]
AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)

NOW = """
INSERT INTO core.subscriptions BY NAME
SELECT 'stripe' AS source, 'sub_' || i AS subscription_id, 'cus_' || i AS payer,
    'person' || i || '@company' || CASE WHEN i % 10 < 7 THEN i ELSE i // 10 END || '.com' AS email,
    CASE WHEN i % 6 = 0 THEN 'canceled' ELSE 'active' END AS status,
    ['USD', 'USD', 'EUR', 'JPY'][1 + i % 4] AS currency,
    (120 * (1 + hash(i, 1) % 90))::DECIMAL(18, 4) AS yearly_amount,
    TIMESTAMP '2023-07-01' + to_days((hash(i, 2) % 300)::INTEGER) AS started_at,
    CASE WHEN i % 6 = 0 THEN TIMESTAMP '2026-01-01' + to_days((hash(i, 3) % 150)::INTEGER) END AS ended_at,
    CASE WHEN i % 12 = 0 THEN 'payment_failed' WHEN i % 6 = 0 THEN 'cancellation_requested' END AS cancel_reason,
    TIMESTAMP '2026-06-15' AS changed_at
FROM range($customers) r(i)"""

SEEN = """
INSERT INTO derived.subscription_history BY NAME
SELECT * EXCLUDE (changed_at, monthly_amount, n) REPLACE (
        CASE WHEN n = 3 THEN status ELSE 'active' END AS status, CASE WHEN n = 3 THEN ended_at END AS ended_at,
        CASE WHEN n = 3 THEN cancel_reason END AS cancel_reason,
        CASE WHEN n = 3 THEN yearly_amount ELSE 60 * (1 + hash(subscription_id, n) % 150) END AS yearly_amount
    ), n AS number, TIMESTAMP '2024-12-01' + to_days((n * 180 + hash(subscription_id, 9) % 20)::INTEGER) AS seen_at,
    false AS is_gone, false AS is_remapped
FROM core.subscriptions CROSS JOIN range(1, 4) r(n)"""

BEFORE = """
INSERT INTO core.subscription_changes BY NAME
SELECT 'stripe' AS source, subscription_id || n AS change_id, subscription_id, currency,
    started_at + to_days((n * 120)::INTEGER) AS occurred_at, (60 * (1 + hash(subscription_id, n) % 90)) AS yearly_amount
FROM core.subscriptions CROSS JOIN range(2) r(n)"""


def _fill(con: engine.Connection, program: Program, customers: int) -> None:
    for name in ("subscriptions", "subscription_changes"):
        columns = {**entity_columns(program.entities[name]), "changed_at": "TIMESTAMP"}
        listed = ", ".join(f"{engine.ident(column)} {kind}" for column, kind in columns.items())
        con.execute(f"CREATE TABLE core.{name} ({listed})")
    con.execute(NOW, {"customers": customers})
    con.execute(BEFORE)
    con.execute(
        "INSERT INTO identity.domains SELECT DISTINCT split_part(email, '@', 2), split_part(email, '@', 2) "
        "FROM core.subscriptions"
    )
    seen.create(con, program.entities["subscriptions"])
    con.execute(SEEN)


def _timed(what: str, work: Callable[[], object]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    shown = result if isinstance(result, revenue.Kept) else ""
    print(f"{what}: {time.perf_counter() - wall:.2f} s, {time.process_time() - cpu:.2f} s of CPU {shown}")


def main(customers: int) -> None:
    """Fill a store, then time the runs and the questions."""
    program = directives.load(directives.read_folder(ROOT)).require_valid()
    from decimal import Decimal

    rates = {"EUR": (Rate(None, Decimal("1.08")),), "JPY": (Rate(None, Decimal("0.0067")),)}
    program.settings.rates.update(rates)
    directive = program.revenue["recurring_revenue"]
    with tempfile.TemporaryDirectory() as folder, store.writer(Workspace(Path(folder))) as con:
        _fill(con, program, customers)
        print(f"{customers:,} customers, DuckDB {engine.VERSION}")
        _timed("first run", lambda: revenue.run(con, program, AS_OF))
        _timed("nothing new", lambda: revenue.run(con, program, AS_OF))
        con.execute(
            "UPDATE core.subscriptions SET yearly_amount = yearly_amount + 12, changed_at = TIMESTAMP '2026-06-29' "
            "WHERE hash(subscription_id) % 100 = 0"
        )
        _timed("1 % changed", lambda: revenue.run(con, program, AS_OF))
        whole = periods.Span(date(2025, 7, 1), date(2026, 6, 30))
        asked = [*periods.spans(whole, "month"), whole]
        _timed("a year by month", lambda: periods.read(con, directive, asked, entity="customers"))
        _timed("cohorts", lambda: cohorts.read(con, date(2026, 6, 30), entity="customers"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
