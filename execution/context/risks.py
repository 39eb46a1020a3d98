"""What stands against an account: signals that hold and alerts that are open, gravest first, each with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from execution.context import wording
from execution.context.facts import Account, Signal
from execution.context.stakeholders import Relations

GRAVITY = ("critical", "high", "medium", "low")
GRAVE = GRAVITY[:2]
"""What cannot wait."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What is wrong, how grave it is, with whom, and since when where that is known."""

    severity: str
    message: str
    who: str
    since: datetime | date | None = None


def risks(account: Account, relations: Relations) -> tuple[Risk, ...]:
    """Alerts that nobody resolved, every signal once, those who count and went quiet, and deals that are late."""
    found = [
        Risk(alert.severity, alert.message, f"alert, {alert.taken_by or 'nobody'} has taken it on", alert.at)
        for alert in account.alerts
    ]
    found += _of_signals(account)
    found += [
        Risk("medium", f"{' and '.join(each.roles)} has gone quiet", each.name, each.last_contact_at)
        for each in relations.quiet
    ]
    found += [
        Risk(
            "medium",
            f"{deal.name or 'A deal'} is past its day to close",
            deal.owner or "nobody owns it",
            deal.expected_close,
        )
        for deal in account.deals
        if deal.is_overdue
    ]
    return tuple(sorted(found, key=lambda risk: GRAVITY.index(risk.severity)))


def _of_signals(account: Account) -> Iterable[Risk]:
    """Every signal once, with whom it holds for: the account as a whole before its people."""
    holders: dict[tuple[str, str, str], list[str]] = {}
    for who, signal in signals(account):
        holders.setdefault((signal.severity, signal.type, signal.message), []).append(who)
    return [Risk(severity, message, wording.names(who)) for (severity, _, message), who in holders.items()]


def signals(account: Account) -> list[tuple[str, Signal]]:
    """Every signal that holds, with whom it holds for."""
    of_all = [(account.head.name, signal) for signal in account.head.signals]
    return of_all + [(person.called, signal) for person in account.people for signal in person.signals]
