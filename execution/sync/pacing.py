"""How long so many requests take at the least, by the rate limits that the directives declare. Pure.

Only waiting for a place in a window is counted. How long a vendor takes to answer is not known before asking, so what
`concurrency` and the network cost comes on top.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import floor

from execution.directives.model.source import RateLimit

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """One rate limit, and what this run takes of it.

    requests, per, concurrency  so many requests in any `per` (seconds), so many under way at once
    shared_by                   the streams that share it
    asked                       their requests in this run: the expected ones, or the least where those are not known
    seconds                     how long they take at the least
    daily                       how many requests it allows in a day
    """

    requests: int
    per: timedelta
    concurrency: int
    shared_by: tuple[str, ...]
    asked: int
    seconds: float
    daily: int

    @property
    def is_more_than_a_day(self) -> bool:
        return self.asked > self.daily


def least_seconds(requests: int, limit: RateLimit) -> float:
    """The first `limit.requests` may go at once; each further one when the one so many before it is a window old."""
    return max(0, requests - 1) // limit.requests * limit.per.total_seconds()


def limits(limited: Mapping[str, RateLimit], asked: Mapping[str, int]) -> tuple[Limit, ...]:
    """The limits that the streams are under, with what is `asked` of each; equal ones are one and shared."""
    sharing: dict[tuple[int, timedelta, int], list[str]] = {}
    for name, limit in limited.items():
        sharing.setdefault((limit.requests, limit.per, limit.concurrency), []).append(name)
    found = []
    for names in sharing.values():
        limit, requests = limited[names[0]], sum(asked[name] for name in names)
        daily = floor(limit.requests * (_DAY / limit.per))
        seconds = least_seconds(requests, limit)
        found.append(Limit(limit.requests, limit.per, limit.concurrency, tuple(names), requests, seconds, daily))
    return tuple(found)


def longest_path(seconds: Mapping[str, float], waits_for: Mapping[str, Sequence[str]]) -> float:
    """When the last of several is done that go on side by side, each after those it waits for. Those come before it."""
    done: dict[str, float] = {}
    for name, own in seconds.items():
        done[name] = own + max((done[other] for other in waits_for[name] if other in done), default=0.0)
    return max(done.values(), default=0.0)


def in_words(length: timedelta) -> str:
    """`45 s`, `10 min`, `6 h`, `30 d`: one number that never says more than there is."""
    seconds = length.total_seconds()
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or seconds == size:
            return f"{_cut(seconds / size)} {unit}"
    return f"{_cut(seconds)} s"


def _cut(number: float) -> str:
    return f"{floor(number):,}" if number >= 10 else f"{floor(number * 10) / 10:g}"
