"""Alerts that actions put into a report."""

from typing import Any

from execution import engine
from execution.actions.outbox import said


def reported(con: engine.Connection, report: str) -> list[dict[str, Any]]:
    """The alerts that stand in a report, the newest first: the rows of `ops.alerts`, and `added_at`.

    `con` reads the store. An alert that was added several times is there once.
    """
    return engine.dicts(
        con,
        "SELECT a.*, min(o.created_at) AS added_at FROM ops.outbox o JOIN ops.alerts a ON a.alert = o.alert\n"
        f"WHERE o.\"do\" = 'add_to_report' AND o.state = 'done' AND {said('report')} = ?\n"
        "GROUP BY ALL ORDER BY a.fired_at DESC NULLS LAST, a.alert",
        [report],
    )
