-- One row per chosen account: what is known of it as a whole, from its people and of its company.
-- Before this stands the CTE companies.
grouped AS (
    SELECT
        no,
        max(account) AS account,
        max(company_domain) AS own_domain,
        count(email) AS people_count,
        count(mrr) AS people_with_mrr,
        count(arr) AS people_with_arr,
        count(upcoming_calls) AS people_with_calls,
        count(health_status) AS people_with_band,
        sum(mrr) AS mrr,
        sum(arr) AS arr,
        max(last_contact_at) AS last_contact_at,
        min(next_call_date) AS next_call_at,
        min(renewal_date) AS renewal_date,
        mode(company_name ORDER BY company_name) AS company_name,
        arg_min(name, place) FILTER (WHERE name IS NOT NULL) AS person,
        arg_min(assigned_am, place) FILTER (WHERE assigned_am IS NOT NULL) AS manager,
        arg_min(deal_stage, place) FILTER (WHERE deal_stage IS NOT NULL) AS deal_stage,
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
    FROM context_people
    GROUP BY no
)
SELECT
    g.no, g.account,
    coalesce(c.name, g.company_name, CASE WHEN g.own_domain IS NULL THEN g.person END, g.account) AS name,
    coalesce(g.own_domain, c.domain) AS domain,
    c.industry, c.company_size, c.country, c.city, c.website,
    coalesce(c.owner, g.manager) AS owner,
    coalesce(c.stage, g.deal_stage) AS stage,
    coalesce(c.renewal_date, g.renewal_date) AS renewal_date,
    coalesce(c.renewal_date, g.renewal_date) BETWEEN $today AND $renewal AS renews_soon,
    coalesce(c.renewal_date, g.renewal_date) < $today AS is_renewal_past,
    g.mrr, g.arr, g.last_contact_at, g.next_call_at,
    g.people_count, g.people_with_mrr, g.people_with_arr, g.people_with_band,
    g.people_with_calls > 0 AS is_calendar_known,
    CASE WHEN c.health_score IS NOT NULL THEN
        {'of': c.domain, 'score': c.health_score, 'low': c.health_score_low, 'high': c.health_score_high,
         'coverage': c.health_coverage, 'band': c.health_status, 'churn_risk': c.churn_risk,
         'action': c.recommended_action}
    END AS standing,
    g.weakest, g.override, g.feeling,
    CAST(c.risk_signals AS VARCHAR) AS signals,
    c.expansion_potential AS potential, c.expansion_reason AS potential_reason,
    CAST(c.tags AS VARCHAR) AS tags, CAST(c.stakeholders AS VARCHAR) AS stakeholders,
    c.row AS row
FROM grouped g
LEFT JOIN companies c ON c.domain = g.account
