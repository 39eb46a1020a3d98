"""What an account is billed and what it pays, over its whole story.

Pure: from the account's milestones, which say what it pays from when on. List prices times quantities make exactly the
milestones' monthly revenue for accounts billed in US dollars.
"""

from collections.abc import Iterator
from typing import NamedTuple

from execution.sandbox.world.accounts import FUTURE, Account
from execution.sandbox.world.courses import PLANS, is_young
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.invoicing import Invoicing
from execution.sandbox.world.ledger import Failure, Ledger, Subscription, Terms, moments_of
from execution.sandbox.world.moments import DAY, MINUTE, NEVER, months_after

_CURRENCY_BY_NUMBER = {7: "jpy", 32: "jpy", 13: "eur", 22: "eur", 41: "eur", 28: "gbp", 47: "gbp"}
"""Of every fifty accounts; the others are billed in US dollars."""
_PLAN_NUMBERS = {plan: number for number, (plan, _) in enumerate(PLANS)}
_FEEDBACK = ("too_expensive", "switched_service", "unused", "missing_features", "customer_service", "low_quality", None)
_DELINQUENTS = {"steady": 30, "growing": 10, "leaving": 700, "stalling": 150, "churned": 250}
_NOTICED = 20 * DAY
"""Who leaves because no charge succeeds stopped paying at least so long before."""


class Habits(NamedTuple):
    """How an account is billed, and whether it stops paying."""

    is_yearly: bool
    rebate: int
    has_email: bool
    is_twice: bool
    is_delinquent: bool


Life = tuple[tuple[Terms, ...], int]
"""What an account subscribed to without a break, and until when."""


def make_ledger(seed: int, account: Account, as_of: int, *, fails_from: int = NEVER, deleted_at: int = NEVER) -> Ledger:
    """An account's ledger; pure. `fails_from` and `deleted_at` are what was done by hand: no charge succeeds from then
    on, the customer is deleted, which ends its subscription."""
    dice, besides = Dice(seed, "billing", account.number), Dice(seed, "billing besides", account.number)
    habits, lives = _habits(dice, account, as_of), list(_lives(account))
    currency = _CURRENCY_BY_NUMBER.get(account.number % 50, "usd")
    interval = "year" if habits.is_yearly and not habits.is_delinquent else "month"
    ledger = Ledger(account.number, currency, interval, habits.rebate, habits.has_email)
    if not lives:
        return ledger
    own = _ended(_first(dice, account, lives[0], as_of, habits), deleted_at)
    since = own.created - 5 * MINUTE
    earlier = account.started + dice.between(10 * MINUTE, 90 * MINUTE) if habits.is_twice and own.trial_end else NEVER
    is_lasting, months, is_tidied = not besides.happens(450), besides.pick((3, 6, 12)), besides.happens(120)
    subscriptions = [own, *_dropped(own, earlier)] if earlier < since else [own]
    for life in lives[1:]:
        if life[0][0].at < deleted_at:
            subscriptions.append(_ended(_again(besides, len(subscriptions), life), deleted_at))
    ledger = ledger._replace(
        discount_ends=NEVER if is_lasting else months_after(own.created, months),
        since=since,
        earlier=earlier if earlier < since else NEVER,
        subscriptions=tuple(subscriptions),
    )
    bills = _billed(seed, account, ledger, as_of, is_delinquent=habits.is_delinquent)
    if fails_from < NEVER:
        for subscription in subscriptions:
            bills.stop_paying(subscription, fails_from, NEVER)
    tidied = account.churned_at + 30 * DAY if account.churned_at < NEVER and is_tidied else NEVER
    bills.refund(Dice(seed, "refunds", account.number), as_of)
    bills.write_off()
    failures = tuple(Failure(i.subscription, i.failed_at, i.paid_at) for i in bills.made if i.failed_at < NEVER)
    ledger = ledger._replace(deleted_at=min(tidied, deleted_at), invoices=tuple(bills.made), failures=failures)
    return ledger._replace(moments=moments_of(ledger))


