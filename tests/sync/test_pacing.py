"""The least that rate limits let requests take: never more than the budgets of the clients take."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.clients.limits import Budget
from execution.directives.model.source import RateLimit
from execution.sync.pacing import in_words, least_seconds, limits, longest_path
from tests.clients.fakes import FakeTime


def limit(requests: int, per_s: float) -> RateLimit:
    return RateLimit(requests=requests, per=timedelta(seconds=per_s), concurrency=8)


async def took(budget: Budget, time_: FakeTime, requests: int) -> float:
    """When the last of `requests` went out that were all wanted at once, by answers that take no time."""

    async def one() -> None:
        async with budget:
            pass

    await asyncio.gather(*(one() for _ in range(requests)))
    return time_.now


@given(requests=st.integers(1, 30), window=st.integers(1, 7), per_s=st.sampled_from([0.5, 1.0, 10.0]))
@settings(max_examples=40, deadline=None)
def test_it_is_what_a_budget_takes_but_for_its_slack(requests: int, window: int, per_s: float) -> None:
    time_, least = FakeTime(), least_seconds(requests, limit(window, per_s))
    real = asyncio.run(took(Budget(limit(window, per_s), time_.clock()), time_, requests))
    assert least <= real + 1e-9
    assert real <= least * 1.011 + 1e-9


def test_nothing_asked_takes_no_time() -> None:
    assert least_seconds(0, limit(1, 10)) == 0


def test_streams_that_declare_the_same_limit_share_it() -> None:
    search, general = limit(4, 1), limit(100, 10)
    asked = {"contacts": 100, "deals": 60, "owners": 1}
    found = limits({"contacts": search, "owners": general, "deals": search}, asked)
    assert [(each.shared_by, each.asked, each.seconds) for each in found] == [
        (("contacts", "deals"), 160, 39.0),
        (("owners",), 1, 0.0),
    ]
    assert [each.daily for each in found] == [345_600, 864_000]


def test_a_days_quota_is_known_to_be_too_small() -> None:
    (within,) = limits({"a": limit(1000, 86_400)}, {"a": 1000})
    (beyond,) = limits({"a": limit(1000, 86_400)}, {"a": 2001})
    assert (within.is_more_than_a_day, within.seconds) == (False, 0)
    assert (beyond.is_more_than_a_day, beyond.seconds) == (True, 2 * 86_400)


def test_side_by_side_the_longest_counts_one_after_the_other_the_sum() -> None:
    assert longest_path({}, {}) == 0
    assert longest_path({"a": 3, "b": 5}, {"a": (), "b": ()}) == 5
    assert longest_path({"a": 3, "b": 5, "c": 1}, {"a": (), "b": ("a",), "c": ("b", "absent")}) == 9


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.25, "0.2 s"),
        (45.9, "45 s"),
        (60, "1 min"),
        (90, "90 s"),
        (200, "3.3 min"),
        (3600, "1 h"),
        (3719, "61 min"),
        (86_400 * 1234, "1,234 d"),
    ],
)
def test_lengths_in_words(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
