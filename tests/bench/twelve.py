# ruff: noqa: E501 - a component of a directive stands on one line
"""A score of twelve components, the customers it is about, and the SQL that a person would write for it."""

from execution.directives import Program, load

COLUMNS = {
    "mrr": "decimal", "csat_score": "number", "subscription_status": "text", "is_delinquent": "boolean",
    "onboarding_complete": "boolean", "seats": "integer", "seats_used": "integer", "nps": "integer",
}  # fmt: skip
MEASURES = {
    "days_since_seen": "integer", "login_count_30d": "integer", "logins_before": "integer", "open_tickets": "integer",
    "convos_30d": "integer", "tenure_days": "integer", "upcoming_calls": "integer", "show_rate": "decimal",
    "days_since_last_call": "integer", "payment_failures_90d": "integer", "features_used": "integer",
    "mentioned_cancel": "boolean", "days_to_renewal": "integer",
}  # fmt: skip

DIRECTIVE = """---
kind: health
name: twelve
entity: customers
components:
  activity: {weight: 15, needs: [days_since_seen], score: "case when days_since_seen <= 1 then 100 when days_since_seen <= 7 then 80 when days_since_seen <= 30 then 40 else 0 end"}
  logins: {weight: 10, needs: [login_count_30d], score: "case when login_count_30d >= 20 then 100 else login_count_30d * 5 end"}
  trend: {weight: 5, needs: [login_count_30d, logins_before], score: "50 + 50.0 * (login_count_30d - logins_before) / nullif(login_count_30d + logins_before, 0)"}
  features: {weight: 8, needs: [features_used], score: "case when features_used >= 5 then 100 else features_used * 20 end"}
  adoption: {weight: 7, needs: [seats, seats_used], score: "100.0 * seats_used / nullif(seats, 0)"}
  support: {weight: 10, needs: [csat_score], score: "csat_score * 20 - case when convos_30d > 10 then 20 else 0 end"}
  promoter: {weight: 5, needs: [nps], score: "nps * 10"}
  payment: {weight: 15, needs: [subscription_status], score: "case when subscription_status = 'canceled' then 0 when subscription_status = 'unpaid' then 20 when is_delinquent then 30 when subscription_status = 'past_due' then 40 when subscription_status = 'trialing' then 80 when subscription_status = 'active' then 100 end - case when payment_failures_90d > 0 then 10 * payment_failures_90d else 0 end"}
  calls: {weight: 8, needs: [days_since_last_call], score: "case when days_since_last_call <= 14 then 100 when days_since_last_call <= 45 then 70 when days_since_last_call <= 90 then 40 else 0 end"}
  tenure: {weight: 5, needs: [tenure_days], score: "case when tenure_days < 30 then 40 when tenure_days < 90 then 60 when tenure_days < 365 then 85 else 100 end"}
  revenue: {weight: 7, needs: [mrr], score: "case when mrr <= 0 then 50 when mrr < 50 then 60 when mrr < 250 then 80 when mrr < 500 then 90 else 100 end"}
  renewal: {weight: 5, needs: [days_to_renewal], score: "case when days_to_renewal < 30 then 40 when days_to_renewal < 90 then 70 else 100 end"}
penalties:
  cancel: {when: mentioned_cancel, points: "30", reason: They wrote of cancelling}
  overdue: {when: is_delinquent, points: "25", reason: An invoice is overdue}
  tickets: {when: open_tickets > 0, points: "case when open_tickets >= 3 then 15 else open_tickets * 5 end", reason: Tickets wait}
  missed: {when: show_rate < 50, points: "10", reason: They miss calls}
signals:
  cancel: {when: mentioned_cancel, severity: critical, message: They wrote of cancelling, churn_factor: 1.5}
  overdue: {when: is_delinquent, severity: critical, message: An invoice is overdue, churn_factor: 1.4}
  quiet: {when: days_since_seen > 30, severity: high, message: Quiet for a month, churn_factor: 1.3}
  alone: {when: mrr > 200 and upcoming_calls = 0, severity: low, message: No next call, churn_factor: 1.1}
expansion:
  full: {when: seats_used >= seats and twelve >= 70, potential: high, reason: Every seat is taken}
actions:
  - {when: twelve_status = 'critical' and mentioned_cancel, action: Call them today}
  - {when: twelve_status = 'critical', action: Make a retention call}
  - {when: twelve_status = 'at_risk', action: Reach out}
  - {when: twelve_status = 'healthy' and mrr > 500, action: Explore expansion}
bands: {healthy: 70, at_risk: 50, high_risk: 30, critical: 0}
hysteresis: 3
coverage_floor: 0.5
---
"""

