-- What is paid for, those that run first.
SELECT
    p.no,
    row_number() OVER (
        PARTITION BY p.no
        ORDER BY s.ended_at IS NOT NULL, s.started_at DESC NULLS LAST, s.source, s.subscription_id
    ) AS place,
    count(*) OVER (PARTITION BY p.no) AS total,
    s.plan, s.status, s.monthly_amount AS amount, s.currency, s.billing_interval AS every, s.quantity, s.email, p.name,
    s.started_at, s.trial_ends_at, s.canceled_at, s.ended_at, s.cancel_reason AS reason,
    left(s.cancel_detail, 2000) AS detail
FROM subscriptions s
JOIN context_people p ON p.email = s.email
