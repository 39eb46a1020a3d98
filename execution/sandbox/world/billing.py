"""What an account is billed and what it pays: its subscriptions, invoices and attempts to charge, over its whole story.

Pure: from the account's milestones, which say what it pays from when on. Amounts are minor units of the currency;
list prices times seats make exactly the milestones' monthly revenue for accounts billed in US dollars.
"""

from bisect import bisect_right
from typing import NamedTuple

from execution.sandbox.world.accounts import FUTURE, PLANS, Account
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.moments import DAY, HOUR, MINUTE, NEVER, SECOND, months_after

RETRIES = (0, 3 * DAY, 8 * DAY, 15 * DAY)
"""When a payment that fails is tried, counted from the first time."""
GRACE = 21 * DAY
"""After so long without payment a subscription is no longer past due, but unpaid."""

_YEN_EVERY = 25
_PLAN_NUMBERS = {plan: number for number, (plan, _) in enumerate(PLANS)}
_FEEDBACK = ("too_expensive", "switched_service", "unused", "missing_features", "customer_service", "low_quality", None)


class Terms(NamedTuple):
    """From `at` on: a plan by its number, and how many seats."""

    at: int
    plan: int
    seats: int


class Attempt(NamedTuple):
    """One try to charge."""

    at: int
    succeeds: bool


class Invoice(NamedTuple):
    """One bill over `start` … `end`. `amount` is before the discount; without attempts it is a draft, or over 0."""

    number: int
    created: int
    start: int
    end: int
    reason: str
    plan: int
    seats: int
    amount: int
    discount: int
    attempts: tuple[Attempt, ...]

    @property
    def total(self) -> int:
        return self.amount - self.discount

    @property
    def paid_at(self) -> int:
        """When it was paid, NEVER if it is not; one over nothing is paid at once."""
        if self.total == 0:
            return self.created
        return self.attempts[-1].at if self.attempts and self.attempts[-1].succeeds else NEVER

    @property
    def failed_at(self) -> int:
        """When a charge first failed."""
        return self.attempts[0].at if self.attempts and not self.attempts[0].succeeds else NEVER


class Subscription(NamedTuple):
    """Number 0 is the account's; 1 a trial that its people began and dropped before, under another customer.

    `asked_at` is when somebody said that it is to end, `ends_at` when it does; NEVER for most.
    """

    number: int
    created: int
    trial_end: int
    terms: tuple[Terms, ...]
    asked_at: int
    ends_at: int
    reason: str | None
    feedback: str | None

    def terms_at(self, now: int) -> Terms:
        """What is subscribed to at `now`."""
        return self.terms[max(0, bisect_right(self.terms, now, key=lambda terms: terms.at) - 1)]


class Ledger(NamedTuple):
    """Everything between one account and the payment provider; without subscriptions if it never tried the product.

    since            when its customer was made there
    earlier          when a second customer with the same address was made, NEVER for most
    deleted_at       when the customer was deleted
    failures         (from, to) for each invoice whose first charge failed: how long it stayed unpaid
    moments          every moment at which anything of it changes, in order
    """

    account: int
    currency: str
    interval: str
    percent_off: int
    has_email: bool
    since: int
    earlier: int
    deleted_at: int
    subscriptions: tuple[Subscription, ...]
    invoices: tuple[Invoice, ...]
    failures: tuple[tuple[int, int], ...] = ()
    moments: tuple[int, ...] = ()

    def status_at(self, subscription: Subscription, now: int) -> str:
        """trialing, active, past_due, unpaid or canceled."""
        if subscription.ends_at <= now:
            return "canceled"
        if now < subscription.trial_end:
            return "trialing"
        failed = self.failing_since(now) if subscription.number == 0 else NEVER
        if failed == NEVER:
            return "active"
        return "past_due" if now < failed + GRACE else "unpaid"

    def failing_since(self, now: int) -> int:
        """Since when payment is due, NEVER if none is."""
        return min((low for low, high in self.failures if low <= now < high), default=NEVER)

    def changed_at(self, now: int) -> int:
        """The last change up to `now`, 0 if there was none."""
        place = bisect_right(self.moments, now)
        return self.moments[place - 1] if place else 0

    def period_at(self, subscription: Subscription, now: int) -> tuple[int, int]:
        """The period that is running, or ran when it ended."""
        now = min(now, subscription.ends_at)
        if subscription.number or now < subscription.trial_end:
            return subscription.created, subscription.trial_end
        running = [invoice for invoice in self.invoices if invoice.created <= now and _is_of_cycle(invoice)]
        return (running[-1].start, running[-1].end) if running else (subscription.created, subscription.trial_end)


