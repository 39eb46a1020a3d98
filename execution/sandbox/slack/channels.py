"""The channels of one Slack workspace and what was posted there."""

import time
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from execution.sandbox.exchange import Record

BOT = "B0000SANDBOX"
TEAM = "T0SANDBOX"
USER = "U0SANDBOX"

NAMES = (
    "customer-alerts", "customer-health", "customer-engagement", "am-reminders", "daily-summaries", "weekly-reports",
    "test-alerts",
)  # fmt: skip
CLOSED = {"archived": "is_archived", "board": "not_in_channel"}
"""Channels that nothing can be posted to, and what Slack says then."""


@dataclass
class Room:
    """One channel."""

    id: str
    name: str
    messages: list[Record] = field(default_factory=list)

    @property
    def refusal(self) -> str | None:
        """Why nothing can be posted; None where it can."""
        return CLOSED.get(self.name)


class Rooms:
    """All channels; `ts` grows with every message, whatever the clock does."""

    def __init__(self) -> None:
        names = (*NAMES, *CLOSED)
        self.all = [Room(f"C{number:010d}", name) for number, name in enumerate(names, start=1)]
        self._last = 0

    def find(self, named: str) -> Room | None:
        """By id, or by name with or without its sign."""
        return next((room for room in self.all if named in {room.id, room.name, f"#{room.name}"}), None)

    def ts(self) -> str:
        """A new one."""
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def post(self, room: Room, body: Record) -> Record:
        """Put a message there."""
        message: Record = {"type": "message", "subtype": "bot_message", "text": str(body.get("text") or "")}
        message |= {"ts": self.ts(), "bot_id": BOT}
        for name in ("blocks", "metadata", "thread_ts"):
            if body.get(name):
                message[name] = body[name]
        room.messages.append(message)
        return message


def since(messages: list[Record], oldest: str, latest: str) -> list[Record]:
    """The messages after one moment and before another, the newest first."""
    first, last = _number(oldest, Decimal(0)), _number(latest, Decimal(10**12))
    return [each for each in reversed(messages) if first < Decimal(each["ts"]) < last]


def _number(text: str, otherwise: Decimal) -> Decimal:
    try:
        return Decimal(text) if text else otherwise
    except InvalidOperation:
        return otherwise


def roots(room: Room) -> list[Record]:
    """What the channel shows: what is no reply, or was sent to the channel too."""
    return [each for each in room.messages if each.get("thread_ts") in {None, each["ts"]}]


def thread(room: Room, ts: str) -> list[Record]:
    """A message and its replies."""
    return [each for each in room.messages if ts in {each["ts"], each.get("thread_ts")}]


def described(room: Room) -> dict[str, Any]:
    """A channel as `conversations.list` gives it."""
    return {
        "id": room.id,
        "name": room.name,
        "is_archived": room.refusal == "is_archived",
        "is_member": room.refusal != "not_in_channel",
    }
