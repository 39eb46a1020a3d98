"""What accounts are billed: invoices follow one another, the money fits the account's story, trouble and all."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.sandbox.sealing import Seal
from execution.sandbox.world import World, moments
from execution.sandbox.world.billing import make_ledger
from execution.sandbox.world.ledger import GRACE, unit_amount
from execution.sandbox.world.moments import DAY, NEVER
from execution.sandbox.world.movements import movements

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
            own, standing = ledger.current(AS_OF), world.account(number).at(AS_OF)
            is_paying = ledger.status_at(own, AS_OF) not in {"canceled", "trialing"}
            worth = sum(unit_amount(item, "month", "usd") * many for item, many in own.terms_at(AS_OF).items)
            assert (worth if is_paying else 0) == standing.mrr_cents


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_invoices_follow_one_another(seed: int) -> None:
    world = World(seed, 240, AS_OF)
    for number in range(world.census.accounts):
        ledger = world.ledger(number)
        for own in ledger.subscriptions:
            cycles = [one for one in ledger.billed(own, NEVER) if one.is_of_cycle]
            assert all(one.end == other.start for one, other in pairwise(cycles))
            assert all(own.created <= one.created < own.ends_at for one in cycles)
        assert [one.number for one in ledger.invoices] == list(range(len(ledger.invoices)))
        assert [one.created for one in ledger.invoices] == sorted(one.created for one in ledger.invoices)
        for one in ledger.invoices:
            assert one.start < one.end
            assert all(0 <= line.discount <= line.amount for line in one.lines)
            assert one.total == one.amount - one.discount
            assert NEVER in {one.paid_at, one.written_off_at}
            assert [attempt.at for attempt in one.attempts] == sorted(attempt.at for attempt in one.attempts)
            assert not any(attempt.succeeds for attempt in one.attempts[:-1])
            assert set(ledger.moments) >= {attempt.at for attempt in one.attempts}


def test_two_years_hold_every_kind_of_story(world: World) -> None:
    found: Counter[str] = Counter()
    since = AS_OF - 730 * DAY
    for number in range(world.census.accounts):
        account, ledger = world.account(number), world.ledger(number)
        past = [milestone for milestone in account.milestones if since < milestone.at <= AS_OF]
        for old, new in pairwise(past):
            found[f"{old.stage} {new.stage}"] += 1
            if old.stage == new.stage == "customer":
                found["expanded" if new.mrr_cents > old.mrr_cents else "contracted"] += 1
        for own in ledger.subscriptions:
            found[str(own.reason)] += since < own.ends_at <= AS_OF
            found["several items"] += len(own.terms_at(AS_OF).items) > 1
            found["seats"] += own.terms_at(AS_OF).seats > 1
        found[ledger.currency] += 1
        found[ledger.interval] += 1
        found["rebate"] += ledger.percent_off > 0
        found["rebate with an end"] += ledger.percent_off > 0 and ledger.discount_ends < NEVER
        found["written off"] += sum(since < one.written_off_at <= AS_OF for one in ledger.invoices)
        tries = [attempt for one in ledger.invoices for attempt in one.attempts]
        found["refunded"] += sum(attempt.refunded_at <= AS_OF for attempt in tries)
    for kind, least in {
        "trial customer": 300, "trial churned": 10, "customer churned": 60, "churned customer": 20,
        "expanded": 200, "contracted": 80, "cancellation_requested": 60, "payment_failed": 15,
        "several items": 80, "seats": 300, "usd": 700, "eur": 30, "gbp": 20, "jpy": 20, "month": 600, "year": 90,
        "rebate": 60, "rebate with an end": 20, "written off": 15, "refunded": 20,
    }.items():  # fmt: skip
        assert found[kind] >= least, (kind, found[kind])


def test_movements_add_up_to_what_is_paid(world: World) -> None:
    accounts = [world.account(number) for number in range(world.census.accounts)]
    moved = movements(accounts, AS_OF)
    assert sum(sum(kinds.values()) for kinds in moved.values()) == sum(one.at(AS_OF).mrr_cents for one in accounts)
    assert {kind for kinds in moved.values() for kind in kinds} == {
        "new", "expansion", "contraction", "churn", "reactivation",
    }  # fmt: skip
    assert len(moved) >= 24
    for kinds in moved.values():
        assert all(cents < 0 if kind in {"churn", "contraction"} else cents > 0 for kind, cents in kinds.items())
    newest = max(moved)
    assert movements(accounts, AS_OF - 400 * DAY).keys() < moved.keys()
    assert newest <= "2026-11"


def test_who_was_moved_over_is_billed_in_the_same_second(world: World) -> None:
    made = Counter(
        invoice.created // moments.SECOND
        for number in range(world.census.accounts)
        for invoice in world.ledger(number).invoices
        if invoice.created <= AS_OF
    )
    assert max(made.values()) > 20
    assert sum(1 for many in made.values() if many > 10) > 12


@pytest.mark.parametrize("edit", ["churned_at", "fails_from", "deleted_at"])
def test_what_is_done_by_hand_changes_nothing_before(edit: str) -> None:
    plain, edited = World(4, 240, AS_OF), World(4, 240, AS_OF)
    for number in range(edited.census.accounts):
        setattr(edited.edits.account(number), edit, AS_OF + 1)
    for number in range(plain.census.accounts):
        one, other = plain.ledger(number), edited.ledger(number)
        if one.since > AS_OF:
            continue
        assert (one.discount_ends, one.since, one.earlier) == (other.discount_ends, other.since, other.earlier)
        for old, new in zip(one.subscriptions, other.subscriptions, strict=False):
            assert one.status_at(old, AS_OF) == other.status_at(new, AS_OF)
            assert one.period_at(old, AS_OF) == other.period_at(new, AS_OF)
            assert old.terms_at(AS_OF) == new.terms_at(AS_OF)
        there, still = ([i for i in ledger.invoices if i.created <= AS_OF] for ledger in (one, other))
        assert [i.lines for i in there] == [i.lines for i in still]
        assert [i.status_at(AS_OF) for i in there] == [i.status_at(AS_OF) for i in still]
        tries = [[a for i in of for a in i.attempts if a.at <= AS_OF] for of in (there, still)]
        assert [(a.at, a.succeeds) for a in tries[0]] == [(a.at, a.succeeds) for a in tries[1]]
        assert [a.refunded for a in tries[0] if a.refunded_at <= AS_OF] == [
            a.refunded for a in tries[1] if a.refunded_at <= AS_OF
        ]
        talks = [[t for t in world.conversations(number) if t.created <= AS_OF] for world in (plain, edited)]
        assert talks[0] == talks[1]
        people = plain.census.people_of(number)
        assert [plain.last_seen(plain.person(i)) for i in people] == [
            edited.last_seen(edited.person(i)) for i in people
        ]


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
