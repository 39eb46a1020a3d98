"""An incoming webhook of Slack: one channel, no threads, no buttons, and no way to ask whether a message arrived. After
an attempt that nobody knows the end of it is sent again: twice is better than never, and its id is in it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from execution.actions import letter
from execution.actions.channels import letters
from execution.actions.channels.slack_blocks import blocks, fallback
from execution.actions.channels.telling import NotSentError, Receipt, Wire, code
from execution.actions.message import read
from execution.actions.outbox import Row
from execution.actions.pace import Spacing
from execution.clients.sending import Outgoing
from execution.directives.model.routing import SlackWebhook
from execution.settings import Environment


@dataclass(frozen=True, slots=True)
class SlackWebhookSender:
    """One incoming webhook; its address is a secret."""

    url: str = field(repr=False)
    is_test: bool
    timeout_s: float
    spacing: Spacing
    wall: Callable[[], float] = time.time

    def send(self, row: Row) -> Receipt:
        """Post the row's message."""
        message = read(row, is_test=self.is_test)
        self.spacing.wait("")
        is_report = row.do == letter.REPORT
        shown = letters.blocks(letter.read(row, is_test=self.is_test)) if is_report else blocks(message)
        body = {"text": fallback(message), "mrkdwn": False, "blocks": shown}
        headers = {"content-type": "application/json; charset=utf-8"}
        wire = Wire(self.timeout_s, self.wall())
        answered = wire.exchange(Outgoing("POST", self.url, headers, json.dumps(body).encode()))
        if answered.status != 200:
            reason = f"Slack answered {answered.status}: {code(answered.body.decode('utf-8', 'replace'))}"
            gone = answered.status in {403, 404, 410}
            raise NotSentError(reason, is_unclear=answered.status >= 500, wait=wire.asked(answered), stops=gone)
        return {"status": answered.status}


def slack_webhook_sender(
    channel: SlackWebhook,
    environment: Environment,
    *,
    is_test: bool,
    spacing: Spacing,
    wall: Callable[[], float] = time.time,
) -> SlackWebhookSender:
    """The sender of a channel; as a test it goes to the address under `test`. Raises CredentialsError where it is not
    set."""
    url = environment.resolve(channel.test if is_test and channel.test else channel.url)
    return SlackWebhookSender(url, is_test, channel.timeout.total_seconds(), spacing, wall)
