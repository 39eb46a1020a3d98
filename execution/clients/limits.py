"""A budget of requests: so many in any window of time, so many under way at once, and never more than the vendor says
are left.

Our own rather than aiolimiter's, because a vendor's headers and a 429 have to change the budget while requests wait
in it, and because a leaky bucket lets up to twice its size through in one window.
"""

import asyncio
from collections import deque

from execution.clients.allowance import Allowance
from execution.clients.clock import REAL, Clock
from execution.directives.model.source import RateLimit

_SLACK = 0.01
"""Windows are taken 1 % longer than they are: requests do not all travel equally fast, and a 429 costs more."""


class Budget:
    """Lets requests through in the order they came: the first `requests` at once, each further one when the one
    `requests` before it is a window old. `waited_s` is how long requests were held back in all."""

    def __init__(self, limit: RateLimit, clock: Clock = REAL) -> None:
        self._clock = clock
        self.window_s = limit.per.total_seconds() * (1 + _SLACK)
        self._sent: deque[float] = deque(maxlen=limit.requests)
        self._requests = limit.requests
        self._turn = asyncio.Lock()
        self._places = asyncio.Semaphore(limit.concurrency)
        self._concurrency = limit.concurrency
        self._under_way = 0
        self._paused_until = 0.0
        self._left: int | None = None
        self.waited_s = 0.0

    async def __aenter__(self) -> None:
        """Waits for a place among those under way, then for one in the window."""
        await self._places.acquire()
        try:
            if self._turn.locked() or self._wait() > 0:
                async with self._turn:
                    await self._wait_for_window()
        except BaseException:
            self._places.release()
            raise
        self._under_way += 1
        if self._left is not None:
            self._left -= 1
        self._sent.append(self._clock.monotonic())

    async def __aexit__(self, *_: object) -> None:
        self._under_way -= 1
        self._places.release()

    def pause(self, seconds: float) -> None:
        """Lets nothing through for so long; a longer pause stays."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def learn(self, allowance: Allowance) -> None:
        """Takes note of what an answer said is left, while its own request still counts as under way.

        Requests under way are taken not to be counted by the vendor yet. While there is plenty, nothing changes.
        """
        if allowance.reset_s is None or allowance.remaining > 2 * self._concurrency:
            self._left = None
            return
        self._left = max(0, allowance.remaining - (self._under_way - 1))
        self._left_until = self._clock.monotonic() + allowance.reset_s

    async def _wait_for_window(self) -> None:
        while (wait := self._wait()) > 0:
            self.waited_s += wait
            await self._clock.sleep(wait)

    def _wait(self) -> float:
        """Seconds until the next request may go."""
        now = self._clock.monotonic()
        until = self._paused_until
        if len(self._sent) == self._requests:
            until = max(until, self._sent[0] + self.window_s)
        if self._left is not None:
            if now >= self._left_until:
                self._left = None
            elif self._left <= 0:
                until = max(until, self._left_until)
        return until - now


class Budgets:
    """The budgets of one source. Streams that declare the same limit of their own share one: a vendor's limit on, say,
    searches is one for all that search."""

    def __init__(self, clock: Clock = REAL) -> None:
        self._clock = clock
        self._by_limit: dict[tuple[object, ...], Budget] = {}

    def of(self, limit: RateLimit) -> Budget:
        key = (limit.requests, limit.per, limit.concurrency)
        if key not in self._by_limit:
            self._by_limit[key] = Budget(limit, self._clock)
        return self._by_limit[key]

    @property
    def waited_s(self) -> float:
        return sum(budget.waited_s for budget in self._by_limit.values())
