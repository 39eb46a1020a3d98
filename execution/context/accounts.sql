-- One row per account: the people of a company, or a person with a free-mail address; its contacts, events and deals
-- as ordered lists, cut to what a brief can hold, each with the number there really are.
-- Before this come the CTEs customers, companies, deals and events, chosen_people (email) and chosen_companies (domain).
-- Parameters: $as_of, $cut.
placed AS (
    SELECT *, coalesce(company_domain, email) AS account
    FROM customers
),
people AS (
    SELECT *
    FROM placed
    WHERE
        account IN (SELECT account FROM placed SEMI JOIN chosen_people USING (email))
        OR account IN (SELECT domain FROM chosen_companies)
),
touched AS (
    -- the latest thing that happened with a person, not what was called off or missed
    SELECT email, max(occurred_at) AS last_contact_at
    FROM events
    WHERE occurred_at <= $as_of AND coalesce(status, '') NOT IN ('no_show', 'canceled', 'rescheduled')
        AND kind NOT IN ('login', 'payment')
    GROUP BY email
),
ranked_people AS (
    SELECT
        p.*, t.last_contact_at,
        row_number() OVER (
            PARTITION BY p.account ORDER BY p.mrr DESC NULLS LAST, t.last_contact_at DESC NULLS LAST, p.email
        ) AS place
    FROM people p
    LEFT JOIN touched t ON t.email = p.email
),
account_people AS (
    SELECT
        account,
        max(company_domain) AS domain,
        count(*) AS people_count,
        count(mrr) AS people_with_mrr,
        count(arr) AS people_with_arr,
        count(upcoming_calls) AS people_with_calls,
        sum(mrr) AS mrr,
        sum(arr) AS arr,
        max(last_contact_at) AS last_contact_at,
        min(next_call_date) AS next_call_at,
        min(renewal_date) AS renewal_date,
        count(health_status) AS people_with_band,
        mode(company_name ORDER BY company_name) AS company_name,
        arg_min(assigned_am, place) FILTER (WHERE assigned_am IS NOT NULL) AS manager,
        list(
            {
                'email': email, 'name': name, 'mrr': mrr, 'score': health_score, 'low': health_score_low,
                'high': health_score_high, 'coverage': health_coverage, 'band': health_status,
                'churn_risk': churn_risk, 'action': recommended_action, 'signals': CAST(risk_signals AS VARCHAR),
                'last_contact_at': last_contact_at, 'next_call_at': next_call_date, 'customer_type': customer_type,
                'subscription_status': subscription_status, 'plan_name': plan_name, 'deal_stage': deal_stage,
                'offer': client_offer, 'icp': client_icp, 'ltv': client_ltv
            } ORDER BY place
        ) FILTER (WHERE place <= $cut) AS people,
        -- the person with the lowest score stands for the account: an average would hide the one who leaves
        arg_min(
            {'of': email, 'score': health_score, 'low': health_score_low, 'high': health_score_high,
             'coverage': health_coverage, 'band': health_status, 'churn_risk': churn_risk, 'action': recommended_action},
            {'unlabelled': health_status IS NULL, 'score': health_score, 'email': email}
        ) FILTER (WHERE health_score IS NOT NULL) AS weakest,
        -- what people say of the account stands with each of its people
        arg_min(
            {'score': health_override_score, 'band': health_override_band, 'reason': health_override_reason,
             'author': health_override_author, 'expires': health_override_expires}, place
        ) FILTER (WHERE health_override_reason IS NOT NULL) AS override,
        arg_min({'score': csm_sentiment, 'by': csm_sentiment_by, 'on': csm_sentiment_on}, place)
            FILTER (WHERE csm_sentiment IS NOT NULL) AS feeling
    FROM ranked_people
    GROUP BY account
),
account_events AS (
    SELECT p.account, p.name, e.*
    FROM events e
    JOIN people p ON p.email = e.email
    WHERE e.occurred_at IS NOT NULL AND e.kind <> 'login'
),
recent AS (
    SELECT *, row_number() OVER (PARTITION BY account ORDER BY occurred_at DESC, source, source_id) AS place
    FROM account_events
    WHERE occurred_at > $as_of - INTERVAL 7 DAYS AND occurred_at <= $as_of
),
recent_by_account AS (
    SELECT
        account, count(*) AS recent_count,
        list(
            {'at': occurred_at, 'kind': kind, 'status': status, 'title': title, 'detail': detail, 'email': email,
             'name': name, 'host': host} ORDER BY place
        ) FILTER (WHERE place <= $cut) AS recent
    FROM recent
    GROUP BY account
),
upcoming AS (
    SELECT *, row_number() OVER (PARTITION BY account ORDER BY occurred_at, source, source_id) AS place
    FROM account_events
    WHERE occurred_at > $as_of AND kind = 'meeting' AND status = 'booked'
),
upcoming_by_account AS (
    SELECT
        account, count(*) AS upcoming_count,
        list(
            {'at': occurred_at, 'kind': kind, 'status': status, 'title': title, 'detail': detail, 'email': email,
             'name': name, 'host': host} ORDER BY place
        ) FILTER (WHERE place <= $cut) AS upcoming
    FROM upcoming
    GROUP BY account
),
open_deals AS (
    SELECT
        coalesce(p.account, d.company_domain) AS account, d.*,
        row_number() OVER (
            PARTITION BY coalesce(p.account, d.company_domain)
            ORDER BY d.amount DESC NULLS LAST, d.expected_close NULLS LAST, d.source, d.deal_id
        ) AS place
    FROM deals d
    LEFT JOIN people p ON p.email = d.email
    WHERE coalesce(d.status, CASE WHEN d.closed_at IS NULL THEN 'open' END) = 'open'
),
deals_by_account AS (
    SELECT
        account, count(*) AS deal_count,
        list(
            {'name': name, 'stage': stage, 'amount': amount, 'currency': currency, 'expected_close': expected_close,
             'owner': owner, 'last_activity_at': last_activity_at} ORDER BY place
        ) FILTER (WHERE place <= $cut) AS deals
    FROM open_deals
    GROUP BY account
)
SELECT
    a.*,
    c.name AS declared_name, c.industry, c.company_size, c.country, c.owner, c.stage,
    coalesce(c.renewal_date, a.renewal_date) AS account_renewal_date,
    CASE WHEN c.health_score IS NOT NULL THEN
        {'of': c.domain, 'score': c.health_score, 'low': c.health_score_low, 'high': c.health_score_high,
         'coverage': c.health_coverage, 'band': c.health_status, 'churn_risk': c.churn_risk,
         'action': c.recommended_action}
    END AS standing,
    CAST(c.risk_signals AS VARCHAR) AS signals,
    r.recent, coalesce(r.recent_count, 0) AS recent_count,
    u.upcoming, coalesce(u.upcoming_count, 0) AS upcoming_count,
    d.deals, coalesce(d.deal_count, 0) AS deal_count
FROM account_people a
LEFT JOIN companies c ON c.domain = a.domain
LEFT JOIN recent_by_account r ON r.account = a.account
LEFT JOIN upcoming_by_account u ON u.account = a.account
LEFT JOIN deals_by_account d ON d.account = a.account
ORDER BY a.account
