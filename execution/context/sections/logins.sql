-- How often the product was used, month by month, the latest first.
SELECT
    *, row_number() OVER (PARTITION BY no ORDER BY month DESC) AS place, count(*) OVER (PARTITION BY no) AS total
FROM (
    SELECT
        p.no, CAST(date_trunc('month', e.occurred_at) AS DATE) AS month, count(*) AS logins,
        count(DISTINCT e.email) AS people
    FROM events e
    JOIN context_people p ON p.email = e.email
    WHERE e.occurred_at <= $as_of AND e.kind = 'login'
    GROUP BY ALL
)
