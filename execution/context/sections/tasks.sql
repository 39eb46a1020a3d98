-- What is on people's lists for an account, those that are open first, the next one due first.
SELECT
    a.no,
    row_number() OVER (
        PARTITION BY a.no, t.done_at IS NULL ORDER BY t.done_at DESC, t.due_at NULLS LAST, t.task
    ) AS place,
    count(*) OVER (PARTITION BY a.no, t.done_at IS NULL) AS total,
    t.title, nullif(t.note, '') AS note, t.assignee, t.due_at, t.created_at, t.done_at, t.done_by, x.message AS why,
    coalesce(t.done_at IS NULL AND t.due_at < $as_of, false) AS is_overdue
FROM ops.tasks t
JOIN ops.alerts x ON x.alert = t.alert
JOIN context_accounts a ON a.account = x.account
