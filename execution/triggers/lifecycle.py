"""What becomes of alerts when rules have been looked at: pure SQL over `ops.alerts` and what was seen.

An alert's identity is (trigger, entity, key, item), and at most one of an identity is open:

    pending ── held for `for:` ──▶ firing ── `resolve_when` holds, or without one the rule does not ──▶ resolved
       └── the rule does not hold ──▶ gone, with a line in the log

Not known is neither: a rule whose answer is NULL opens nothing and ends nothing. `resolve_when` comes before the rule:
where both hold an alert ends, and none opens. What opens is a new episode, once the `cooldown` since the identity last
fired is over; and what a person resolved while its rule held stays silent (`ops.silences`) until the rule has once not
held.

The statements read three temporary tables: `rules` (one row per directive), `looked` (what each rule says of each row
of which something has to be said), and `decided`, which `decided` makes of both and everything else takes as given.
"""

from collections.abc import Mapping
from datetime import datetime

from execution.engine import literal

PENDING, FIRING, RESOLVED = "pending", "firing", "resolved"

GONE, REMOVED, CHANGED = "gone", "rule removed", "rule changed"
OTHER_ITEM, ENDED, NO_LONGER, DEPRECATED = "item changed", "resolve_when holds", "no longer holds", "deprecated"
"""Why an alert ended, where no person ended it."""

EVENTS = (
    "pending", "fired", "rule changed", "rule removed", "owner changed", "updated", "acknowledged", "unacknowledged",
    "snoozed", "woken", "noted", "false positive", "ended", "resolved",
)  # fmt: skip
"""What the log says of an alert, in the order in which it comes at one moment; what follows of actions comes after."""

RULES = {
    "trigger": "VARCHAR", "entity": "VARCHAR", "directive": "VARCHAR", "severity": "VARCHAR",
    "is_experimental": "BOOLEAN", "is_open": "BOOLEAN", "has_end": "BOOLEAN", "is_known": "BOOLEAN",
    "lasting_s": "DOUBLE", "cooldown_s": "DOUBLE",
}  # fmt: skip
"""The columns of `rules`: `is_open` may open something new, `is_known` its answers can be relied on."""

VERDICTS = {"trigger": "VARCHAR", "directive": "VARCHAR", "verdict": "VARCHAR", "why": "VARCHAR"}
"""The columns of `verdicts`, what is to be noted of this run of each rule."""

LOOKED = {
    "trigger": "VARCHAR", "entity": "VARCHAR", "key": "VARCHAR", "item": "VARCHAR", "holds": "BOOLEAN",
    "ends": "BOOLEAN", "account": "VARCHAR", "worth": "DECIMAL(18,4)", "message": "VARCHAR", "reason": "VARCHAR",
}  # fmt: skip
"""The columns of `looked`."""

_IDENTITY = "trigger, entity, key, item"
_OPEN = f"state IN ({literal(PENDING)}, {literal(FIRING)})"


def watched() -> str:
    """SELECT of the `trigger`, `entity` and `key` that have to be looked at even where the rule does not hold."""
    return f"""SELECT trigger, entity, key FROM ops.alerts WHERE {_OPEN}
        UNION SELECT trigger, entity, key FROM ops.silences"""


