"""How often a caller may ask: counts in windows, fixed or rolling, the way the vendors count."""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple


class Allowance(NamedTuple):
    """The answer to one request for a place; `reset_s` are the seconds until the window begins anew."""

    granted: bool
    limit: int
    remaining: int
    reset_s: float


_LIFTED = 1 << 60


class Window:
    """At most `limit` in any window of `seconds`; windows follow one another from the first request on."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._begun = -math.inf
        self._used = 0

    def take(self) -> Allowance:
        """Use one place, if there is one left; a refused request uses none."""
        now = self._clock()
        if now - self._begun >= self.seconds:
            self._begun, self._used = now, 0
        reset_s = self.seconds - (now - self._begun)
        if self._used >= self.limit:
            return Allowance(granted=False, limit=self.limit, remaining=0, reset_s=reset_s)
        self._used += 1
        return Allowance(granted=True, limit=self.limit, remaining=self.limit - self._used, reset_s=reset_s)


class Rolling:
    """At most `limit` in the `seconds` before any moment, so that no two windows can be emptied one after the other."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._taken: deque[float] = deque()

    def take(self) -> Allowance:
        """Use one place, if there is one left; a refused request uses none."""
        now, taken = self._clock(), self._taken
        while taken and now - taken[0] >= self.seconds:
            taken.popleft()
        if len(taken) >= self.limit:
            return Allowance(granted=False, limit=self.limit, remaining=0, reset_s=self.seconds - (now - taken[0]))
        taken.append(now)
        reset_s = self.seconds - (now - taken[0])
        return Allowance(granted=True, limit=self.limit, remaining=self.limit - len(taken), reset_s=reset_s)


def scaled(limit: int, speed: float) -> int:
    """A vendor's limit at `speed` times its true rate, at least 1; 0 lifts it."""
    return max(1, round(limit * speed)) if speed else _LIFTED
