"""What a row of the outbox says, as values: whom it is to, why, and about which alerts. Texts are as they came."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution.actions.outbox import Row
from execution.files.quoting import plain

TEST_MARK = "[TEST] "

_HIDDEN = {"keywords"}
"""Parts of a reason that are shown elsewhere."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a message is to, by the name that people know; `slack` is the id of a person or a group of people there."""

    name: str = ""
    email: str | None = None
    slack: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One alert in a message."""

    alert: str
    title: str
    severity: str
    name: str
    account: str
    message: str
    facts: tuple[tuple[str, str], ...]
    quote: str | None
    since: str
    worth: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message about alerts. `kind` is alert, resolved, escalation, reminder or digest."""

    id: str
    kind: str
    title: str
    severity: str
    account: str
    why: str
    to: Addressee
    slack_channel: str | None
    items: tuple[Item, ...]

    @property
    def heading(self) -> str:
        """What stands above it: what kind of news it is, and the title."""
        word = {"resolved": "Resolved: ", "escalation": "Nobody answered yet: ", "reminder": "Still open: "}
        return word.get(self.kind, "") + (self.title or "Alert")


def read(row: Row, *, is_test: bool = False) -> Message:
    """The message of a `notify` row."""
    payload = row.payload
    mark = TEST_MARK if is_test else ""
    return Message(
        row.id,
        _text(payload.get("kind")) or "alert",
        mark + _text(payload.get("title")),
        _text(payload.get("severity")) or "medium",
        _text(payload.get("account")),
        _text(payload.get("why")),
        addressee(payload),
        _some(payload.get("slack_channel")),
        tuple(item_of(each) for each in payload.get("items") or () if isinstance(each, Mapping)),
    )


def addressee(payload: Mapping[str, Any]) -> Addressee:
    """Whom a payload is to."""
    to = payload.get("to")
    if not isinstance(to, Mapping):
        return Addressee()
    called = _text(to.get("title")) or _text(to.get("name"))
    return Addressee(called, *(_some(to.get(key)) for key in ("email", "slack", "channel")))


def item_of(item: Mapping[str, Any]) -> Item:
    """One alert of a payload."""
    return Item(
        _text(item.get("alert")),
        _text(item.get("title")) or _text(item.get("trigger")),
        _text(item.get("severity")) or "medium",
        _text(item.get("name")) or _text(item.get("key")),
        _text(item.get("account")),
        _text(item.get("message")),
        facts_of(item.get("reason")),
        _some(item.get("quote")),
        _text(item.get("since")),
        _some(item.get("worth")),
    )


def facts_of(reason: object) -> tuple[tuple[str, str], ...]:
    """The facts behind an alert, by name, each as a short text."""
    found = _decoded(reason)
    if not isinstance(found, Mapping):
        return ()
    return tuple((str(name), _fact(value)) for name, value in found.items() if name not in _HIDDEN)


def fact_line(facts: Sequence[tuple[str, str]], longest: int = 300) -> str:
    """The facts in one line that is safe to print."""
    return plain(", ".join(f"{name} {value}" for name, value in facts), longest)


def _fact(value: object) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _decoded(value: object) -> object:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return value


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _some(value: object) -> str | None:
    return str(value) if value not in (None, "") else None