def _habits(dice: Dice, account: Account, as_of: int) -> Habits:
    is_yearly, rebate = dice.happens(160), dice.pick((10, 20, 25)) if dice.happens(90) else 0
    has_email, is_twice = not dice.happens(30), dice.happens(70)
    return Habits(is_yearly, rebate, has_email, is_twice, dice.below(1000) < _delinquents(account, as_of))


def _billed(seed: int, account: Account, ledger: Ledger, as_of: int, *, is_delinquent: bool) -> Invoicing:
    """Everything that an account is billed, and whether it pays."""
    own, *later = (one for one in ledger.subscriptions if one.customer == 0)
    bills, dice = Invoicing(Dice(seed, "invoices", account.number), ledger), Dice(seed, "dues", account.number)
    bills.lay_out(own, as_of + FUTURE)
    if is_delinquent and account.course == "churned":
        bills.stop_paying(own, bills.cycle_of(own.ends_at - _NOTICED), NEVER)
    elif is_delinquent:
        recovery = NEVER
        since = bills.cycle_of(as_of - dice.between(DAY, 14 * DAY))
        if account.course != "leaving":  # who leaves never pays again, others mend it in the weeks to come
            recovery = as_of + dice.between(4 * DAY, 40 * DAY)
        bills.stop_paying(own, since, recovery)
    for again in later:
        bills.lay_out(again, as_of + FUTURE)
    return bills


def _delinquents(account: Account, as_of: int) -> int:
    """How many of a thousand accounts of this course do not pay: around `as_of`, or when they left."""
    return 0 if is_young(account.started, as_of) else _DELINQUENTS.get(account.course, 0)


def _lives(account: Account) -> Iterator[Life]:
    """One for most, another where it left and came back."""
    terms: list[Terms] = []
    for milestone in account.milestones:
        if milestone.plan is not None:
            plan = _PLAN_NUMBERS[milestone.plan]
            terms.append(Terms(milestone.at, plan, milestone.seats, milestone.add_ons))
        elif terms:
            yield tuple(terms), milestone.at
            terms = []
    if terms:
        yield tuple(terms), NEVER


def _first(dice: Dice, account: Account, life: Life, as_of: int, habits: Habits) -> Subscription:
    terms, end = life
    trial_end = next((milestone.until for milestone in account.milestones if milestone.stage == "trial"), 0)
    asked, why, feedback = end, "cancellation_requested", dice.pick(_FEEDBACK)
    if end < NEVER and account.course == "leaving":
        asked = min(end, as_of - dice.between(1 * DAY, 12 * DAY))
    if habits.is_delinquent:
        asked, why, feedback = end, "payment_failed", None
    if end == NEVER:
        return Subscription(0, 0, terms[0].at, trial_end, terms, NEVER, NEVER, None, None)
    return Subscription(0, 0, terms[0].at, trial_end, terms, asked, end, why, feedback)


def _dropped(own: Subscription, earlier: int) -> list[Subscription]:
    """The trial that was begun before, under another customer."""
    trial, ended = Terms(earlier + MINUTE, 0, 1), own.created + 5 * MINUTE
    reason = "cancellation_requested"
    return [Subscription(1, 1, trial.at, trial.at + 14 * DAY, (trial,), ended, ended, reason, "other")]


def _again(dice: Dice, number: int, life: Life) -> Subscription:
    """The subscription of an account that came back."""
    terms, end = life
    why, feedback = ("cancellation_requested", dice.pick(_FEEDBACK)) if end < NEVER else (None, None)
    return Subscription(number, 0, terms[0].at, 0, terms, end, end, why, feedback)


def _ended(own: Subscription, deleted_at: int) -> Subscription:
    """The subscription of a customer who is deleted then."""
    if deleted_at >= own.ends_at:
        return own
    return own._replace(asked_at=deleted_at, ends_at=deleted_at, reason=None, feedback=None)
