"""What every channel has: a way to send one row, and the ways in which that may not work."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from execution.actions.outbox import Row
from execution.clients.allowance import asked_to_wait
from execution.clients.sending import Answered, Outgoing, UnclearError, send
from execution.clients.verdicts import one_line
from execution.errors import GtmError

Receipt = Mapping[str, Any]

TOO_MANY = 429
_SUCCESS = range(200, 300)
_REDIRECT = range(300, 400)


class NotSentError(Exception):
    """A message was not sent, or nobody knows whether it was (`is_unclear`).

    `wait` is how long the receiver wants to be left alone; `stops` means that the next message would fare no better, so
    this run leaves the channel alone; `is_final` that no later attempt would.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_unclear: bool = False,
        wait: timedelta | None = None,
        stops: bool = False,
        is_final: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_unclear = is_unclear
        self.wait = wait
        self.stops = stops
        self.is_final = is_final


class Sender(Protocol):
    """One channel, ready to send."""

    def send(self, row: Row) -> Receipt:
        """Tell it, once. Raises NotSentError, or any GtmError for what is wrong with the channel itself."""


@dataclass(frozen=True, slots=True)
class Wire:
    """HTTP as the channels use it: errors become NotSentError, and no secret is in them."""

    timeout_s: float
    wall: float

    def exchange(self, outgoing: Outgoing) -> Answered:
        """Send and wait for the answer, whatever its status, but that of asking too often."""
        try:
            answered = send(outgoing, self.timeout_s)
        except UnclearError as error:
            raise NotSentError(error.message, is_unclear=True, stops=True) from None
        except GtmError as error:
            raise NotSentError(error.message, stops=True) from None
        if answered.status == TOO_MANY:
            raise NotSentError("asked to send less often (429)", wait=self.asked(answered), stops=True)
        return answered

    def tell(self, outgoing: Outgoing) -> Answered:
        """The same, where only a 2xx is an answer that is wanted."""
        answered = self.exchange(outgoing)
        if answered.status in _SUCCESS:
            return answered
        if answered.status in _REDIRECT:
            raise NotSentError(f"the address redirects elsewhere ({answered.status}), which is not followed")
        # what failed inside may have done its work before it did
        is_unclear = answered.status >= 500
        reason = f"answered {answered.status}"
        raise NotSentError(reason, is_unclear=is_unclear, wait=self.asked(answered))

    def asked(self, answered: Answered) -> timedelta | None:
        """How long the receiver wants to be left alone."""
        seconds = asked_to_wait(answered.headers, self.wall)
        return None if seconds is None else timedelta(seconds=min(seconds, 10**7))


def code(text: object) -> str:
    """A receiver's own word for an error, short and harmless."""
    return re.sub(r"[^a-z0-9_.:-]", "", one_line(str(text), 60).lower()) or "an error without a name"
