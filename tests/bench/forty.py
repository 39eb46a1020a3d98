"""Forty measures over events of four kinds, the rows they are about, and the SQL that a person would write for them."""

from execution.directives import Program, load

WINDOWS_D = (7, 30, 90, 365)
KINDS = ("login", "conversation", "meeting", "payment")
OF_A_KIND = {
    **{f"in_{days}d": f"count(*) FILTER ({{kind}} AND {{at}} > $as_of - INTERVAL {days} DAYS)" for days in WINDOWS_D},
    "before": "count(*) FILTER ({kind} AND {at} > $as_of - INTERVAL 60 DAYS AND {at} <= $as_of - INTERVAL 30 DAYS)",
    "first": "min({at}) FILTER ({kind})",
    "last": "max({at}) FILTER ({kind})",
    "good": "count(*) FILTER ({kind} AND {status} IN ('booked', 'succeeded', 'closed'))",
    "bad": "count(*) FILTER ({kind} AND {status} IN ('no_show', 'failed', 'open'))",
    "rated": "avg(CAST({rating} AS DECIMAL(18, 4))) FILTER ({kind})",
}
"""What is counted of each kind; ten times four are forty."""

OUT = {
    **dict.fromkeys(("in_7d", "in_30d", "in_90d", "in_365d", "good"), "{n}"),
    "before": "CASE WHEN {first} <= $as_of - INTERVAL 60 DAYS "
    "THEN CAST(100.0 * ({in_30d} - {n}) / nullif({n}, 0) AS DECIMAL(18, 4)) END",
    "first": "date_sub('day', {n}, $as_of)",
    "last": "date_sub('day', {n}, $as_of)",
    "bad": "CAST(100.0 * {n} / nullif({n} + {good}, 0) AS DECIMAL(18, 4))",
    "rated": "CAST({n} AS DECIMAL(18, 4))",
}
"""What becomes of each: windows, ratios, trends, recency."""

TYPES = {"before": "decimal", "bad": "decimal", "rated": "decimal"}
ZERO = ("in_7d", "in_30d", "in_90d", "in_365d", "good")

CUSTOMERS = """
CREATE OR REPLACE TABLE core.customers AS SELECT
    'person' || i || '@company' || (i // 5) || '.com' AS email,
    TIMESTAMP '2026-01-01' AS created_at, TIMESTAMP '2026-01-01' AS updated_at
FROM range($customers) r(i)"""

EVENTS = """
CREATE OR REPLACE TABLE core.events AS
WITH drawn AS (
    SELECT i, (hash(i, 1) % $customers)::BIGINT AS person, (hash(i, 2) % 100)::BIGINT AS dice, hash(i, 3) AS chance
    FROM range($customers * 20) r(i)
)
SELECT
    'desk' AS source, 'e' || i AS source_id, 'person' || person || '@company' || (person // 5) || '.com' AS email,
    CASE WHEN dice < 60 THEN 'login' WHEN dice < 75 THEN 'conversation' WHEN dice < 90 THEN 'meeting' ELSE 'payment' END
        AS kind,
    CASE WHEN dice < 60 THEN NULL WHEN dice < 75 THEN ['open', 'closed', 'closed'][1 + (chance % 3)::BIGINT]
         WHEN dice < 90 THEN ['booked', 'booked', 'no_show'][1 + (chance % 3)::BIGINT]
         ELSE ['succeeded', 'succeeded', 'failed'][1 + (chance % 3)::BIGINT] END AS status,
    TIMESTAMP '2026-06-30 12:00:00' - INTERVAL 1 SECOND * (hash(i, 4) % 34560000)::BIGINT AS occurred_at,
    CASE WHEN dice BETWEEN 60 AND 74 THEN 1 + (hash(i, 5) % 5)::BIGINT END AS rating
FROM drawn"""

CHANGED = """
UPDATE core.events SET occurred_at = TIMESTAMP '2026-06-30 11:59:00'
WHERE (hash(email) % 100)::INTEGER = {turn} AND hash(source_id) % 20 = 0"""

ENTITIES = {
    "customers": """---
kind: entity
name: customers
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
---
""",
    "events": """---
kind: entity
name: events
key: source_id
rows: owned
columns:
  source_id: {type: text, from: [desk]}
  email: {type: text, from: [desk]}
  kind: {type: text, from: [desk]}
  status: {type: text, from: [desk]}
  occurred_at: {type: timestamp, from: [desk]}
  rating: {type: integer, from: [desk]}
---
""",
}
SEGMENTS = {
    "busy": "login_in_30d >= 3",
    "quiet": "login_in_90d = 0",
    "unhappy": "conversation_rated < 2.5",
    "absent": "meeting_bad > 50",
    "failing": "payment_bad > 50 and payment_in_90d > 0",
    "falling": "login_before <= -50",
    "talking": "conversation_in_30d >= 1 or meeting_in_30d >= 1",
    "loyal": "login_first >= 300 and login_last < 60",
}


def directive(kind: str) -> str:
    """The ten measures of one kind of event."""
    names = {name: f"{kind}_{name}" for name in OF_A_KIND}
    declared = "\n".join(
        f"  {names[name]}: {{type: {TYPES.get(name, 'integer')}, unit: '1', meaning: m, 'null': n}}"
        for name in OF_A_KIND
    )
    inner = {name: f"n_{name}" for name in OF_A_KIND}
    columns = {"kind": "WHERE true", "at": "occurred_at", "status": "status", "rating": "rating"}
    counted = ",\n    ".join(f"{each.format(**columns)} AS {inner[name]}" for name, each in OF_A_KIND.items())
    given = ",\n    ".join(f"{OUT[name].format(n=inner[name], **inner)} AS {names[name]}" for name in OF_A_KIND)
    zeros = ", ".join(f"{names[name]}: 0" for name in ZERO)
    return f"""---
kind: measures
name: {kind}s
entity: customers
measures:
{declared}
otherwise: {{{zeros}}}
---
```sql measures
with counts as (
    select email, {counted}
    from events
    where kind = '{kind}' and occurred_at <= $as_of
    group by email
)
select email, {given}
from counts
```
"""


def program() -> Program:
    """The forty measures, and eight segments that rest on them."""
    texts = dict(ENTITIES) | {kind: directive(kind) for kind in KINDS}
    for name, when in SEGMENTS.items():
        texts[name] = f"---\nkind: segment\nname: {name}\nentity: customers\nmeaning: m\nwhen: {when}\n---\n"
    return load({f"directives/{name}.md": text.encode() for name, text in texts.items()}).require_valid()


def by_hand() -> str:
    """One pass over the events for all forty, as a person would write it."""
    columns = {"at": "occurred_at", "status": "status", "rating": "rating"}
    counted, given = [], []
    for kind in KINDS:
        inner = {name: f"{kind}_{name}" for name in OF_A_KIND}
        for name, each in OF_A_KIND.items():
            counted.append(f"{each.format(kind=f'WHERE kind = {kind!r}', **columns)} AS {inner[name]}")
            value = OUT[name].format(n=f"n.{inner[name]}", **{key: f"n.{column}" for key, column in inner.items()})
            given.append(f"{f'coalesce({value}, 0)' if name in ZERO else value} AS {inner[name]}")
    return f"""
WITH counts AS (
    SELECT email, {", ".join(counted)}
    FROM core.events WHERE occurred_at <= $as_of GROUP BY email
)
SELECT c.email, {", ".join(given)} FROM core.customers c LEFT JOIN counts n ON n.email = c.email"""
