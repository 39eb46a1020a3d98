-- How recurring revenue moved, the latest first.
SELECT
    a.no, row_number() OVER (PARTITION BY a.no ORDER BY m.day DESC, m.turn DESC) AS place,
    count(*) OVER (PARTITION BY a.no) AS total,
    m.day, m.kind, m.change, m.total_before AS before, m.total_after AS after, m.day > $lately AS is_lately
FROM derived.mrr_movements m
JOIN context_accounts a ON a.account = m.key
WHERE m.entity = CASE WHEN a.domain IS NULL THEN 'customers' ELSE 'companies' END
    AND m.day <= $today AND (m.change <> 0 OR m.customers <> 0)