def decided(as_of: datetime) -> str:
    """SELECT of what becomes of every alert that is open, or opens now, at a moment (naive UTC).

    `act` is `open`, `fire`, `end`, `resolve` or `keep`; `over` says why it ends. `now_…` are the values it has from
    now on.
    """
    at = literal(as_of)
    return f"""
WITH opened AS (SELECT * FROM ops.alerts WHERE {_OPEN}),
seen AS (
    SELECT o.*, r.is_known, r.has_end, r.is_open AS may_open, r.lasting_s, r.severity AS now_severity,
        r.directive AS now_directive, r.is_experimental AS now_experimental, r.trigger IS NULL AS is_removed,
        l.key IS NOT NULL AS is_there, l.item AS now_item, l.holds, l.ends,
        l.message AS now_message, l.reason AS now_reason, l.account AS now_account, l.worth AS now_worth
    FROM opened o
    LEFT JOIN temp.rules r ON r.trigger = o.trigger AND r.entity = o.entity
    LEFT JOIN temp.looked l ON l.trigger = o.trigger AND l.entity = o.entity AND l.key = o.key
    WHERE r.is_known IS DISTINCT FROM false),
judged AS (
    SELECT *, CASE
        WHEN is_removed THEN {literal(REMOVED)}
        WHEN NOT is_there THEN {literal(GONE)}
        WHEN state = {literal(FIRING)} AND is_experimental <> now_experimental THEN {literal(CHANGED)}
        WHEN now_item <> item THEN {literal(OTHER_ITEM)}
        WHEN ends THEN {literal(ENDED)}
        WHEN state = {literal(PENDING)} AND NOT may_open THEN {literal(DEPRECATED)}
        WHEN NOT holds AND (state = {literal(PENDING)} OR NOT has_end)
            THEN CASE WHEN directive <> now_directive THEN {literal(CHANGED)} ELSE {literal(NO_LONGER)} END
        END AS over
    FROM seen),
kept AS (
    SELECT alert, {_IDENTITY}, episode, state, CASE
            WHEN over IS NOT NULL AND state = {literal(PENDING)} THEN 'end'
            WHEN over IS NOT NULL THEN 'resolve'
            WHEN state = {literal(PENDING)} AND holds AND epoch({at} - pending_since) >= lasting_s THEN 'fire'
            ELSE 'keep' END AS act,
        over, pending_since,
        coalesce(now_severity, severity) AS now_severity, severity AS was_severity,
        coalesce(now_experimental, is_experimental) AS now_experimental,
        coalesce(now_directive, directive) AS now_directive, directive AS was_directive,
        coalesce(now_account, account) AS now_account,
        CASE WHEN snoozed_until > {at} THEN snoozed_until END AS now_snoozed, snoozed_until AS was_snoozed,
        CASE WHEN holds AND over IS NULL THEN {at} ELSE last_true_at END AS now_true_at,
        CASE WHEN holds AND over IS NULL THEN now_message ELSE message END AS now_message, message AS was_message,
        CASE WHEN holds AND over IS NULL THEN now_reason ELSE reason END AS now_reason,
        CASE WHEN state = {literal(PENDING)} OR worth IS NULL THEN coalesce(now_worth, worth) ELSE worth
            END AS now_worth
    FROM judged),
lately AS (
    SELECT {_IDENTITY}, max(episode) AS episode, max(pending_since) AS pending_since,
        max(fired_at) FILTER (NOT is_experimental) AS told_at, max(fired_at) AS fired_at
    FROM ops.alerts SEMI JOIN temp.looked l USING (trigger, entity, key) GROUP BY ALL),
held AS (
    SELECT l.*, r.severity, r.directive, r.is_experimental, r.lasting_s, r.cooldown_s
    FROM temp.looked l JOIN temp.rules r ON r.trigger = l.trigger AND r.entity = l.entity
    WHERE l.holds AND l.ends IS DISTINCT FROM true AND l.item IS NOT NULL AND r.is_open AND r.is_known),
new AS (
    SELECT h.* REPLACE (coalesce(b.episode, 0) + 1 AS episode) FROM (SELECT *, 0 AS episode FROM held) h
    LEFT JOIN lately b USING ({_IDENTITY})
    ANTI JOIN (SELECT {_IDENTITY} FROM kept WHERE over IS NULL) k USING ({_IDENTITY})
    ANTI JOIN ops.silences s USING ({_IDENTITY})
    WHERE coalesce(b.pending_since < {at}, true) AND coalesce(
        epoch({at} - CASE WHEN h.is_experimental THEN b.fired_at ELSE b.told_at END) >= h.cooldown_s, true))
SELECT alert, {_IDENTITY}, episode, state, act, over, pending_since, now_severity, was_severity, now_experimental,
    now_directive, was_directive, now_account, now_snoozed, was_snoozed, now_true_at, now_message, was_message,
    now_reason, now_worth
FROM kept
UNION ALL
SELECT substr(md5(concat_ws(chr(31), {_IDENTITY}, {at})), 1, 12), {_IDENTITY}, episode, NULL,
    CASE WHEN lasting_s > 0 THEN 'open' ELSE 'fire' END, NULL, {at}, severity, severity, is_experimental,
    directive, directive, account, NULL, NULL, {at}, message, message, reason, worth
FROM new"""


