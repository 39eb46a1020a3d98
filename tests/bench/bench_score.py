"""How much the compiled score costs beside SQL that a person would write for the same formula.

    python tests/bench/bench_score.py [customers]

Prints both times (CPU seconds, best of seven, in memory) and their ratio, then what a whole `measures.run` and
`health.run` take.
The hand-written query gives the score, its range, coverage, band, churn risk and action, in floating point; the
compiled one gives these and every contribution and signal besides.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from execution import directives, engine, health, measures, store
from execution.directives import Program
from execution.directives.schema import entity_columns
from execution.health.inputs import inputs_select
from execution.measures import Stored
from execution.workspace import Workspace

ROOT = Path(__file__).parents[2]
AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)

CUSTOMERS = """
INSERT INTO core.customers BY NAME
SELECT
    'person' || i || '@company' || (i // 5) || '.com' AS email,
    CASE WHEN i % 10 < 7 THEN (hash(i, 1) % 900)::DECIMAL(18, 4) END AS mrr,
    CASE WHEN i % 10 < 8 THEN
        ['active', 'active', 'active', 'trialing', 'past_due', 'unpaid', 'canceled'][1 + (hash(i, 2) % 7)::BIGINT]
    END AS subscription_status,
    CASE WHEN i % 10 < 8 THEN (hash(i, 3) % 20)::BIGINT = 0 END AS is_delinquent,
    CASE WHEN i % 3 > 0 THEN 1 + (hash(i, 4) % 9) / 2.0 END AS csat_score,
    ['positive', 'neutral', 'negative', NULL][1 + (hash(i, 5) % 4)::BIGINT] AS support_sentiment,
    CASE WHEN i % 4 > 0 THEN DATE '2026-06-30' - (hash(i, 6) % 900)::INTEGER END AS signup_date,
    CASE WHEN i % 5 > 0 THEN TIMESTAMP '2026-06-30' - to_hours((hash(i, 7) % 2400)::INTEGER) END AS last_seen_at,
    CASE WHEN i % 2 = 0 THEN (hash(i, 8) % 3)::BIGINT > 0 END AS onboarding_complete,
    CASE WHEN i % 2 = 0 THEN '{"a": 1, "b": 2, "c": 3}'::JSON END AS feature_usage,
    CASE WHEN i % 2 = 0 THEN (hash(i, 9) % 100)::BIGINT END AS engagement_score,
    (hash(i, 10) % 6)::BIGINT AS total_calls_booked
FROM range($customers) r(i)"""

EVENTS = """
CREATE TABLE core.events AS
SELECT
    'bench' AS source, 'e' || i AS source_id,
    'person' || hash(i, 1) % $customers || '@company' || (hash(i, 1) % $customers) // 5 || '.com' AS email,
    ['meeting', 'meeting', 'conversation', 'login', 'login', 'payment'][1 + (hash(i, 2) % 6)::BIGINT] AS kind,
    ['booked', 'booked', 'no_show', 'canceled', 'open', 'failed'][1 + (hash(i, 3) % 6)::BIGINT] AS status,
    TIMESTAMP '2026-07-20' - to_hours((hash(i, 4) % 4000)::INTEGER) AS occurred_at,
    NULL::TIMESTAMP AS ended_at, NULL::TIMESTAMP AS recorded_at, 't' AS title, 'h' AS host, NULL AS detail
FROM range($customers * 2) r(i)"""

HAND_WRITTEN = """
WITH parts AS (
    SELECT *,
        CASE WHEN days_since_seen <= 1 THEN 100 WHEN days_since_seen <= 3 THEN 90 WHEN days_since_seen <= 7 THEN 80
             WHEN days_since_seen <= 14 THEN 65 WHEN days_since_seen <= 30 THEN 40 WHEN days_since_seen <= 60 THEN 20
             WHEN days_since_seen IS NOT NULL THEN 0 END AS a,
        greatest(0, least(100, csat_score * 20
            + CASE support_sentiment WHEN 'positive' THEN 10 WHEN 'negative' THEN -20 ELSE 0 END
            - least(20, greatest(0, coalesce(intercom_convos_30d, 0) - 10)))) AS raw_s,
        greatest(0, CASE WHEN subscription_status = 'canceled' THEN 0 WHEN subscription_status = 'unpaid' THEN 20
             WHEN is_delinquent THEN 30 WHEN subscription_status = 'past_due' THEN 40
             WHEN subscription_status = 'trialing' THEN 80 WHEN subscription_status = 'active' THEN 100 END
            - least(30, 10 * coalesce(payment_failures_90d, 0))) AS raw_p,
        least(50, login_count_30d * 2.5) + CASE WHEN onboarding_complete THEN 30 ELSE 0 END
            + least(20, features_used * 4) AS raw_e,
        CASE WHEN tenure_days < 30 THEN 40 WHEN tenure_days < 90 THEN 60 WHEN tenure_days < 180 THEN 75
             WHEN tenure_days < 365 THEN 85 WHEN tenure_days IS NOT NULL THEN 100 END AS t,
        CASE WHEN mrr <= 0 THEN 50 WHEN mrr < 50 THEN 60 WHEN mrr < 100 THEN 70 WHEN mrr < 250 THEN 80
             WHEN mrr < 500 THEN 90 WHEN mrr IS NOT NULL THEN 100 END AS m,
        coalesce(mentioned_cancel, false) AS is_cancelling, coalesce(is_delinquent, false) AS is_overdue,
        coalesce(days_since_seen > 30, false) AS is_inactive,
        coalesce(show_rate < 50 AND total_calls_booked >= 3, false) AS is_missing_calls,
        coalesce(mrr > 200 AND upcoming_calls = 0, false) AS is_without_call
    FROM inputs
),
known AS (
    SELECT *,
        CASE WHEN csat_score IS NOT NULL THEN raw_s END AS s,
        CASE WHEN subscription_status IS NOT NULL THEN raw_p END AS p,
        CASE WHEN login_count_30d IS NOT NULL AND onboarding_complete IS NOT NULL AND features_used IS NOT NULL
            THEN raw_e END AS e
    FROM parts
),
summed AS (
    SELECT *,
        25.0::DOUBLE * (a IS NOT NULL)::INT + 20 * (s IS NOT NULL)::INT + 20 * (p IS NOT NULL)::INT
            + 15 * (e IS NOT NULL)::INT + 10 * (t IS NOT NULL)::INT + 10 * (m IS NOT NULL)::INT AS w,
        25.0::DOUBLE * coalesce(a, 0) + 20 * coalesce(s, 0) + 20 * coalesce(p, 0) + 15 * coalesce(e, 0)
            + 10 * coalesce(t, 0) + 10 * coalesce(m, 0) AS total,
        30 * is_cancelling::INT + 25 * is_overdue::INT + 20 * is_inactive::INT
            + least(15, 5 * coalesce(open_tickets, 0)) + 10 * is_missing_calls::INT + 10 * is_without_call::INT AS off
    FROM known
),
scored AS (
    SELECT *,
        CASE WHEN w > 0 THEN round(greatest(0, least(100, total / w - off)), 3) END AS score,
        CASE WHEN w > 0 THEN round(greatest(0, least(100, total / 100 - off)), 3) END AS low,
        CASE WHEN w > 0 THEN round(greatest(0, least(100, total / 100 + (100 - w) - off)), 3) END AS high
    FROM summed
),
labelled AS (
    SELECT *,
        CASE WHEN w >= 50 THEN CASE WHEN score >= 70 THEN 'healthy' WHEN score >= 50 THEN 'at_risk'
            WHEN score >= 30 THEN 'high_risk' ELSE 'critical' END END AS band
    FROM scored
)
SELECT email, score, low, high, w / 100 AS coverage, band,
    CASE WHEN band IS NOT NULL THEN least(100, (100 - score)
        * CASE WHEN is_cancelling THEN 1.5 ELSE 1 END * CASE WHEN is_overdue THEN 1.4 ELSE 1 END
        * CASE WHEN is_inactive THEN 1.3 ELSE 1 END * CASE WHEN engagement_score < 30 THEN 1.2 ELSE 1 END
        * CASE WHEN is_without_call THEN 1.1 ELSE 1 END) END AS churn_risk,
    CASE WHEN band = 'critical' AND is_cancelling THEN 'Call them today about the cancellation'
        WHEN band = 'critical' AND is_overdue THEN 'Settle the overdue invoice with them'
        WHEN band = 'critical' THEN 'Make a retention call'
        WHEN band = 'high_risk' AND is_inactive THEN 'Start a re-engagement campaign'
        WHEN band = 'high_risk' AND upcoming_calls = 0 THEN 'Book a check-in'
        WHEN band = 'high_risk' THEN 'Watch closely'
        WHEN band = 'at_risk' THEN 'Reach out before they do'
        WHEN band = 'healthy' AND mrr > 500 THEN 'Explore expansion'
        WHEN band = 'healthy' THEN 'Keep doing what works' END AS recommended_action
FROM labelled"""


def _fill(con: engine.Connection, program: Program, customers: int) -> None:
    columns = ", ".join(f"{engine.ident(n)} {k}" for n, k in entity_columns(program.entities["customers"]).items())
    con.execute(f"CREATE TABLE core.customers ({columns})")
    con.execute(CUSTOMERS, {"customers": customers})
    con.execute(EVENTS, {"customers": customers})


def _seconds(work: Callable[[], object], times: int = 1) -> float:
    """CPU seconds of the best of some runs: what the work costs, whoever else wants the machine."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def _compare(con: engine.Connection, program: Program) -> None:
    directive = program.health["customer_health"]
    inputs = inputs_select(program, directive, Stored.read(con))
    con.execute(f"CREATE OR REPLACE TEMP TABLE given AS {inputs}")
    compiled = health.compile_score(directive, "SELECT * FROM given", ("email",))
    by_hand = HAND_WRITTEN.replace("FROM inputs", "FROM given")
    con.execute(f"CREATE OR REPLACE TEMP TABLE one AS {compiled}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE other AS {by_hand}")
    apart = con.execute(
        "SELECT count(*) FROM one JOIN other USING (email) WHERE abs(one.score_milli / 1000.0 - other.score) > 0.0011 "
        "OR one.recommended_action IS DISTINCT FROM other.recommended_action"
    ).fetchone()
    ours = _seconds(lambda: con.execute(f"CREATE OR REPLACE TEMP TABLE one AS {compiled}"), 7)
    theirs = _seconds(lambda: con.execute(f"CREATE OR REPLACE TEMP TABLE other AS {by_hand}"), 7)
    print(f"rows that disagree: {apart[0] if apart else '?'}")
    print(f"compiled {ours:.3f} s, by hand {theirs:.3f} s, ratio {ours / theirs:.2f}")
    con.execute("DROP TABLE given; DROP TABLE one; DROP TABLE other")


def main(customers: int) -> None:
    """Fill a store, compare the two queries, then time the whole steps."""
    program = directives.load(directives.read_folder(ROOT)).require_valid()
    with tempfile.TemporaryDirectory() as folder, store.writer(Workspace(Path(folder))) as con:
        _fill(con, program, customers)
        print(f"{customers:,} customers, DuckDB {engine.VERSION}")
        print(f"measures.run {_seconds(lambda: measures.run(con, program, AS_OF)):.2f} s")
        _compare(con, program)
        print(f"health.run, first {_seconds(lambda: health.run(con, program, AS_OF)):.2f} s")
        print(f"health.run, nothing new {_seconds(lambda: health.run(con, program, AS_OF)):.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