CUSTOMERS = """
CREATE OR REPLACE TABLE core.customers AS SELECT
    'person' || i || '@company' || (i // 5) || '.com' AS email,
    CASE WHEN i % 10 < 7 THEN (hash(i, 1) % 900)::DECIMAL(18, 4) END AS mrr,
    CASE WHEN i % 3 > 0 THEN 1 + (hash(i, 2) % 9) / 2.0::DOUBLE END AS csat_score,
    CASE WHEN i % 10 < 8 THEN ['active', 'active', 'active', 'trialing', 'past_due', 'unpaid', 'canceled']
        [1 + (hash(i, 3) % 7)::BIGINT] END AS subscription_status,
    CASE WHEN i % 10 < 8 THEN hash(i, 4) % 20 = 0 END AS is_delinquent,
    CASE WHEN i % 2 = 0 THEN hash(i, 5) % 3 > 0 END AS onboarding_complete,
    CASE WHEN i % 4 > 0 THEN (hash(i, 6) % 30)::BIGINT END AS seats,
    CASE WHEN i % 4 > 0 THEN (hash(i, 6) % 30 * (hash(i, 7) % 100) // 100)::BIGINT END AS seats_used,
    CASE WHEN i % 5 = 0 THEN (hash(i, 8) % 11)::BIGINT END AS nps,
    TIMESTAMP '2026-01-01' AS created_at, TIMESTAMP '2026-01-01' AS updated_at
FROM range($customers) r(i)"""

MEASURED = """
CREATE OR REPLACE TABLE derived.measures__customers AS SELECT
    'person' || i || '@company' || (i // 5) || '.com' AS email,
    CASE WHEN i % 5 > 0 THEN (hash(i, 11) % 100)::BIGINT END AS days_since_seen,
    CASE WHEN i % 2 = 0 THEN (hash(i, 12) % 40)::BIGINT END AS login_count_30d,
    CASE WHEN i % 2 = 0 THEN (hash(i, 13) % 40)::BIGINT END AS logins_before,
    (hash(i, 14) % 5)::BIGINT AS open_tickets,
    (hash(i, 15) % 15)::BIGINT AS convos_30d,
    CASE WHEN i % 4 > 0 THEN (hash(i, 16) % 900)::BIGINT END AS tenure_days,
    (hash(i, 17) % 3)::BIGINT AS upcoming_calls,
    CASE WHEN i % 3 = 0 THEN (hash(i, 18) % 101)::DECIMAL(18, 4) END AS show_rate,
    CASE WHEN i % 3 = 0 THEN (hash(i, 19) % 200)::BIGINT END AS days_since_last_call,
    (hash(i, 20) % 4)::BIGINT AS payment_failures_90d,
    CASE WHEN i % 2 = 0 THEN (hash(i, 21) % 8)::BIGINT END AS features_used,
    hash(i, 22) % 50 = 0 AS mentioned_cancel,
    CASE WHEN i % 6 > 0 THEN (hash(i, 23) % 365)::BIGINT END AS days_to_renewal
FROM range($customers) r(i)"""

CHANGED = (
    "UPDATE derived.measures__customers SET days_since_seen = 0, open_tickets = 0 WHERE hash(email) % 100 = {turn}"
)

