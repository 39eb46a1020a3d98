"""What somebody pressed in Slack: whether it was Slack that told us, and what is to be done. Pure; a door calls it."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Literal, cast
from urllib.parse import parse_qs

TOLERANCE = timedelta(minutes=5)
"""Requests that are older, or come from a clock so far ahead, are refused: somebody may have kept one."""

Do = Literal["acknowledge", "view", "snooze"]
_DO: tuple[Do, ...] = ("acknowledge", "view", "snooze")
_LONGEST_SNOOZE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Pressed:
    """One button: what is to be done with which alert, who asks, which message it stood in, and for how long."""

    do: Do
    alert: str
    who: str
    channel: str
    ts: str
    snooze: timedelta | None = None


def is_from_slack(secret: str, headers: Mapping[str, str], body: bytes, now_s: float) -> bool:
    """Whether Slack signed this request, within the last minutes. `headers` are named in lower case."""
    timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        return False
    if abs(now_s - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    wanted = "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))


def parse(body: bytes) -> tuple[Pressed, ...]:
    """The buttons of a request's body, `payload=…` with JSON in it; those that are not ours are left out."""
    try:
        payload = json.loads(parse_qs(body.decode("utf-8"), strict_parsing=True, max_num_fields=20)["payload"][0])
    except (ValueError, KeyError, RecursionError):
        return ()
    if not isinstance(payload, dict) or payload.get("type") != "block_actions":
        return ()
    found = payload.get("actions")
    pressed = (_pressed(payload, each) for each in (found if isinstance(found, list) else ()))
    return tuple(each for each in pressed if each is not None)


def _pressed(payload: Mapping[str, Any], action: object) -> Pressed | None:
    if not isinstance(action, dict) or action.get("action_id") not in _DO:
        return None
    try:
        value = json.loads(str(action.get("value")))
    except (ValueError, RecursionError):
        return None
    alert = value.get("alert") if isinstance(value, dict) else None
    who = _inside(payload, "user", "id")
    if not isinstance(alert, str) or not alert or not who:
        return None
    do = cast("Do", action["action_id"])
    snooze = _hours(value.get("hours")) if do == "snooze" else None
    if do == "snooze" and snooze is None:
        return None
    ts = _inside(payload, "container", "message_ts") or _inside(payload, "message", "ts")
    return Pressed(do, alert, who, _inside(payload, "channel", "id"), ts, snooze)


def _inside(payload: Mapping[str, Any], *path: str) -> str:
    found: object = payload
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _hours(value: object) -> timedelta | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 24 * 90:
        return None
    return min(timedelta(hours=value), _LONGEST_SNOOZE)
