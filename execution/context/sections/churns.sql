-- When the account stopped to pay, and why, the latest first.
SELECT
    a.no, row_number() OVER (PARTITION BY a.no ORDER BY c.day DESC, c.type) AS place,
    count(*) OVER (PARTITION BY a.no) AS total,
    c.day, c.type, c.reason, left(c.detail, 2000) AS detail, c.returned_on, c.mrr
FROM derived.churn_events c
JOIN context_accounts a ON a.account = c.key
WHERE c.entity = CASE WHEN a.domain IS NULL THEN 'customers' ELSE 'companies' END
