"""Inhibition: which open alerts are not told of because a greater one of the same account is open."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from execution.actions.grouping import Alert
from execution.directives.model.routing import Inhibition


def silenced(rules: Sequence[Inhibition], alerts: Iterable[Alert]) -> dict[str, Alert]:
    """Alert → the open one that silences it, of all that are open on some accounts.

    A silenced alert silences others too. Where alerts silence one another in a circle the gravest of them is told, and
    of equals the oldest: there is always one that is.
    """
    by_account: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        by_account[alert.account].append(alert)
    found: dict[str, Alert] = {}
    for among in by_account.values():
        found.update(_silenced(rules, sorted(among, key=lambda each: each.rank)))
    return found


def _silenced(rules: Sequence[Inhibition], among: Sequence[Alert]) -> dict[str, Alert]:
    silences = {each.alert: [other for other in among if _does(rules, each, other)] for each in among}
    is_free = {each.alert for each in among} - {other.alert for others in silences.values() for other in others}
    found: dict[str, Alert] = {}
    told: set[str] = set()
    for alert in sorted(among, key=lambda each: (each.alert not in is_free, each.rank)):
        if alert.alert not in found:
            told.add(alert.alert)
            _spread(alert, silences, told, found)
    return found


def _spread(source: Alert, silences: Mapping[str, Sequence[Alert]], told: set[str], found: dict[str, Alert]) -> None:
    """Silence whom an alert that is told reaches, straight or through others."""
    reached = [source]
    while reached:
        one = reached.pop(0)
        for other in silences[one.alert]:
            if other.alert not in found and other.alert not in told:
                found[other.alert] = one
                reached.append(other)


def _does(rules: Sequence[Inhibition], one: Alert, other: Alert) -> bool:
    """Whether an alert silences another; never one of its own trigger."""
    return one.trigger != other.trigger and any(
        one.trigger in rule.triggers and (other.trigger in rule.silences or other.severity in rule.severities)
        for rule in rules
    )