# --- what is written ----------------------------------------------------------------------------


_NOW = {
    "now_severity": "severity", "now_experimental": "is_experimental", "now_directive": "directive",
    "now_account": "account", "now_snoozed": "snoozed_until", "now_message": "message", "now_reason": "reason",
    "now_worth": "worth",
}  # fmt: skip
"""What is decided of an alert that goes on → where it is kept."""


def newly_told() -> str:
    """SELECT 1 where something of what is decided is not so already, beside that it still holds."""
    return _differing(_NOW)


def differing() -> str:
    """SELECT 1 where something of what is decided is not so already."""
    return _differing(_NOW | {"now_true_at": "last_true_at"})


def _differing(columns: Mapping[str, str]) -> str:
    now = ", ".join(f"d.{name}" for name in columns)
    kept = ", ".join(f"a.{name}" for name in columns.values())
    return f"""SELECT 1 FROM temp.decided d LEFT JOIN ops.alerts a ON a.alert = d.alert
        WHERE d.act <> 'keep' OR ({now}) IS DISTINCT FROM ({kept})
        LIMIT 1"""


def turned() -> str:
    """SELECT of the rules that are told otherwise than the last time, or for the first: known, and not known before."""
    return """SELECT v.trigger FROM temp.verdicts v LEFT JOIN (
            SELECT trigger, max_by(verdict, as_of) AS verdict, max_by(directive, as_of) AS directive
            FROM ops.trigger_runs GROUP BY trigger) t ON t.trigger = v.trigger
        WHERE (v.verdict, v.directive) IS DISTINCT FROM (t.verdict, t.directive)"""


def forgotten_runs(as_of: datetime) -> str:
    """The statement that forgets runs of which nothing came: of each rule the first stays, since when it is looked at,
    and the last."""
    return f"""DELETE FROM ops.trigger_runs t WHERE t.as_of < {literal(as_of)} AND t.verdict = 'known'
        AND t.fired = 0 AND t.resolved = 0
        AND t.trigger IN (SELECT trigger FROM temp.verdicts)
        AND t.as_of > (SELECT min(f.as_of) FROM ops.trigger_runs f WHERE f.trigger = t.trigger)"""


def writes(as_of: datetime) -> tuple[str, ...]:
    """The statements that bring `ops.alerts` and `ops.silences` to what is decided."""
    at = literal(as_of)
    return (
        "DELETE FROM ops.alerts WHERE alert IN (SELECT alert FROM temp.decided WHERE act = 'end')",
        f"""UPDATE ops.alerts AS a SET
            state = CASE d.act WHEN 'fire' THEN {literal(FIRING)} WHEN 'resolve' THEN {literal(RESOLVED)}
                ELSE a.state END,
            fired_at = CASE d.act WHEN 'fire' THEN {at} ELSE a.fired_at END,
            resolved_at = CASE d.act WHEN 'resolve' THEN {at} END, resolution = d.over,
            is_experimental = CASE d.act WHEN 'resolve' THEN a.is_experimental ELSE d.now_experimental END,
            severity = d.now_severity, directive = d.now_directive, account = d.now_account,
            snoozed_until = d.now_snoozed, last_true_at = d.now_true_at, message = d.now_message,
            reason = d.now_reason, worth = d.now_worth
        FROM temp.decided d WHERE d.alert = a.alert AND d.state IS NOT NULL AND d.act <> 'end'""",
        f"""INSERT INTO ops.alerts BY NAME SELECT alert, {_IDENTITY}, episode, now_account AS account,
            CASE act WHEN 'fire' THEN {literal(FIRING)} ELSE {literal(PENDING)} END AS state,
            now_severity AS severity, now_experimental AS is_experimental, now_message AS message,
            now_reason AS reason, now_worth AS worth, now_directive AS directive, pending_since,
            CASE act WHEN 'fire' THEN {at} END AS fired_at, now_true_at AS last_true_at
        FROM temp.decided WHERE state IS NULL""",
        f"DELETE FROM ops.silences WHERE ({_IDENTITY}) IN ({spoken()})",
    )