def customer_id(seed: int, account: int, number: int = 0) -> str:
    """The id of an account's customer at the payment provider; number 1 is the second one with the same address."""
    return f"cus_{Dice(seed, 'stripe again' if number else 'stripe', account).below(36**10):014x}"


def unit_amount(plan: int, interval: str, currency: str) -> int:
    """The list price of one seat for one interval, in minor units; a yen has none."""
    price = PLANS[plan][1] * (12 if interval == "year" else 1)
    return price * 3 // 2 if currency == "jpy" else price


def make_ledger(seed: int, account: Account, as_of: int, *, fails_from: int = NEVER, deleted_at: int = NEVER) -> Ledger:
    """An account's ledger; pure. `fails_from` and `deleted_at` are what was done by hand: no charge succeeds from then
    on, the customer is deleted."""
    dice = Dice(seed, "billing", account.number)
    currency = "jpy" if account.number % _YEN_EVERY == 7 else "usd"
    is_yearly, rebate = dice.happens(160), dice.pick((10, 20, 25)) if dice.happens(90) else 0
    has_email, is_twice = not dice.happens(30), dice.happens(70)
    is_delinquent = dice.below(1000) < _delinquents(account)
    interval = "year" if is_yearly and not is_delinquent else "month"
    terms = _terms(account)
    if not terms:
        return Ledger(account.number, currency, interval, rebate, has_email, NEVER, NEVER, NEVER, (), ())
    own = _subscription(dice, account, terms, as_of, is_delinquent=is_delinquent)
    since = own.created - 5 * MINUTE
    earlier = account.started + dice.between(10 * MINUTE, 90 * MINUTE) if is_twice and own.trial_end else NEVER
    subscriptions: tuple[Subscription, ...] = (own,)
    if earlier < since:
        trial = Terms(earlier + MINUTE, 0, 1)
        ended = own.created + 5 * MINUTE
        subscriptions += (
            Subscription(1, trial.at, trial.at + 14 * DAY, (trial,), ended, ended, "cancellation_requested", "other"),
        )
    bills = _Bills(dice, own, currency, interval, rebate)
    bills.lay_out(min(own.ends_at, as_of + FUTURE))
    if is_delinquent:
        bills.stop_paying(as_of - dice.between(DAY, 14 * DAY), _recovery(dice, account, as_of))
    if fails_from < NEVER:
        bills.stop_paying(fails_from, NEVER)
    tidied = own.ends_at + 30 * DAY if own.ends_at < NEVER and dice.happens(120) else NEVER
    failures = tuple((one.failed_at, one.paid_at) for one in bills.made if one.failed_at < NEVER)
    ledger = Ledger(
        account.number, currency, interval, rebate, has_email, since, earlier if earlier < since else NEVER,
        min(tidied, deleted_at), subscriptions, tuple(bills.made), failures,
    )  # fmt: skip
    return ledger._replace(moments=_moments(ledger))


def _delinquents(account: Account) -> int:
    """How many of a thousand accounts of this course do not pay around `as_of`."""
    if account.churned_at == NEVER:
        return {"steady": 30, "growing": 10}.get(account.course, 0)
    return {"leaving": 700, "stalling": 150}.get(account.course, 0)


def _recovery(dice: Dice, account: Account, as_of: int) -> int:
    """Those who leave never pay again; others mend it in the weeks to come."""
    return NEVER if account.course == "leaving" else as_of + dice.between(4 * DAY, 40 * DAY)


