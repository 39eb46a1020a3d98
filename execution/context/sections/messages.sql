-- What was written to and fro, the conversation with the newest message first, of each the newest message first.
WITH dated AS (
    SELECT
        p.no, p.name, m.*,
        max(m.written_at) OVER (PARTITION BY p.no, m.source, m.conversation_id) AS latest_at
    FROM messages m
    JOIN context_people p ON p.email = m.email
    WHERE m.written_at <= $as_of
)
SELECT
    no,
    row_number() OVER (
        PARTITION BY no ORDER BY latest_at DESC, source, conversation_id, written_at DESC, message_id
    ) AS place,
    count(*) OVER (PARTITION BY no) AS total,
    conversation_id AS conversation, author, written_at AS at, left(text, 2000) AS text, email, name,
    written_at > $lately AS is_lately
FROM dated
