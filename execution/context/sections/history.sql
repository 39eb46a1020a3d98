-- How the score of the account changed, the latest first; `score` is the one that stands for it.
SELECT
    a.no, row_number() OVER (PARTITION BY a.no ORDER BY h.as_of DESC) AS place,
    count(*) OVER (PARTITION BY a.no) AS total,
    h.as_of AS at, h.score_milli AS milli, h.band, h.signals, h.as_of > $lately AS is_lately
FROM derived.score_history h
JOIN context_accounts a ON a.account = h.key
WHERE h.as_of <= $as_of
    AND h.score = CASE WHEN a.domain IS NULL THEN $customers_score ELSE $companies_score END
