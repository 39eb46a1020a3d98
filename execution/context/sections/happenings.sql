-- What happened with the people of each account, the newest first; not their logins, which are counted.
SELECT
    p.no, row_number() OVER (PARTITION BY p.no, e.kind = 'payment' ORDER BY e.occurred_at DESC, e.source, e.source_id) AS place,
    count(*) OVER (PARTITION BY p.no, e.kind = 'payment') AS total,
    e.occurred_at AS at, e.kind, e.status, e.title, left(e.detail, 2000) AS detail, e.email, p.name, e.host, e.rating,
    e.amount, e.currency, e.source_id AS id,
    e.occurred_at > $recent AS is_recent, e.occurred_at > $lately AS is_lately,
    count(*) FILTER (WHERE e.occurred_at > $recent) OVER (PARTITION BY p.no, e.kind = 'payment') AS recent_total,
    count(*) FILTER (WHERE e.occurred_at > $lately) OVER (PARTITION BY p.no, e.kind = 'payment') AS lately_total
FROM events e
JOIN context_people p ON p.email = e.email
WHERE e.occurred_at <= $as_of AND e.kind <> 'login'
