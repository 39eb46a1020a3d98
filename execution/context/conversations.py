"""Conversations with their messages, and which of them wait for an answer of ours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from execution.context.facts import Account, Message

SHOWN = 12
"""Messages of one conversation that are shown; how many there are more is said."""

CUSTOMER, _BOT = "customer", "bot"


@dataclass(frozen=True, slots=True)
class Conversation:
    """The latest messages of one conversation, earliest first. `opened_at`, `title`, `status` and `rating` are None
    where the conversation itself is not among what was read."""

    id: str
    title: str | None
    status: str | None
    opened_at: datetime | None
    latest_at: datetime
    email: str
    name: str | None
    rating: int | None
    messages: tuple[Message, ...]
    earlier: int

    @property
    def called(self) -> str:
        """With whom."""
        return self.name or self.email

    @property
    def is_lately(self) -> bool:
        """Whether its newest message lies in the window of the settings."""
        return self.messages[-1].is_lately

    @property
    def is_waiting(self) -> bool:
        """Whether it is open and the customer had the last word, whatever a bot said to it."""
        last = next((message for message in reversed(self.messages) if message.author != _BOT), None)
        return self.status == "open" and last is not None and last.author == CUSTOMER


def conversations(account: Account) -> tuple[Conversation, ...]:
    """Every conversation that was read, the one with the newest message first."""
    opened = {event.id: event for event in account.interactions if event.kind == "conversation"}
    found = []
    for key, messages in _grouped(account.messages).items():
        event, newest = opened.get(key), messages[0]
        found.append(
            Conversation(
                id=key,
                title=event.title if event else None,
                status=event.status if event else None,
                opened_at=event.at if event else None,
                latest_at=newest.at,
                email=newest.email,
                name=newest.name,
                rating=event.rating if event else None,
                messages=tuple(reversed(messages[:SHOWN])),
                earlier=max(0, len(messages) - SHOWN),
            )
        )
    return tuple(found)


def _grouped(messages: Iterable[Message]) -> dict[str, list[Message]]:
    groups: dict[str, list[Message]] = {}
    for message in messages:
        groups.setdefault(message.conversation, []).append(message)
    return groups
