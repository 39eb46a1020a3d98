"""How the health of accounts went, and what is open of them, for all of them at once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from execution import engine, store
from execution.directives import Program
from execution.engine import literal

SAMPLES = 12
STEP = timedelta(days=7)


def health(
    con: engine.Connection, program: Program, whose: Iterable[str], as_of: datetime
) -> dict[str, tuple[Decimal | None, ...]]:
    """By domain or e-mail: the score a week apart up to the moment, the oldest first; None where there was none."""
    if not store.has_table(con, "derived", "score_history"):
        return {}
    scores = [score.name for score in program.health.values() if score.primary]
    moments = [as_of - STEP * (SAMPLES - 1 - number) for number in range(SAMPLES)]
    engine.load(con, "folder_wanted", {"key": "VARCHAR"}, [(key,) for key in dict.fromkeys(whose)])
    rows = con.execute(
        f"""WITH samples AS (SELECT unnest([{", ".join(map(literal, moments))}]) AS moment),
        history AS (
            SELECT key, as_of AS moment, score_milli FROM derived.score_history
            SEMI JOIN folder_wanted USING (key) WHERE score IN (SELECT unnest({literal(scores)}::VARCHAR[]))
        ),
        asked AS (SELECT w.key, s.moment FROM folder_wanted w CROSS JOIN samples s)
        SELECT a.key, list(h.score_milli ORDER BY a.moment)
        FROM asked a ASOF LEFT JOIN history h ON h.key = a.key AND h.moment <= a.moment GROUP BY a.key"""
    ).fetchall()
    return {key: tuple(None if v is None else Decimal(v) / 1000 for v in values) for key, values in rows}


def open_alerts(con: engine.Connection) -> dict[str, dict[str, int]]:
    """By account: how many alerts fire, by severity."""
    if not store.has_table(con, "ops", "alerts"):
        return {}
    rows = con.execute(
        """SELECT account, severity, count(*) FROM ops.alerts
        WHERE state = 'firing' AND NOT is_experimental GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    found: dict[str, dict[str, int]] = {}
    for account, severity, count in rows:
        found.setdefault(account, {})[severity] = count
    return found
