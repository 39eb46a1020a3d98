"""Any receiver of JSON, signed as Standard Webhooks says: `webhook-id`, `webhook-timestamp`, `webhook-signature`.

The id is the outbox row's, and the body of one id never changes, so a receiver that was told twice can tell.
"""

import binascii
import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from execution.actions.channels.telling import Receipt, Wire
from execution.actions.message import TEST_MARK
from execution.actions.outbox import Row
from execution.clients.sending import Outgoing
from execution.directives.model.routing import Webhook
from execution.errors import CredentialsError
from execution.settings import Environment

VERSION = 1
"""Of the body; a change that breaks receivers raises it."""

_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """One webhook channel."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    key: bytes | None = field(repr=False)
    timeout_s: float
    is_test: bool
    wall: Callable[[], float] = time.time

    def send(self, row: Row) -> Receipt:
        """POST the row's body."""
        body = body_of(row, is_test=self.is_test)
        now = self.wall()
        headers = {
            "content-type": "application/json",
            **{name.lower(): value for name, value in self.headers.items()},
            "idempotency-key": row.id,
            "webhook-id": row.id,
            "webhook-timestamp": str(int(now)),
        }
        if self.key is not None:
            headers["webhook-signature"] = signature(self.key, row.id, str(int(now)), body)
        answered = Wire(self.timeout_s, now).tell(Outgoing("POST", self.url, headers, body))
        return {"status": answered.status}


def webhook_sender(
    channel: Webhook, environment: Environment, *, is_test: bool, wall: Callable[[], float] = time.time
) -> WebhookSender:
    """The sender of a channel; as a test it goes to the address under `test`.

    Raises CredentialsError where a variable is not set, or is no key.
    """
    url = channel.test if is_test and channel.test else channel.url
    return WebhookSender(
        environment.resolve(url),
        {name: environment.resolve(value) for name, value in channel.headers.items()},
        None if channel.secret is None else key_of(environment.resolve(channel.secret), channel.secret),
        channel.timeout.total_seconds(),
        is_test,
        wall,
    )


def key_of(secret: str, name: str) -> bytes:
    """The key in a secret: base64 after `whsec_`; any other text is the key itself."""
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise CredentialsError(
            f"{name.removeprefix('env:')} is no webhook secret", hint="paste it whole: whsec_ and base64", code="E383"
        ) from None


def signature(key: bytes, id_: str, timestamp: str, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC-SHA256 over id, timestamp and body."""
    signed = b".".join((id_.encode(), timestamp.encode(), body))
    return "v1," + b64encode(hmac.digest(key, signed, sha256)).decode()


def body_of(row: Row, *, is_test: bool = False) -> bytes:
    """What is posted: the version, what kind of news it is, when it came up, and the payload as it is."""
    payload: dict[str, Any] = dict(row.payload)
    if is_test:
        payload["title"] = TEST_MARK + str(payload.get("title") or "")
    body = {
        "version": VERSION,
        "id": row.id,
        "type": f"alert.{payload.get('kind') or row.occasion.split(' ')[0]}",
        "timestamp": row.created_at.isoformat(timespec="seconds") + "Z",
        "test": is_test,
        "data": payload,
    }
    return json.dumps(body, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode("ascii")
