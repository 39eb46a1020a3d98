"""Escalation: who is told too when nobody answered an alert, and when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from execution.actions.ways import is_personal
from execution.directives import Program
from execution.directives.model.routing import Escalation
from execution.directives.model.trigger import SEVERITIES, Severity

_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the alerts of a trigger that have a severity."""

    trigger: str
    severity: Severity
    escalation: Escalation

    @property
    def occasion(self) -> str:
        return f"escalated {spelled(self.escalation.after)}"


def spelled(span: timedelta) -> str:
    """A duration as directives write it: `15m`."""
    seconds = int(span.total_seconds())
    size, unit = next((each for each in _UNITS if seconds and seconds % each[0] == 0), (60, "m"))
    return f"{seconds // size}{unit}"


def steps(program: Program, triggers: Iterable[str]) -> Iterator[Step]:
    """Every step there is for alerts of some triggers, by the way they go; a personal one has none."""
    routing = program.routing
    for name in sorted(triggers):
        trigger = program.triggers.get(name)
        if trigger is not None and is_personal(trigger):
            continue
        route = routing.routes.get(trigger.route) if trigger is not None and trigger.route else None
        for severity in SEVERITIES:
            level = routing.severities.get(severity)
            own = level.escalate if level is not None else ()
            for each in own if route is None or route.escalate is None else route.escalate:
                yield Step(name, severity, each)
