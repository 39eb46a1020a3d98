"""What edited directives would change of the alerts: which would open, which would end, in two stores side by side."""

from dataclasses import dataclass
from decimal import Decimal

from execution import engine
from execution.directives import Program
from execution.engine import literal
from execution.preview.scratch import AFTER, BEFORE

OPEN = ("firing", "pending")
_SAME = "a.trigger = b.trigger AND a.entity = b.entity AND a.key = b.key AND a.item = b.item"


@dataclass(frozen=True, slots=True)
class AlertMove:
    """One alert that one of the two has open and the other has not, or has in another state; None is no alert."""

    key: str
    account: str
    was: str | None
    state: str | None
    message: str
    worth: Decimal | None


@dataclass(frozen=True, slots=True)
class AlertPlan:
    """What becomes of the alerts of one rule. `firing` and `pending` are how many there are, before and after; `named`
    are those that are worth most."""

    trigger: str
    severity: str
    firing: tuple[int, int]
    pending: tuple[int, int]
    opens: int
    ends: int
    named: tuple[AlertMove, ...]

    @property
    def is_quiet(self) -> bool:
        return not (self.opens or self.ends) and self.firing[0] == self.firing[1] and self.pending[0] == self.pending[1]


def compare(con: engine.Connection, before: Program | None, after: Program, top: int) -> tuple[AlertPlan, ...]:
    """What changes of the alerts of every rule that either program has, those that change most first."""
    names = sorted(after.triggers.keys() | (before.triggers.keys() if before else set()))
    plans = [_of(con, after, name, top) for name in names]
    return tuple(sorted((plan for plan in plans if not plan.is_quiet), key=lambda plan: (-plan.opens, plan.trigger)))


def _of(con: engine.Connection, after: Program, name: str, top: int) -> AlertPlan:
    opened = f"state IN ({', '.join(map(literal, OPEN))}) AND NOT is_experimental AND trigger = {literal(name)}"
    both = (
        f"(SELECT * FROM {AFTER}.ops.alerts WHERE {opened}) a "
        f"FULL JOIN (SELECT * FROM {BEFORE}.ops.alerts WHERE {opened}) b ON {_SAME}"
    )
    counts = [f"count(*) FILTER ({side}.state = {literal(state)})" for state in OPEN for side in ("b", "a")]
    counts += [
        "count(*) FILTER (a.state = 'firing' AND b.state IS DISTINCT FROM 'firing')",
        "count(*) FILTER (b.state = 'firing' AND a.state IS DISTINCT FROM 'firing')",
    ]
    numbers = engine.numbers(con, f"SELECT {', '.join(counts)} FROM {both}")
    rows = con.execute(
        f"""SELECT coalesce(a.key, b.key), coalesce(a.account, b.account), b.state, a.state,
            coalesce(a.message, b.message), coalesce(a.worth, b.worth) AS worth
        FROM {both} WHERE a.state IS DISTINCT FROM b.state
        ORDER BY worth DESC NULLS LAST, 1 LIMIT {int(top)}"""
    ).fetchall()
    severity = after.triggers[name].severity if name in after.triggers else "gone"
    fired_before, fired_after, pending_before, pending_after, opens, ends = numbers
    named = tuple(AlertMove(*row) for row in rows)
    return AlertPlan(name, severity, (fired_before, fired_after), (pending_before, pending_after), opens, ends, named)
