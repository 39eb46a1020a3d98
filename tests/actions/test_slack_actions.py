"""Buttons pressed in Slack: who may tell us, and what is to be done."""

import hmac
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.actions.slack_actions import Pressed, is_from_slack, parse

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
AT = 1531420618
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
    b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url="
    b"https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
    b"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
"""The example of Slack's own documentation, and the signature that it gives."""
HEADERS = {
    "x-slack-request-timestamp": str(AT),
    "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
}


def test_the_published_example_is_from_slack() -> None:
    assert is_from_slack(SECRET, HEADERS, BODY, AT + 299)


@pytest.mark.parametrize(
    ("secret", "headers", "body", "now"),
    [
        (SECRET, HEADERS, BODY + b"&x=1", AT),
        ("other", HEADERS, BODY, AT),
        (SECRET, HEADERS, BODY, AT + 301),
        (SECRET, HEADERS, BODY, AT - 301),
        (SECRET, {}, BODY, AT),
        (SECRET, HEADERS | {"x-slack-request-timestamp": str(AT + 1)}, BODY, AT),
        (SECRET, HEADERS | {"x-slack-request-timestamp": "1e9"}, BODY, AT),
        (SECRET, HEADERS | {"x-slack-request-timestamp": "9" * 400}, BODY, AT),
        (SECRET, HEADERS | {"x-slack-request-timestamp": "١٥٣١٤٢٠٦١٨"}, BODY, AT),
        (SECRET, HEADERS | {"x-slack-signature": "v0="}, BODY, AT),
        (SECRET, HEADERS | {"x-slack-signature": "ü"}, BODY, AT),
        (SECRET, HEADERS | {"x-slack-signature": HEADERS["x-slack-signature"].removeprefix("v0=")}, BODY, AT),
    ],
)
def test_anything_else_is_not(secret: str, headers: dict[str, str], body: bytes, now: float) -> None:
    assert not is_from_slack(secret, headers, body, now)


@given(st.binary(max_size=300), st.integers(0, 10**12 - 1))
def test_whatever_is_signed_is_known(body: bytes, at: int) -> None:
    digest = hmac.new(SECRET.encode(), b"v0:%d:" % at + body, sha256).hexdigest()
    headers = {"x-slack-request-timestamp": str(at), "x-slack-signature": f"v0={digest}"}
    assert is_from_slack(SECRET, headers, body, at)


def body_of(action: object, **more: Any) -> bytes:  # noqa: ANN401
    payload = {
        "type": "block_actions",
        "user": {"id": "U0ANN"},
        "channel": {"id": "C1"},
        "container": {"message_ts": "1.2"},
        "actions": [action],
    } | more
    return urlencode({"payload": json.dumps(payload)}).encode()


def button(do: str, value: object) -> dict[str, object]:
    return {"action_id": do, "value": json.dumps(value)}


def test_what_was_pressed() -> None:
    assert parse(body_of(button("acknowledge", {"alert": "a1"}))) == (
        Pressed("acknowledge", "a1", "U0ANN", "C1", "1.2"),
    )
    assert parse(body_of(button("view", {"alert": "a1"})))[0].do == "view"
    assert parse(body_of(button("snooze", {"alert": "a1", "hours": 24})))[0].snooze == timedelta(hours=24)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"payload=", b"payload=[", b"payload=[]", b"x=1", b"\xff", b"payload=" + b"%5B" * 5000,
        body_of(button("acknowledge", {"alert": "a1"}), type="view_submission"),
        body_of(button("acknowledge", {"alert": "a1"}), user=None),
        body_of(button("acknowledge", {"alert": 1})), body_of(button("delete", {"alert": "a1"})),
        body_of(button("snooze", {"alert": "a1"})), body_of(button("snooze", {"alert": "a1", "hours": -1})),
        body_of(button("snooze", {"alert": "a1", "hours": 1e9})),
        body_of(button("snooze", {"alert": "a1", "hours": True})),
        body_of({"action_id": "view", "value": "{"}), body_of(7), body_of(None, actions=7),
    ],
)  # fmt: skip
def test_what_is_no_button_of_ours_does_nothing(body: bytes) -> None:
    assert parse(body) == ()
