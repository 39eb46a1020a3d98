"""Words from outside for receivers that make links and mentions of what looks like one: they get plain text that looks
like none."""

import re

from execution.actions.message import Item
from execution.files.quoting import plain

_DOT = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2,})")
"""A dot as in a domain: mail programs and Slack make links of `evil.com` too."""
_AT = re.compile(r"@(?=\w)")

LONGEST_QUOTE = 600
LONGEST_LINE = 300
MOST_ITEMS = 10
"""Alerts that one message tells in full; of more it tells how many."""


def safe(text: str, longest: int = LONGEST_LINE) -> str:
    """One line in which nothing is an address, a link or a mention."""
    line = _AT.sub("(at)", _DOT.sub("[.]", plain(text, longest)))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def about(item: Item) -> str:
    """Whom an alert is about."""
    name, account = safe(item.name, 120), safe(item.account, 120)
    return name if not account or account == name else f"{name} ({account})" if name else account


def why(item: Item) -> str:
    """The facts behind an alert in one line."""
    return safe(", ".join(f"{name} {value}" for name, value in item.facts))
