"""A report as a mail and as a message of Slack: its first lines in plain words, the whole attached or a press away."""

import re
from email.message import EmailMessage
from html import escape
from typing import Any
from urllib.parse import urlsplit

from execution.actions.channels.wording import LONGEST_LINE, safe
from execution.actions.letter import Letter

MOST_LINES = 30
_SLACK_LONGEST = 2900
_FILE = re.compile(r"[^A-Za-z0-9._-]+")
_NOT_IN_A_LINK = re.compile(r"[\s<>\"'|\\]")


def fill(mail: EmailMessage, letter: Letter) -> None:
    """Write a mail's body and attach the report's files."""
    mail.set_content("\n".join(_text(letter)) + "\n", cte="quoted-printable")
    mail.add_alternative(_html(letter), subtype="html", cte="quoted-printable")
    for file in letter.files:
        main, _, sub = file.type.partition("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=_FILE.sub("-", file.name))


def blocks(letter: Letter) -> list[dict[str, Any]]:
    """The blocks of a message of Slack. Words from the report stand only where Slack reads no markup."""
    title, *rest = _head(letter)
    made: list[dict[str, Any]] = [{"type": "header", "text": _plain(title[:140])}]
    if rest:
        made.append({"type": "context", "elements": [_plain(" · ".join(rest))]})
    if first := "\n".join(_first(letter)):
        made.append({"type": "section", "text": _plain(first)})
    if link := ours(letter.link):
        button = {"type": "button", "action_id": "open", "text": _plain("Open the report"), "url": link}
        made.append({"type": "actions", "elements": [button]})
    words = [*_tail(letter), f"message {letter.id}"]
    made.append({"type": "context", "elements": [_plain(word) for word in words]})
    return made


def ours(link: str) -> str:
    """A link that a directive names; nothing where it is not https."""
    parts = urlsplit(link)
    return link if parts.scheme == "https" and parts.hostname and not _NOT_IN_A_LINK.search(link) else ""


def _text(letter: Letter) -> list[str]:
    link = [f"Read it in the browser: {link}"] if (link := ours(letter.link)) else []
    return [*_head(letter), "", *_first(letter), "", *_tail(letter), *link, f"Message {letter.id}"]


def _html(letter: Letter) -> str:
    title, *rest = _head(letter)
    link = ours(letter.link)
    parts = [f"<p><strong>{escape(title)}</strong>{''.join(f'<br>{escape(line)}' for line in rest)}</p>"]
    parts.append(f"<p>{'<br>'.join(map(escape, _first(letter)))}</p>")
    parts += [f"<p>{escape(line)}</p>" for line in _tail(letter)]
    parts += [f'<p><a href="{escape(link)}">Read it in the browser</a></p>'] if link else []
    parts.append(f"<p><small>Message {letter.id}</small></p>")
    return "<!doctype html>\n<html><body>\n" + "\n".join(parts) + "\n</body></html>\n"


def _head(letter: Letter) -> list[str]:
    to = f"For {safe(letter.to.name, 80)}" if letter.to.name else ""
    return [safe(letter.title, 150), *filter(None, [safe(letter.period, 120), to, safe(letter.why, 120)])]


def _first(letter: Letter) -> list[str]:
    shown = [safe(line, LONGEST_LINE) for line in letter.lines[:MOST_LINES]]
    more = len(letter.lines) - len(shown)
    return [*shown, *([f"… {more} more lines"] if more > 0 else [])]


def _tail(letter: Letter) -> list[str]:
    if letter.files:
        return ["The whole report is attached."]
    return [f"The whole report: {safe(letter.whole, 200)}"] if letter.whole else []


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:_SLACK_LONGEST] or "·", "emoji": False}
