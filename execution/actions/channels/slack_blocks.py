"""A message as Slack's blocks. Words from outside stand only where Slack reads no markup: plain text without emoji, and
quotes of rich text. All that it reads as markup is the mention of one of us."""

import json
import re
from collections.abc import Mapping
from typing import Any

from execution.actions.channels.wording import LONGEST_QUOTE, MOST_ITEMS, about, safe, why
from execution.actions.message import Item, Message

Block = dict[str, Any]

_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")
EVENT = "gtm_alert"
"""The type of the metadata that carries a row's id."""


def escaped(text: str) -> str:
    """Text in which Slack finds no mention, no link and no command."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fallback(message: Message) -> str:
    """What notifications show."""
    return escaped(safe(message.heading, 150)) or "Alert"


def mention(message: Message) -> str:
    """Whom the message calls: a person or a group of ours by their id; nobody where there is none."""
    id_ = message.to.slack or ""
    if _PERSON.fullmatch(id_):
        return f"<@{id_}>"
    return f"<!subteam^{id_}>" if _GROUP.fullmatch(id_) else ""


def blocks(message: Message, *, buttons: bool = False, snooze_hours: float = 0) -> list[Block]:
    """The blocks of a message."""
    called = mention(message)
    words = [safe(message.to.name, 80), safe(message.why, 80), safe(message.severity, 20)]
    made: list[Block] = [{"type": "header", "text": _plain(safe(message.heading, 140) or "Alert")}]
    if called:
        made.append({"type": "section", "text": {"type": "mrkdwn", "verbatim": True, "text": called}})
    made.append({"type": "context", "elements": [_plain(" · ".join(filter(None, words)))]})
    for item in message.items[:MOST_ITEMS]:
        made += _item(item)
        if buttons and item.alert and message.kind not in {"resolved", "digest"}:
            made.append(_buttons(item.alert, snooze_hours))
    more = len(message.items) - MOST_ITEMS
    if more > 0:
        made.append({"type": "section", "text": _plain(f"And {more} more: gtm alerts list")})
    made.append({"type": "context", "elements": [_plain(f"message {message.id}")]})
    return made


def metadata(id_: str) -> Mapping[str, Any]:
    """What marks a message as that of a row."""
    return {"event_type": EVENT, "event_payload": {"id": id_}}


def _item(item: Item) -> list[Block]:
    lines = [f"{safe(item.title)}: {about(item)}", safe(item.message), why(item)]
    lines.append(f"since {safe(item.since, 40)}" if item.since else "")
    made: list[Block] = [{"type": "section", "text": _plain("\n".join(filter(None, lines)))}]
    if item.quote and (quote := safe(item.quote, LONGEST_QUOTE)):
        words = [{"type": "rich_text_quote", "elements": [{"type": "text", "text": quote}]}]
        made.append({"type": "rich_text", "elements": words})
    return made


def _buttons(alert: str, snooze_hours: float) -> Block:
    def button(do: str, text: str, value: Mapping[str, Any]) -> Block:
        return {"type": "button", "action_id": do, "text": _plain(text), "value": json.dumps(value, sort_keys=True)}

    return {
        "type": "actions",
        "block_id": f"alert-{alert}"[:255],
        "elements": [
            button("acknowledge", "Acknowledge", {"alert": alert}),
            button("view", "View", {"alert": alert}),
            button("snooze", f"Snooze {snooze_hours:g} h", {"alert": alert, "hours": snooze_hours}),
        ],
    }


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text[:2900] or "·", "emoji": False}
