"""What Slack refuses in a message before it posts it."""

from collections.abc import Mapping
from typing import Any

LONGEST_TEXT = 40_000
MOST_BLOCKS = 50
_TEXTS = {"header": 150, "section": 3000}
_KNOWN = {"actions", "context", "divider", "header", "rich_text", "section"}


def problem(body: Mapping[str, Any]) -> str | None:
    """Slack's word for what is wrong with a message; None where nothing is."""
    text, blocks = body.get("text") or "", body.get("blocks") or []
    if not text and not blocks and not body.get("attachments"):
        return "no_text"
    if len(str(text)) > LONGEST_TEXT:
        return "msg_too_long"
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS or not all(_holds(block) for block in blocks):
        return "invalid_blocks"
    return None


def _holds(block: object) -> bool:
    if not isinstance(block, dict) or block.get("type") not in _KNOWN or len(str(block.get("block_id", ""))) > 255:
        return False
    kind = block["type"]
    if kind in _TEXTS:
        only_plain = kind == "header"
        return _is_text(block.get("text"), _TEXTS[kind], only_plain=only_plain)
    elements = block.get("elements")
    if kind == "divider":
        return True
    if not isinstance(elements, list) or not elements:
        return False
    if kind == "context":
        return len(elements) <= 10 and all(_is_text(each, 3000) for each in elements)
    if kind == "actions":
        names = [each.get("action_id") for each in elements if isinstance(each, dict)]
        return len(elements) <= 25 and len(set(names)) == len(elements) and all(_is_button(each) for each in elements)
    return True


def _is_button(element: Mapping[str, Any]) -> bool:
    fits = 0 < len(str(element.get("action_id", ""))) <= 255 and len(str(element.get("value", ""))) <= 2000
    return element.get("type") == "button" and fits and _is_text(element.get("text"), 75, only_plain=True)


def _is_text(text: object, longest: int, *, only_plain: bool = False) -> bool:
    if not isinstance(text, dict) or not isinstance(text.get("text"), str):
        return False
    kinds = {"plain_text"} if only_plain else {"plain_text", "mrkdwn"}
    return text.get("type") in kinds and 0 < len(text["text"]) <= longest
