-- Every deal of an account or of its people: those that are open first, then by what they are worth.
WITH placed AS (
    SELECT
        coalesce(p.no, a.no) AS no, d.*,
        coalesce(d.status, CASE WHEN d.closed_at IS NULL THEN 'open' ELSE 'closed' END) AS now
    FROM deals d
    LEFT JOIN context_people p ON p.email = d.email
    LEFT JOIN context_accounts a ON a.account = d.company_domain
)
SELECT
    no,
    row_number() OVER (
        PARTITION BY no, now = 'open'
        ORDER BY CASE WHEN now <> 'open' THEN closed_at END DESC NULLS LAST, amount DESC NULLS LAST,
            expected_close NULLS LAST, source, deal_id
    ) AS place,
    count(*) OVER (PARTITION BY no, now = 'open') AS total,
    name, stage, now AS status, amount, currency, probability, forecast_category AS forecast, owner, opened_at,
    expected_close, closed_at, last_activity_at, email,
    coalesce(now = 'open' AND expected_close < $today, false) AS is_overdue,
    coalesce(closed_at > $lately, false) AS is_lately
FROM placed
WHERE no IS NOT NULL