def _terms(account: Account) -> tuple[Terms, ...]:
    found = []
    for milestone in account.milestones:
        if milestone.plan is not None:
            plan = _PLAN_NUMBERS[milestone.plan]
            found.append(Terms(milestone.at, plan, max(1, milestone.mrr_cents // PLANS[plan][1])))
    return tuple(found)


def _subscription(
    dice: Dice, account: Account, terms: tuple[Terms, ...], as_of: int, *, is_delinquent: bool
) -> Subscription:
    stages = [milestone.stage for milestone in account.milestones if milestone.plan is not None]
    trial_end = terms[1].at if stages[0] == "trial" and len(terms) > 1 else 0
    end = account.churned_at
    asked, why, feedback = end, "cancellation_requested", dice.pick(_FEEDBACK)
    if end < NEVER and account.course == "leaving":
        asked = min(end, as_of - dice.between(1 * DAY, 12 * DAY))
    if is_delinquent:
        asked, why, feedback = end, "payment_failed", None
    if end == NEVER:
        return Subscription(0, terms[0].at, trial_end, terms, NEVER, NEVER, None, None)
    return Subscription(0, terms[0].at, trial_end, terms, asked, end, why, feedback)


class _Bills:
    """The invoices of one subscription while they are laid out."""

    def __init__(self, dice: Dice, subscription: Subscription, currency: str, interval: str, percent_off: int) -> None:
        self._dice = dice
        self._subscription = subscription
        self._currency = currency
        self._interval = interval
        self._percent_off = percent_off
        self.made: list[Invoice] = []

    def lay_out(self, end: int) -> None:
        """All of them before `end`."""
        subscription = self._subscription
        if subscription.trial_end:
            terms = subscription.terms[0]
            self._add(terms, terms.at, (terms.at, subscription.trial_end), "subscription_create", 0)
        anchor = subscription.trial_end or subscription.created
        step = 12 if self._interval == "year" else 1
        cycle, at = 0, anchor
        while at < end:
            following = months_after(anchor, (cycle + 1) * step)
            terms = subscription.terms_at(at)
            reason = "subscription_cycle" if cycle or subscription.trial_end else "subscription_create"
            self._add(terms, at, (at, following), reason, self._price(terms))
            for change in subscription.terms:
                if at < change.at < min(following, end):
                    self._prorate(terms, change, (at, following))
                    terms = change
            cycle, at = cycle + 1, following

    def _price(self, terms: Terms) -> int:
        return unit_amount(terms.plan, self._interval, self._currency) * terms.seats

    def _prorate(self, old: Terms, new: Terms, period: tuple[int, int]) -> None:
        """An upgrade is billed at once for what is left of the period; a downgrade waits for the next one."""
        more = (self._price(new) - self._price(old)) * (period[1] - new.at) // (period[1] - period[0])
        if more > 0:
            self._add(new, new.at, (new.at, period[1]), "subscription_update", more)

    def _add(self, terms: Terms, at: int, period: tuple[int, int], reason: str, amount: int) -> None:
        discount = amount * self._percent_off // 100
        first = at + (HOUR if reason == "subscription_cycle" else 2 * SECOND)
        attempts: tuple[Attempt, ...] = ()
        if amount - discount:
            failures = self._dice.between(1, 2) if self._dice.happens(40) else 0
            attempts = tuple(Attempt(first + RETRIES[turn], turn == failures) for turn in range(failures + 1))
        number = len(self.made)
        self.made.append(Invoice(number, at, *period, reason, terms.plan, terms.seats, amount, discount, attempts))

    def stop_paying(self, since: int, until: int) -> None:
        """From the last cycle up to `since` on nothing is paid, till everything is at `until`.

        While the subscription is unpaid its new invoices stay drafts.
        """
        before = [invoice.created for invoice in self.made if invoice.created <= since and _is_of_cycle(invoice)]
        start = before[-1] if before else since
        first: int | None = None
        for place, invoice in enumerate(self.made):
            if not invoice.attempts or invoice.created < start or invoice.created >= until:
                continue
            begun = invoice.attempts[0].at
            first = begun if first is None else first
            tried = () if begun >= first + GRACE else tuple(Attempt(begun + later, False) for later in RETRIES)  # noqa: FBT003
            kept = tuple(attempt for attempt in tried if attempt.at < min(until, self._subscription.ends_at))
            paid = (Attempt(until, True),) if until < NEVER else ()  # noqa: FBT003
            self.made[place] = invoice._replace(attempts=kept + paid)


def _is_of_cycle(invoice: Invoice) -> bool:
    return invoice.reason != "subscription_update"


def _moments(ledger: Ledger) -> tuple[int, ...]:
    found = {ledger.since, ledger.earlier, ledger.deleted_at}
    for subscription in ledger.subscriptions:
        found |= {subscription.created, subscription.trial_end, subscription.asked_at, subscription.ends_at}
        found |= {terms.at for terms in subscription.terms}
    for invoice in ledger.invoices:
        found |= {invoice.created, *(attempt.at for attempt in invoice.attempts)}
        if invoice.failed_at < NEVER:
            found.add(invoice.failed_at + GRACE)
    return tuple(sorted(moment for moment in found if 0 < moment < NEVER))
