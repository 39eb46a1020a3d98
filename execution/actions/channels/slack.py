"""Slack's Web API: one message, in the thread of its account where there is one.

Slack knows no idempotency key. So a message carries its row's id as metadata, and one of which nobody knows whether it
arrived is looked for in the channel before it is sent again.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from execution.actions import letter
from execution.actions.channels import letters
from execution.actions.channels.slack_blocks import EVENT, Block, blocks, fallback, metadata
from execution.actions.channels.telling import NotSentError, Receipt, Wire, code
from execution.actions.message import Message, read
from execution.actions.outbox import Row
from execution.actions.pace import Spacing
from execution.clients.sending import Outgoing
from execution.directives.model.routing import Slack
from execution.settings import Environment

_ID = re.compile(r"[CGD][A-Z0-9]{2,}")
_FOR_GOOD = {"msg_too_long", "no_text", "invalid_blocks", "too_many_attachments", "invalid_blocks_format"}
_OF_THE_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"}
_BUSY = {"ratelimited", "rate_limited"}
_UNCLEAR = {"request_timeout", "fatal_error", "internal_error", "service_unavailable"}
_BEFORE = timedelta(minutes=2)
"""How much Slack's clock may be behind ours."""
_MOST_PAGES = 50


@dataclass
class SlackSender:
    """One Slack channel of the directive. `spacing` is shared by all that send to the same workspace."""

    token: str = field(repr=False)
    base_url: str
    channel: str
    is_test: bool
    buttons: bool
    snooze_hours: float
    timeout_s: float
    spacing: Spacing
    wall: Callable[[], float] = time.time
    ids: dict[str, str] = field(default_factory=dict)

    def send(self, row: Row) -> Receipt:
        """Post the row's message, unless an attempt before already did."""
        message = read(row, is_test=self.is_test)
        place = self._place(message)
        for told in row.threads:
            if told.get("to") and told.get("channel"):
                self.ids.setdefault(str(told["to"]), str(told["channel"]))
        thread = None if self.is_test else thread_of(message, place, row.threads)
        if row.is_unclear and (ts := self._find(row, place, thread)) is not None:
            return self._receipt(place, ts, thread, self.ids.get(place, place))
        self.spacing.wait(place)
        answer = self._post(message, self._blocks(row, message), place, thread)
        return self._receipt(place, str(answer["ts"]), thread, str(answer.get("channel") or place))

    def _place(self, message: Message) -> str:
        """Where it goes: what the route says, else where the group reads, else the channel's own."""
        return self.channel if self.is_test else message.slack_channel or message.to.channel or self.channel

    def _receipt(self, place: str, ts: str, thread: str | None, channel: str) -> Receipt:
        self.ids[place] = channel
        return {"to": place, "channel": channel, "ts": ts, "thread": thread}

    def _blocks(self, row: Row, message: Message) -> list[Block]:
        if row.do == letter.REPORT:
            return letters.blocks(letter.read(row, is_test=self.is_test))
        return blocks(message, buttons=self.buttons, snooze_hours=self.snooze_hours)

    def _post(self, message: Message, shown: list[Block], place: str, thread: str | None) -> Mapping[str, Any]:
        body: dict[str, Any] = {
            "channel": self.ids.get(place, place),
            "text": fallback(message),
            "blocks": shown,
            "metadata": metadata(message.id),
            "mrkdwn": False,
            "link_names": False,
            "parse": "none",
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if thread is not None:
            body |= {"thread_ts": thread, "reply_broadcast": message.kind == "alert"}
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json; charset=utf-8"}
        return self._ask(Outgoing("POST", f"{self.base_url}/chat.postMessage", headers, json.dumps(body).encode()))

    # --- whether it is there already ----------------------------------------------------------------

    def _find(self, row: Row, place: str, thread: str | None) -> str | None:
        """The `ts` of the row's message, if it is there. Raises NotSentError where that cannot be told."""
        try:
            channel = self._id_of(place)
            since = row.created_at.replace(tzinfo=UTC) - _BEFORE
            for message in self._messages(channel, thread, since):
                told = message.get("metadata") or {}
                if told.get("event_type") == EVENT and (told.get("event_payload") or {}).get("id") == row.id:
                    return str(message["ts"])
        except NotSentError as error:
            reason = f"whether an earlier attempt arrived cannot be told: {error.reason}"
            raise NotSentError(reason, is_unclear=True, wait=error.wait, stops=error.stops) from None
        return None

    def _messages(self, channel: str, thread: str | None, since: datetime) -> Iterator[Mapping[str, Any]]:
        asked = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "limit": "100",
            "include_all_metadata": "true",
        }
        method = "conversations.history"
        if thread is not None:
            method, asked["ts"] = "conversations.replies", thread
        yield from self._pages(method, "messages", asked)

    def _id_of(self, place: str) -> str:
        """The id of a channel, which its history is asked by; posting takes a name as well."""
        if _ID.fullmatch(place):
            return place
        if place not in self.ids:
            asked = {"limit": "1000", "exclude_archived": "true", "types": "public_channel,private_channel"}
            for one in self._pages("conversations.list", "channels", asked):
                self.ids.setdefault(f"#{one.get('name')}", str(one.get("id")))
        try:
            return self.ids[place if place in self.ids else f"#{place.removeprefix('#')}"]
        except KeyError:
            raise NotSentError("channel_not_found") from None

    def _pages(self, method: str, records: str, asked: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            query = urlencode({**asked, **({"cursor": cursor} if cursor else {})})
            headers = {"authorization": f"Bearer {self.token}"}
            answer = self._ask(Outgoing("GET", f"{self.base_url}/{method}?{query}", headers))
            yield from answer.get(records) or ()
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
        raise NotSentError("the channel has too many messages to look through")

    def _ask(self, outgoing: Outgoing) -> Mapping[str, Any]:
        """Slack's answer, where it says that it is well."""
        wire = Wire(self.timeout_s, self.wall())
        answered = wire.tell(outgoing)
        try:
            answer = json.loads(answered.body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise NotSentError("Slack's answer is no JSON", is_unclear=True)
        if answer.get("ok") is not True:
            refuse(answer, wire.asked(answered))
        return answer


def refuse(answer: Mapping[str, Any], wait: timedelta | None) -> None:
    """Raises NotSentError for an answer that says no."""
    error = code(answer.get("error"))
    needed = f" (it needs {code(answer['needed'])})" if answer.get("needed") else ""
    raise NotSentError(
        f"Slack says {error}{needed}",
        is_unclear=error in _UNCLEAR,
        wait=wait,
        stops=error in _OF_THE_TOKEN | _BUSY,
        is_final=error in _FOR_GOOD,
    )


def thread_of(message: Message, place: str, told: tuple[Mapping[str, Any], ...]) -> str | None:
    """The thread that a message belongs in: that of an earlier one there about one of its alerts; a new alert also
    joins the thread of its account while something in it is open. A digest stands alone."""
    if message.kind == "digest":
        return None
    for one in told:
        joins = one.get("shares") or (message.kind == "alert" and one.get("is_open"))
        if joins and one.get("to") == place and one.get("ts"):
            return str(one.get("thread") or one["ts"])
    return None


def slack_sender(
    channel: Slack, environment: Environment, *, is_test: bool, spacing: Spacing, wall: Callable[[], float] = time.time
) -> SlackSender:
    """The sender of a channel. Raises CredentialsError where its token is not set."""
    return SlackSender(
        environment.resolve(channel.token),
        environment.base_url("slack", channel.base_url),
        channel.test if is_test and channel.test else channel.channel,
        is_test,
        channel.signing_secret is not None,
        channel.snooze.total_seconds() / 3600,
        channel.timeout.total_seconds(),
        spacing,
        wall,
    )
