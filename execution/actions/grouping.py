"""Grouping: what is told of one account to one reader by one way at one time is one message, the gravest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from execution.actions.people import Reached
from execution.directives.model.routing import Approval
from execution.directives.model.trigger import SEVERITIES

RANK: Mapping[str, int] = {severity: rank for rank, severity in enumerate(SEVERITIES)}
"""The gravest is 0."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as the store has it: what planning and telling take of it. Times are naive UTC."""

    alert: str
    trigger: str
    entity: str
    key: str
    account: str
    state: str
    severity: str
    message: str
    reason: Mapping[str, Any]
    worth: str | None
    fired_at: datetime
    acknowledged_at: datetime | None
    snoozed_until: datetime | None

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """By which it stands among others: the gravest first, of equals the oldest."""
        return RANK[self.severity], self.fired_at, self.alert


@dataclass(frozen=True, slots=True)
class Telling:
    """One alert that one reader is to be told of through one channel, on an occasion (`fired`), by an action."""

    alert: Alert
    kind: str
    occasion: str
    action: str
    channel: str
    to: Reached
    slack_channel: str | None = None
    approval: Approval | None = None


def messages(tellings: Iterable[Telling]) -> list[tuple[Telling, ...]]:
    """Tellings that make one message together, each alert in it once; messages in the order of their gravest."""
    found: dict[tuple[object, ...], dict[str, Telling]] = {}
    for telling in sorted(tellings, key=lambda each: (each.alert.rank, each.approval is not None)):
        group = (telling.alert.account, telling.kind, telling.occasion, telling.channel, telling.to.name)
        approval = str(telling.approval) if telling.approval is not None else ""
        found.setdefault((*group, telling.slack_channel, approval), {}).setdefault(telling.alert.alert, telling)
    return [tuple(each.values()) for each in found.values()]