def spoken() -> str:
    """SELECT of the identities that were silenced and need not be any more: the rule does not hold of them, is ended or
    about something else, or there is no such rule or row."""
    return """SELECT s.trigger, s.entity, s.key, s.item FROM ops.silences s
        LEFT JOIN temp.rules r ON r.trigger = s.trigger AND r.entity = s.entity
        LEFT JOIN temp.looked l ON l.trigger = s.trigger AND l.entity = s.entity AND l.key = s.key
        WHERE r.trigger IS NULL OR (r.is_known AND (l.key IS NULL OR NOT l.holds OR l.ends OR l.item <> s.item))"""


def log(as_of: datetime, now: datetime) -> str:
    """SELECT of the lines of `ops.alert_log` that say what is decided."""
    told = "json_object('severity', d.now_severity, 'message', d.now_message)"
    is_other = "(d.was_severity <> d.now_severity OR d.was_message <> d.now_message)"
    rules = "json_object('was', d.was_directive[:12], 'is', d.now_directive[:12])"
    lines = {
        "pending": ("d.act = 'open'", "NULL"),
        "fired": ("d.act = 'fire'", told),
        "rule changed": ("d.state IS NOT NULL AND d.was_directive <> d.now_directive", rules),
        "rule removed": (f"d.over = {literal(REMOVED)}", "NULL"),
        "updated": (f"d.act = 'keep' AND d.state = {literal(FIRING)} AND {is_other}", told),
        "woken": ("d.act = 'keep' AND d.was_snoozed IS NOT NULL AND d.now_snoozed IS NULL", "NULL"),
        "ended": ("d.act = 'end'", "json_object('why', d.over)"),
        "resolved": ("d.act = 'resolve'", "json_object('why', d.over)"),
    }
    return "\nUNION ALL ".join(
        f"SELECT d.alert, {literal(as_of)} AS as_of, {literal(event)} AS event, NULL::VARCHAR AS who, "
        f"{detail}::VARCHAR AS detail, {literal(now)} AS noted_at FROM temp.decided d WHERE {condition}"
        for event, (condition, detail) in lines.items()
    )


def runs(as_of: datetime) -> str:
    """SELECT of what `ops.trigger_runs` says of the moment, once the alerts are written."""
    return f"""SELECT v.trigger, {literal(as_of)} AS as_of, v.directive, v.verdict, v.why,
        coalesce(c.fired, 0) AS fired, coalesce(c.resolved, 0) AS resolved, coalesce(c.open, 0) AS open
        FROM temp.verdicts v LEFT JOIN ({counts(as_of)}) c USING (trigger)"""


def counts(as_of: datetime) -> str:
    """SELECT of how many alerts of each rule fired and resolved by themselves at a moment, and are firing."""
    at = literal(as_of)
    return f"""SELECT trigger, (count(*) FILTER (fired_at = {at}))::INTEGER AS fired,
        (count(*) FILTER (resolved_at = {at} AND resolved_by IS NULL))::INTEGER AS resolved,
        (count(*) FILTER (state = {literal(FIRING)}))::INTEGER AS open
        FROM ops.alerts GROUP BY trigger"""


def unnoted(as_of: datetime) -> str:
    """SELECT of the rules of which this run is not noted so already."""
    return f"""SELECT v.trigger FROM temp.verdicts v ANTI JOIN ops.trigger_runs t ON t.trigger = v.trigger
        AND t.as_of = {literal(as_of)} AND t.directive = v.directive AND t.verdict = v.verdict
        AND t.why IS NOT DISTINCT FROM v.why"""
