"""A budget never lets more through than the vendor's window allows, and as much as it allows."""

import asyncio
import time
from datetime import timedelta

import pytest

from execution.clients.allowance import Allowance
from execution.clients.limits import Budget, Budgets
from execution.directives.model.source import RateLimit

from .fakes import FakeTime


def limit(requests: int, per_s: float, concurrency: int = 8) -> RateLimit:
    return RateLimit(requests=requests, per=timedelta(seconds=per_s), concurrency=concurrency)


async def send(budget: Budget, time_: FakeTime, count: int, takes_s: float = 0.0) -> list[float]:
    """The moments at which `count` requests went out that were all wanted at once."""
    sent: list[float] = []

    async def one() -> None:
        async with budget:
            sent.append(time_.now)
            if takes_s:
                await time_.sleep(takes_s)

    await asyncio.gather(*(one() for _ in range(count)))
    return sent


def most_in_a_window(moments: list[float], per_s: float) -> int:
    return max(sum(start <= moment < start + per_s for moment in moments) for start in moments)


@pytest.mark.parametrize(("requests", "per_s"), [(3, 1.0), (1, 0.25), (10, 10.0)])
def test_a_first_burst_then_never_more_than_the_window_allows(requests: int, per_s: float) -> None:
    time_ = FakeTime()
    sent = asyncio.run(send(Budget(limit(requests, per_s), time_.clock()), time_, 25))

    assert sent[:requests] == [0.0] * requests
    assert most_in_a_window(sent, per_s) == requests
    assert sent[-1] <= (25 // requests) * per_s * 1.02


def test_slow_answers_do_not_make_bursts() -> None:
    time_ = FakeTime()
    sent = asyncio.run(send(Budget(limit(5, 1.0, concurrency=3), time_.clock()), time_, 30, takes_s=0.3))

    assert most_in_a_window(sent, 1.0) <= 5


def test_no_more_under_way_than_the_concurrency() -> None:
    time_ = FakeTime()
    budget = Budget(limit(1000, 1.0, concurrency=4), time_.clock())
    under_way = most = 0

    async def one() -> None:
        nonlocal under_way, most
        async with budget:
            under_way += 1
            most = max(most, under_way)
            await time_.sleep(0.01)
            under_way -= 1

    async def run() -> None:
        await asyncio.gather(*(one() for _ in range(20)))

    asyncio.run(run())
    assert most == 4


def test_a_pause_holds_back_everybody_and_is_counted() -> None:
    time_ = FakeTime()
    budget = Budget(limit(100, 1.0), time_.clock())
    budget.pause(5.0)
    budget.pause(2.0)

    sent = asyncio.run(send(budget, time_, 3))

    assert sent == [5.0, 5.0, 5.0]
    assert budget.waited_s == 5.0


def test_requests_go_in_the_order_they_came() -> None:
    time_ = FakeTime()
    budget = Budget(limit(1, 1.0), time_.clock())
    order: list[int] = []

    async def one(number: int) -> None:
        async with budget:
            order.append(number)

    async def run() -> None:
        await asyncio.gather(*(one(number) for number in range(6)))

    asyncio.run(run())
    assert order == list(range(6))


def test_what_the_vendor_says_is_left_is_not_overdrawn() -> None:
    time_ = FakeTime()
    budget = Budget(limit(1000, 1.0, concurrency=4), time_.clock())

    async def run() -> list[float]:
        async with budget:
            budget.learn(Allowance(2, 30.0))
        return await send(budget, time_, 6)

    assert asyncio.run(run()) == [0.0, 0.0, 30.0, 30.0, 30.0, 30.0]


def test_those_under_way_are_taken_off_what_is_left() -> None:
    time_ = FakeTime()
    budget = Budget(limit(1000, 1.0, concurrency=4), time_.clock())

    async def run() -> list[float]:
        async with budget, budget, budget:
            budget.learn(Allowance(2, 30.0))
        return await send(budget, time_, 1)

    assert asyncio.run(run()) == [30.0]


def test_plenty_left_changes_nothing() -> None:
    time_ = FakeTime()
    budget = Budget(limit(1000, 1.0, concurrency=4), time_.clock())

    async def run() -> list[float]:
        async with budget:
            budget.learn(Allowance(0, 30.0))
            budget.learn(Allowance(400, 30.0))
            budget.learn(Allowance(0, None))
        return await send(budget, time_, 6)

    assert asyncio.run(run()) == [0.0] * 6


def test_a_request_cancelled_while_it_waits_leaves_its_place() -> None:
    time_ = FakeTime()
    budget = Budget(limit(1, 10.0, concurrency=1), time_.clock())

    async def wait() -> None:
        async with budget:
            pass

    async def run() -> float:
        async with budget:
            pass
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with budget:
            return time_.now

    assert asyncio.run(run()) == pytest.approx(10.1)


def test_streams_with_the_same_limit_share_one_budget() -> None:
    budgets = Budgets()

    assert budgets.of(limit(4, 1.0)) is budgets.of(limit(4, 1.0))
    assert budgets.of(limit(4, 1.0)) is not budgets.of(limit(5, 1.0))


def test_costs_microseconds_where_it_does_not_wait() -> None:
    budget = Budget(limit(1_000_000, 1.0))

    async def run() -> float:
        start = time.perf_counter()
        for _ in range(10_000):
            async with budget:
                pass
        return (time.perf_counter() - start) / 10_000

    assert asyncio.run(run()) < 50e-6
