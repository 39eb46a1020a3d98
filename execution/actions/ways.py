"""Which way an alert goes: to whom, through which channels or in which digest, and which actions are done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from execution.directives import Program
from execution.directives.model import Called, Routing, Trigger
from execution.directives.model.routing import Channel, Deed, Email, Inbox, Level, Notify, Route, Slack
from execution.errors import DataError

INBOX = "inbox"
"""The channel for what nobody can be reached for; it is there also where no directive names it."""

OWNER = "owner"
"""The recipient of whatever says nothing else."""

DEFAULT = "notify"
"""Under which name alerts are told whose trigger names no action that tells them."""

_PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Way:
    """How alerts of one trigger and severity are told. `to` and `digest_to` are recipients; with a `digest` they are
    told in it and nowhere else. `named` is a person whom the words stand for without asking: a personal trigger's
    owner."""

    to: tuple[str, ...]
    channels: tuple[str, ...]
    slack_channel: str | None
    digest: str | None
    personal_to: str | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """One action of a trigger, with what it says otherwise than the routing does."""

    name: str
    deed: Deed


def way_of(routing: Routing, trigger: Trigger | None, severity: str) -> Way:
    """The way of an alert; that of a trigger that is no more is its severity's."""
    level = next((each for name, each in routing.severities.items() if name == severity), Level())
    route = routing.routes.get(trigger.route, Route()) if trigger is not None and trigger.route else Route()
    personal_to = _owner(trigger) if trigger is not None and is_personal(trigger) else None
    return Way(
        to=route.to or (OWNER,),
        channels=route.channels or level.channels,
        slack_channel=route.slack_channel if personal_to is None else None,
        digest=(route.digest or level.digest) if personal_to is None else None,
        personal_to=personal_to,
    )


def is_personal(trigger: Trigger) -> bool:
    """Whether a trigger is somebody's own: nobody else hears of its alerts."""
    return trigger.path.startswith(f"{_PERSONAL}/")


def _owner(trigger: Trigger) -> str:
    """Whose it is: as it says, otherwise as its folder is called."""
    folder = PurePosixPath(trigger.path).parts[1]
    return trigger.owner or folder


def orders(program: Program, trigger: Trigger | None) -> tuple[Ordered, ...]:
    """What is done when an alert fires, in the order of the directive; without an action that tells of it one is
    added that does, through the trigger's own way."""
    named = [_ordered(program, trigger, each) for each in trigger.actions] if trigger is not None else []
    if any(isinstance(each.deed, Notify) for each in named):
        return tuple(named)
    way = way_of(program.routing, trigger, "")
    return (Ordered(DEFAULT, Notify(do="notify", to=way.to)), *named)


def _ordered(program: Program, trigger: Trigger, called: Called) -> Ordered:
    deed = program.routing.actions.get(called.action)
    if deed is None:
        raise DataError(
            f"the trigger {trigger.name} names the action {called.action}, which the routing has not",
            hint="run `gtm check`, and declare it under actions: in the routing directive",
            where=trigger.path,
            code="E369",
        )
    if not called.settings:
        return Ordered(called.action, deed)
    said: Mapping[str, Any] = {name: getattr(deed, name) for name in deed.model_fields_set}
    return Ordered(called.action, type(deed).model_validate({**said, **called.settings}))


def open_channels(routing: Routing, names: Iterable[str]) -> tuple[str, ...]:
    """Those of some channels that may send; the inbox where that is none."""
    found = tuple(name for name in names if is_inbox(routing, name) or _may_send(routing.channels.get(name)))
    return found or (inbox_of(routing),)


def _may_send(channel: Channel | None) -> bool:
    return channel is not None and channel.enabled


def inbox_of(routing: Routing) -> str:
    """The channel that needs nothing, by what this routing calls it."""
    return next((name for name in routing.channels if is_inbox(routing, name)), INBOX)


def is_inbox(routing: Routing, name: str) -> bool:
    """Whether a channel is a file, which rings for nobody: neither quiet hours nor the cap are about it."""
    channel = routing.channels.get(name)
    return isinstance(channel, Inbox) and channel.enabled if channel is not None else name == INBOX


def to_one_alone(routing: Routing, name: str, slack: str | None) -> bool:
    """Whether a channel can reach one person and nobody beside: Slack by their id there."""
    channel = routing.channels.get(name)
    return is_inbox(routing, name) or isinstance(channel, Email) or (isinstance(channel, Slack) and slack is not None)


def needs_address(routing: Routing, name: str) -> bool:
    """Whether a channel reaches those alone who have an e-mail."""
    return isinstance(routing.channels.get(name), Email)