BY_HAND = """
WITH parts AS (
    SELECT c.*, m.* EXCLUDE (email),
        CASE WHEN days_since_seen <= 1 THEN 100 WHEN days_since_seen <= 7 THEN 80 WHEN days_since_seen <= 30 THEN 40
             WHEN days_since_seen IS NOT NULL THEN 0 END AS p1,
        CASE WHEN login_count_30d >= 20 THEN 100 ELSE login_count_30d * 5 END AS p2,
        50 + 50.0 * (login_count_30d - logins_before) / nullif(login_count_30d + logins_before, 0) AS p3,
        CASE WHEN features_used >= 5 THEN 100 ELSE features_used * 20 END AS p4,
        100.0 * seats_used / nullif(seats, 0) AS p5,
        CASE WHEN csat_score IS NOT NULL THEN
            greatest(0, least(100, csat_score * 20 - CASE WHEN convos_30d > 10 THEN 20 ELSE 0 END)) END AS p6,
        nps * 10 AS p7,
        CASE WHEN subscription_status IS NOT NULL THEN greatest(0, CASE
            WHEN subscription_status = 'canceled' THEN 0 WHEN subscription_status = 'unpaid' THEN 20
            WHEN is_delinquent THEN 30 WHEN subscription_status = 'past_due' THEN 40
            WHEN subscription_status = 'trialing' THEN 80 WHEN subscription_status = 'active' THEN 100 END
            - CASE WHEN payment_failures_90d > 0 THEN 10 * payment_failures_90d ELSE 0 END) END AS p8,
        CASE WHEN days_since_last_call <= 14 THEN 100 WHEN days_since_last_call <= 45 THEN 70
             WHEN days_since_last_call <= 90 THEN 40 WHEN days_since_last_call IS NOT NULL THEN 0 END AS p9,
        CASE WHEN tenure_days < 30 THEN 40 WHEN tenure_days < 90 THEN 60 WHEN tenure_days < 365 THEN 85
             WHEN tenure_days IS NOT NULL THEN 100 END AS p10,
        CASE WHEN mrr <= 0 THEN 50 WHEN mrr < 50 THEN 60 WHEN mrr < 250 THEN 80 WHEN mrr < 500 THEN 90
             WHEN mrr IS NOT NULL THEN 100 END AS p11,
        CASE WHEN days_to_renewal < 30 THEN 40 WHEN days_to_renewal < 90 THEN 70
             WHEN days_to_renewal IS NOT NULL THEN 100 END AS p12,
        coalesce(mentioned_cancel, false) AS is_cancelling, coalesce(is_delinquent, false) AS is_overdue,
        coalesce(days_since_seen > 30, false) AS is_quiet, coalesce(mrr > 200 AND upcoming_calls = 0, false) AS is_alone
    FROM core.customers c LEFT JOIN derived.measures__customers m ON m.email = c.email
),
summed AS (
    SELECT *,
        15.0::DOUBLE * (p1 IS NOT NULL)::INT + 10 * (p2 IS NOT NULL)::INT + 5 * (p3 IS NOT NULL)::INT
            + 8 * (p4 IS NOT NULL)::INT + 7 * (p5 IS NOT NULL)::INT + 10 * (p6 IS NOT NULL)::INT
            + 5 * (p7 IS NOT NULL)::INT + 15 * (p8 IS NOT NULL)::INT + 8 * (p9 IS NOT NULL)::INT
            + 5 * (p10 IS NOT NULL)::INT + 7 * (p11 IS NOT NULL)::INT + 5 * (p12 IS NOT NULL)::INT AS w,
        15.0::DOUBLE * coalesce(p1, 0) + 10 * coalesce(p2, 0) + 5 * coalesce(p3, 0) + 8 * coalesce(p4, 0)
            + 7 * coalesce(p5, 0) + 10 * coalesce(p6, 0) + 5 * coalesce(p7, 0) + 15 * coalesce(p8, 0)
            + 8 * coalesce(p9, 0) + 5 * coalesce(p10, 0) + 7 * coalesce(p11, 0) + 5 * coalesce(p12, 0) AS total,
        30 * is_cancelling::INT + 25 * is_overdue::INT + least(15, 5 * coalesce(open_tickets, 0))
            + 10 * coalesce(show_rate < 50, false)::INT AS off
    FROM parts
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
        * CASE WHEN is_quiet THEN 1.3 ELSE 1 END * CASE WHEN is_alone THEN 1.1 ELSE 1 END) END AS churn_risk,
    CASE WHEN seats_used >= seats AND score >= 70 THEN 'high' END AS expansion_potential,
    CASE WHEN band = 'critical' AND is_cancelling THEN 'Call them today'
        WHEN band = 'critical' THEN 'Make a retention call' WHEN band = 'at_risk' THEN 'Reach out'
        WHEN band = 'healthy' AND mrr > 500 THEN 'Explore expansion' END AS recommended_action
FROM labelled"""


def texts() -> dict[str, str]:
    """The directives of this benchmark: one entity, its measures as declared, and the score."""
    columns = "\n".join(f"  {name}: {{type: {kind}, meaning: m}}" for name, kind in COLUMNS.items())
    entity = f"---\nkind: entity\nname: customers\nkey: email\nrows: shared\ncolumns:\n  email: {{type: text}}\n{columns}\n---\n"
    declared = "\n".join(f"  {n}: {{type: {kind}, unit: u, meaning: m, 'null': n}}" for n, kind in MEASURES.items())
    nothing = ", ".join(
        f"cast(null as {'decimal(18, 4)' if k == 'decimal' else k}) as {n}" for n, k in MEASURES.items()
    )
    measures = f"---\nkind: measures\nname: all\nentity: customers\nmeasures:\n{declared}\n---\n"
    measures += f"```sql measures\nselect email, {nothing} from customers\n```\n"
    return {"entity": entity, "measures": measures, "health": DIRECTIVE}


def program() -> Program:
    """The program that they make up."""
    return load({f"directives/{name}.md": text.encode() for name, text in texts().items()}).require_valid()
