"""Time as deliveries see it, how fast they may follow one another, and when one that failed is tried again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import md5

from execution.directives.model.routing import Retry

LONGEST_WAIT = timedelta(days=1)
"""However long a receiver wants to be left alone, it is asked again after a day."""


@dataclass(frozen=True, slots=True)
class Clock:
    """`monotonic` and `sleep` in seconds."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


REAL = Clock()
_APART_S = 1.0


@dataclass
class Spacing:
    """Messages to one place are a second apart: Slack takes no more of them in a channel."""

    clock: Clock
    last: dict[str, float] = field(default_factory=dict)

    def wait(self, place: str) -> None:
        """Wait until the next message may go to that place."""
        before = self.last.get(place)
        if before is not None and (left := before + _APART_S - self.clock.monotonic()) > 0:
            self.clock.sleep(left)
        self.last[place] = self.clock.monotonic()


def wait_before(retry: Retry, id_: str, attempts: int, asked: timedelta | None = None) -> timedelta:
    """How long after its `attempts`-th failure a message waits; at least as long as the receiver `asked` for.

    The jitter follows from the message and the attempt, so the same failure always waits as long.
    """
    try:
        grown = retry.first.total_seconds() * retry.factor ** (attempts - 1)
    except OverflowError:
        grown = retry.longest.total_seconds()
    seconds = min(grown, retry.longest.total_seconds())
    chance = int(md5(f"{id_}:{attempts}".encode(), usedforsecurity=False).hexdigest()[:8], 16) / 0xFFFFFFFF
    waited = timedelta(seconds=seconds * (1 + retry.jitter * (2 * chance - 1)))
    return max(waited, min(asked or timedelta(0), LONGEST_WAIT))
