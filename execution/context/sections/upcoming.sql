-- The meetings that are booked for the time to come, the next one first.
SELECT
    p.no, row_number() OVER (PARTITION BY p.no ORDER BY e.occurred_at, e.source, e.source_id) AS place,
    count(*) OVER (PARTITION BY p.no) AS total,
    e.occurred_at AS at, e.kind, e.status, e.title, left(e.detail, 2000) AS detail, e.email, p.name, e.host, e.rating,
    e.amount, e.currency, e.source_id AS id, false AS is_recent, false AS is_lately,
    0 AS recent_total, 0 AS lately_total
FROM events e
JOIN context_people p ON p.email = e.email
WHERE e.occurred_at > $as_of AND e.kind = 'meeting' AND e.status = 'booked'
