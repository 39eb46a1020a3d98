"""Which ways there are out of the machine, and whether what goes out is only a test."""

from collections.abc import Mapping
from dataclasses import dataclass

from execution.directives import Program
from execution.directives.model.routing import Channel, Inbox
from execution.settings import Environment

INBOX = "inbox"
"""The channel of the Markdown inbox where the directive names none: it needs nothing."""

NOT_ENABLED = "channel not enabled"
NO_SUCH = "there is no such channel"
NO_TEST = "test mode, and the channel names no test: address"

_YES = {"1", "true", "yes", "on"}


@dataclass(frozen=True, slots=True)
class Modes:
    """The channels by name, whether this is a test altogether, and which sources there are to write back to."""

    channels: Mapping[str, Channel]
    is_test: bool
    sources: tuple[str, ...] = ()

    def refusal(self, name: str | None) -> str | None:
        """Why nothing may go through a channel; None where it may."""
        channel = self.channels.get(name or "")
        if channel is None:
            return NO_SUCH
        if not channel.enabled:
            return NOT_ENABLED
        return NO_TEST if self.is_test and channel.test is None and not isinstance(channel, Inbox) else None

    def tests(self, channel: Channel) -> bool:
        """Whether what goes through a channel is marked as a test."""
        return self.is_test or channel.test is not None

    @property
    def inboxes(self) -> dict[str, Inbox]:
        """The enabled inboxes by name."""
        return {name: one for name, one in self.channels.items() if isinstance(one, Inbox) and one.enabled}


def modes(program: Program, environment: Environment, *, test: bool) -> Modes:
    """What the routing directive and the environment say; `ALERT_TEST_MODE` is the same as `test`."""
    channels: dict[str, Channel] = dict(program.routing.channels)
    if not any(isinstance(one, Inbox) for one in channels.values()) and INBOX not in channels:
        channels[INBOX] = Inbox(type="inbox")
    is_test = test or (environment.get("ALERT_TEST_MODE") or "").lower() in _YES
    return Modes(channels, is_test, tuple(sorted(program.sources)))
