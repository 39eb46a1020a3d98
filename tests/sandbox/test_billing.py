"""What accounts are billed: invoices follow one another, the money fits the account's story, trouble and all."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.sandbox.sealing import Seal
from execution.sandbox.shelf import Shelf
from execution.sandbox.world import World, moments
from execution.sandbox.world.billing import GRACE, make_ledger, unit_amount
from execution.sandbox.world.moments import DAY, NEVER

AS_OF = moments.of(datetime(2026, 11, 2, 12, tzinfo=UTC))


@pytest.fixture(scope="module")
def world() -> World:
    return World(1, 3_000, AS_OF)


def test_green_and_red_customers_in_the_shares_we_want(world: World) -> None:
    found: Counter[str] = Counter()
    for number in range(world.census.accounts):
        ledger, account = world.ledger(number), world.account(number)
        if not ledger.subscriptions or ledger.since > AS_OF:
            continue
        status = ledger.status_at(ledger.subscriptions[0], AS_OF)
        if status == "canceled":
            found["churned"] += 1
        elif status in {"past_due", "unpaid"}:
            found["delinquent"] += 1
        else:
            found["stalling" if account.churned_at < NEVER else "healthy"] += 1
    shares = {name: count * 100 // found.total() for name, count in found.items()}
    assert 52 <= shares["healthy"] <= 68
    assert 12 <= shares["stalling"] <= 26
    assert 6 <= shares["delinquent"] <= 14
    assert 6 <= shares["churned"] <= 14


def test_subscriptions_are_worth_what_the_account_pays(world: World) -> None:
    for number in range(world.census.accounts):
        ledger = world.ledger(number)
        if ledger.subscriptions and ledger.since <= AS_OF and ledger.currency == "usd":
            own, standing = ledger.subscriptions[0], world.account(number).at(AS_OF)
            terms = own.terms_at(AS_OF)
            is_paying = ledger.status_at(own, AS_OF) not in {"canceled", "trialing"}
            worth = unit_amount(terms.plan, "month", "usd") * terms.seats if is_paying else 0
            assert worth == standing.mrr_cents


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_invoices_follow_one_another(seed: int) -> None:
    world = World(seed, 240, AS_OF)
    for number in range(world.census.accounts):
        ledger = world.ledger(number)
        cycles = [one for one in ledger.invoices if one.reason != "subscription_update"]
        assert all(one.end == other.start for one, other in pairwise(cycles))
        assert [one.number for one in ledger.invoices] == list(range(len(ledger.invoices)))
        for one in ledger.invoices:
            assert one.start < one.end
            assert 0 <= one.discount <= one.amount
            assert [attempt.at for attempt in one.attempts] == sorted(attempt.at for attempt in one.attempts)
            assert not any(attempt.succeeds for attempt in one.attempts[:-1])
            assert set(ledger.moments) >= {attempt.at for attempt in one.attempts}


def test_who_stops_paying_is_past_due_and_then_unpaid(world: World) -> None:
    number = next(n for n in range(99) if world.account(n).course == "growing" and world.ledger(n).interval == "month")
    ledger = make_ledger(1, world.account(number), AS_OF, fails_from=AS_OF)
    failed = ledger.failing_since(AS_OF + 45 * DAY)
    own = ledger.subscriptions[0]
    assert failed < NEVER
    assert ledger.status_at(own, failed - 1) == "active"
    assert ledger.status_at(own, failed) == "past_due"
    assert ledger.status_at(own, failed + GRACE) == "unpaid"
    assert all(one.paid_at == NEVER for one in ledger.invoices if one.created > failed and one.total)


@given(st.integers(0, 10_000), st.integers(0, (1 << 48) - 1), st.sampled_from(["in", "contact"]))
def test_ids_name_what_they_were_made_of(seed: int, number: int, kind: str) -> None:
    seal = Seal(seed, "x")
    text = seal.of(kind, number)
    assert len(text) == 24
    assert seal.read(kind, text) == number
    assert seal.read("other", text) is None
    assert Seal(seed + 1, "x").read(kind, text) is None
    assert seal.read(kind, text[:-1]) is None
    assert seal.read(kind, "z" * 24) is None


@given(st.integers(0, 4_000_000_000_000_000), st.integers(0, 40))
def test_months_are_calendar_months(moment: int, months: int) -> None:
    later = moments.months_after(moment, months)
    assert later - moment <= months * 31 * DAY
    assert later % DAY == moment % DAY
    assert moments.months_after(moment, 0) == moment


def test_a_shelf_keeps_what_fits() -> None:
    shelf, made = Shelf(most_bytes=10), []

    def text(key: str) -> bytes:
        return shelf.text(key, lambda: made.append(key) or b"1234")  # type: ignore[func-returns-value]

    for key in ("a", "b", "a", "c", "a"):
        assert text(key) == b"1234"
    assert made == ["a", "b", "c", "a"]
    shelf.clear()
    assert text("c") == b"1234"
    assert made[-1] == "c"
