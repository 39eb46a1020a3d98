-- Every alert that was told of, those that are open first, the gravest of them and then the newest.
SELECT
    a.no,
    row_number() OVER (
        PARTITION BY a.no, x.resolved_at IS NULL
        ORDER BY
            CASE WHEN x.resolved_at IS NULL THEN
                list_position(['critical', 'high', 'medium', 'low'], x.severity)
            END,
            coalesce(x.resolved_at, x.fired_at) DESC, x.trigger, x.key, x.item, x.episode
    ) AS place,
    count(*) OVER (PARTITION BY a.no, x.resolved_at IS NULL) AS total,
    x.alert AS id, x.trigger, x.severity, x.message, x.fired_at AS at, x.resolved_at, x.resolution,
    x.acknowledged_by AS taken_by, CASE WHEN x.snoozed_until > $as_of THEN x.snoozed_until END AS snoozed_until,
    x.fired_at > $lately AS is_lately
FROM ops.alerts x
JOIN context_accounts a ON a.account = x.account
WHERE x.fired_at IS NOT NULL AND NOT x.is_experimental
