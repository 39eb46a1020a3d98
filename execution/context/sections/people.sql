-- Everybody of the chosen accounts, the most important of each first.
-- Before this stand the CTEs customers, events and chosen_accounts (account).
placed AS (
    SELECT coalesce(c.company_domain, c.email) AS account, c.*
    FROM customers c
),
touched AS (
    -- the latest thing that happened with a person, not what was called off or missed
    SELECT email, max(occurred_at) AS last_contact_at
    FROM events
    WHERE occurred_at <= $as_of AND coalesce(status, '') NOT IN ('no_show', 'canceled', 'rescheduled')
        AND kind NOT IN ('login', 'payment')
    GROUP BY email
),
numbered AS (
    SELECT account, row_number() OVER (ORDER BY account) AS no
    FROM chosen_accounts
)
SELECT
    n.no, n.account, p.* EXCLUDE (account), t.last_contact_at,
    coalesce(t.last_contact_at < $quiet, false) AS is_quiet,
    row_number() OVER (
        PARTITION BY n.no ORDER BY p.mrr DESC NULLS LAST, t.last_contact_at DESC NULLS LAST, p.email
    ) AS place,
    count(p.email) OVER (PARTITION BY n.no) AS total
FROM numbered n
LEFT JOIN placed p ON p.account = n.account
LEFT JOIN touched t ON t.email = p.email
