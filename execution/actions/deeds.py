"""What actions do beside telling: tasks, follow-ups, fields, reports, playbooks; each as rows of the outbox."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from execution.actions.filing import FIRED, Asked, Row, identity
from execution.actions.grouping import Alert
from execution.actions.people import Reached
from execution.directives.model import Playbook
from execution.directives.model.routing import (
    AddToReport,
    AgentTask,
    Approval,
    Deed,
    FollowUp,
    Play,
    Post,
    SetField,
    Task,
)

_UNASKED = Approval(by=("anybody",))
"""How long the writing to another system waits for a word where no directive says so."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An alert that fired, as its actions see it: `item` is what is told of it, `name` what its row is called, `deals`
    are the keys of its account's by the condition that picks them."""

    alert: Alert
    item: Mapping[str, Any]
    name: str
    as_of: datetime
    reach: Callable[[Iterable[str]], tuple[Reached, ...]]
    asked: Callable[[Approval | None], Asked | None]
    playbooks: Mapping[str, Playbook] = field(default_factory=dict)
    deals: Mapping[str | None, tuple[str, ...]] = field(default_factory=dict)


def rows(of: Occurrence, action: str, deed: Deed) -> Iterator[Row]:
    """Everything that one action asks for; nothing for one that tells."""
    asked = of.asked(deed.approval)
    match deed:
        case Task(title=title, note=note):
            due = deed.due if isinstance(deed.due, timedelta) else _by_severity(deed.due, of.alert.severity)
            yield from _tasks(of, action, "task", title, note, deed.to, (timedelta(0), due), asked)
        case FollowUp(title=title, note=note):
            yield from _tasks(of, action, "follow_up", title, note, deed.to, (deed.after, timedelta(0)), asked)
        case Play():
            yield from _steps(of, action, of.playbooks.get(deed.playbook), asked)
        case SetField():
            yield from _fields(of, action, deed)
        case AddToReport(report=report):
            yield _row(of, action, deed.do, {"report": report, "items": [of.item]}, asked)
        case AgentTask(prompt=prompt):
            for to in of.reach(deed.to):
                payload = {"prompt": prompt, "to": addressee(to), "items": [of.item]}
                yield _row(of, action, deed.do, payload, asked, recipient=to.name)
        case Post(channel=channel):
            yield _row(of, action, deed.do, {"items": [of.item]}, asked, channel=channel)
        case _:
            return


def addressee(to: Reached, channel: str | None = None) -> dict[str, Any]:
    """A person or a group as payloads have them."""
    return {
        "name": to.name, "title": to.title, "email": to.email, "slack": to.slack, "channel": channel or to.channel,
        "why": to.why,
    }  # fmt: skip


def _tasks(
    of: Occurrence, action: str, do: str, title: str, note: str, to: Iterable[str], when: tuple[timedelta, timedelta],
    asked: Asked | None, occasion: str = FIRED, **more: object,
) -> Iterator[Row]:  # fmt: skip
    """A task for each of those it is for: put on the list `when[0]` from now, due `when[1]` later."""
    at = of.as_of + when[0]
    for person in of.reach(to):
        payload = {
            "title": f"{title}: {of.name}", "note": note, "due_at": (at + when[1]).isoformat(),
            "to": addressee(person), "items": [of.item], **more,
        }  # fmt: skip
        yield _row(of, action, do, payload, asked, recipient=person.name, occasion=occasion, due_at=at)


def _steps(of: Occurrence, action: str, playbook: Playbook | None, asked: Asked | None) -> Iterator[Row]:
    more = {"finish": True} if playbook is not None and playbook.finish else {}
    for number, move in enumerate(playbook.steps if playbook is not None else (), start=1):
        do, when = ("follow_up" if move.after else "task"), (move.after, move.within)
        yield from _tasks(of, action, do, move.title, move.note, move.to, when, asked, f"step {number}", **more)


def _fields(of: Occurrence, action: str, deed: SetField) -> Iterator[Row]:
    """One row for each row of the entity that gets the field. What is written to another system waits for a word."""
    asked = of.asked(deed.approval or (_UNASKED if deed.write_back is not None else None))
    is_deals = deed.of == "deals"
    entity = "deals" if is_deals else of.alert.entity
    for key in of.deals.get(deed.where, ()) if is_deals else (of.alert.key,):
        payload = {
            "entity": entity, "key": key, "field": deed.field, "value": deed.value, "write_back": deed.write_back,
            "property": deed.property, "items": [of.item],
        }  # fmt: skip
        yield _row(of, action, deed.do, payload, asked, about=key)


def _row(
    of: Occurrence, action: str, do: str, payload: Mapping[str, Any], asked: Asked | None, *,
    channel: str | None = None, recipient: str | None = None, occasion: str = FIRED, about: str | None = None,
    due_at: datetime | None = None,
) -> Row:  # fmt: skip
    id_ = identity(of.alert.alert, occasion, action, channel, recipient, *([about] if about is not None else []))
    alerts = (of.alert.alert,)
    due_at = due_at or of.as_of
    return Row(id_, of.alert.alert, occasion, action, do, channel, recipient, payload, due_at, asked, alerts)


def _by_severity(due: Mapping[Any, timedelta], severity: str) -> timedelta:
    """How long a task of that severity has; where none is said for it, as long as the longest."""
    return due.get(severity, max(due.values(), default=timedelta(days=1)))
