"""Reading alerts: those that planning is about, as they stand, and who was told of them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from execution import engine
from execution.actions import inhibition
from execution.actions.grouping import Alert
from execution.directives import Program
from execution.engine import literal

OPEN = "a.state = 'firing' AND a.fired_at IS NOT NULL AND NOT a.is_experimental"
"""What holds of an alert that people may be told of."""

_COLUMNS = (
    "a.alert, a.trigger, a.entity, a.key, a.account, a.state, a.severity, a.message, a.reason, "
    "a.worth::VARCHAR AS worth, a.fired_at, a.acknowledged_at, a.snoozed_until"
)


@dataclass(frozen=True, slots=True)
class Told:
    """One reader who was told of an alert through one channel, and as what."""

    channel: str
    recipient: str | None
    occasion: str
    kind: str


def alerts(con: engine.Connection, condition: str) -> list[Alert]:
    """Alerts (`a`) that a condition holds for, the gravest first."""
    rows = engine.dicts(con, f"SELECT {_COLUMNS} FROM ops.alerts a WHERE {condition}")
    found = [
        Alert(**row | {"reason": json.loads(row["reason"] or "{}"), "worth": _plain(row["worth"])}) for row in rows
    ]
    return sorted(found, key=lambda alert: alert.rank)


def among(names: Iterable[str]) -> str:
    """A condition on alerts by name."""
    listed = ", ".join(literal(name) for name in sorted(set(names)))
    return f"a.alert IN ({listed})" if listed else "false"


def not_snoozed(as_of: datetime) -> str:
    """A condition on alerts: nobody put them off until later than that."""
    return f"(a.snoozed_until IS NULL OR a.snoozed_until <= {literal(as_of)})"


def silenced(con: engine.Connection, program: Program) -> dict[str, Alert]:
    """Open alert → the open one that silences it."""
    rules = program.routing.inhibit
    triggers = sorted({name for rule in rules for name in rule.triggers})
    if not triggers:
        return {}
    listed = ", ".join(map(literal, triggers))
    accounts = f"SELECT a.account FROM ops.alerts a WHERE {OPEN} AND a.trigger IN ({listed})"
    return inhibition.silenced(rules, alerts(con, f"{OPEN} AND a.account IN ({accounts})"))


def told(con: engine.Connection, names: Sequence[str]) -> Mapping[str, list[Told]]:
    """Who was told of some alerts, or may have been: what was sent, is being sent, or was tried. Digests do not
    count."""
    if not names:
        return {}
    rows = con.execute(
        f"""WITH lines AS (
            SELECT DISTINCT alert, unnest(from_json(json_extract(detail, '$.outbox'), '["VARCHAR"]')) AS id
            FROM ops.alert_log a
            WHERE event IN ('queued', 'escalated', 'owner changed') AND {among(names)})
        SELECT l.alert, o.channel, o.recipient, o.occasion, json_extract_string(o.payload, '$.kind')
        FROM lines l JOIN ops.outbox o USING (id)
        WHERE o."do" = 'notify' AND o.alert IS NOT NULL AND o.state <> 'dead'
            AND (o.state IN ('sending', 'done') OR o.attempts > 0)
        ORDER BY ALL"""
    ).fetchall()
    found: dict[str, list[Told]] = defaultdict(list)
    for alert, *rest in rows:
        found[alert].append(Told(*rest))
    return found


def _plain(worth: str | None) -> str | None:
    """A sum of money without the zeros behind it."""
    return worth.rstrip("0").rstrip(".") if worth is not None and "." in worth else worth
