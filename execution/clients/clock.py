"""Time as the clients see it, so that tests of waits, windows and resets take no time."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """`monotonic` and `wall` in seconds (wall: since 1970, UTC); `jitter(low, high)` is a random number in between."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[float, float], float] = random.uniform


REAL = Clock()
