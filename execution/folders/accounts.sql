-- One row per wanted account. Before this come the CTEs customers, companies … and wanted (account).
people AS (
    SELECT *, coalesce(company_domain, email) AS account
    FROM customers
    WHERE coalesce(company_domain, email) IN (SELECT account FROM wanted)
),
by_account AS (
    SELECT
        account,
        max(company_domain) AS domain,
        mode(company_name ORDER BY company_name) AS company_name,
        arg_min(name, {'paying': -mrr, 'email': email}) AS person,
        arg_min(assigned_am, {'paying': -mrr, 'email': email}) FILTER (WHERE assigned_am IS NOT NULL) AS manager,
        count(*) AS people,
        count(mrr) AS people_with_mrr,
        sum(mrr) AS mrr,
        min(renewal_date) AS renewal_date,
        min(next_call_date) AS next_call_at,
        count(upcoming_calls) > 0 AS is_calendar_known,
        -- the person with the lowest score stands for the account: an average would hide the one who leaves
        arg_min(
            {'of': email, 'score': health_score, 'band': health_status},
            {'unlabelled': health_status IS NULL, 'score': health_score, 'email': email}
        ) FILTER (WHERE health_score IS NOT NULL) AS weakest
    FROM people
    GROUP BY account
)
SELECT
    w.account AS key,
    coalesce(c.name, a.company_name, CASE WHEN a.domain IS NULL THEN a.person END, w.account) AS name,
    coalesce(c.owner, a.manager) AS owner,
    coalesce(a.people, 0) AS people, coalesce(a.people_with_mrr, 0) AS people_with_mrr, a.mrr,
    coalesce(c.renewal_date, a.renewal_date) AS renewal_date,
    a.next_call_at, coalesce(a.is_calendar_known, false) AS is_calendar_known,
    CASE WHEN c.health_score IS NOT NULL THEN c.domain ELSE a.weakest.of END AS health_of,
    CASE WHEN c.health_score IS NOT NULL THEN c.health_score ELSE a.weakest.score END AS health_score,
    CASE WHEN c.health_score IS NOT NULL THEN c.health_status ELSE a.weakest.band END AS health_band
FROM (SELECT DISTINCT account FROM wanted) w
LEFT JOIN by_account a ON a.account = w.account
LEFT JOIN companies c ON c.domain = w.account
WHERE a.account IS NOT NULL OR c.domain IS NOT NULL
ORDER BY w.account
