"""What lies between an account and the payment provider: subscriptions, invoices and attempts to charge, over its
whole story. What of it has happened is asked of a moment. Amounts are minor units of the currency.
"""

from bisect import bisect_right
from typing import NamedTuple

from execution.sandbox.world.courses import ADD_ON, PLANS
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.moments import DAY, NEVER

GRACE = 21 * DAY
"""After so long without payment a subscription is no longer past due, but unpaid."""

OFFERED = (*PLANS, ADD_ON)
"""What is sold by the number that goes for it: the plans, and the add-on after them."""
EXTRA = len(PLANS)

_RATES = {"usd": (1, 1), "eur": (1, 1), "gbp": (4, 5), "jpy": (3, 2)}
"""Minor units of a currency for a US cent on the price list; a yen has none."""
CURRENCIES = tuple(_RATES)


class Terms(NamedTuple):
    """From `at` on: a plan by its number, how many seats, and how many add-ons."""

    at: int
    plan: int
    seats: int
    add_ons: int = 0

    @property
    def items(self) -> tuple[tuple[int, int], ...]:
        """What is subscribed to: (what, how many)."""
        return ((self.plan, self.seats), (EXTRA, self.add_ons)) if self.add_ons else ((self.plan, self.seats),)


class Attempt(NamedTuple):
    """One try to charge; of what it took, `refunded` was given back at `refunded_at`."""

    at: int
    succeeds: bool
    refunded: int = 0
    refunded_at: int = NEVER


class Line(NamedTuple):
    """What an invoice bills for one item of a subscription; `amount` is before the discount."""

    item: int
    quantity: int
    amount: int
    discount: int


class Invoice(NamedTuple):
    """One bill over `start` … `end`. Without attempts it is a draft, or over 0; what is unpaid when its subscription
    ends is written off."""

    number: int
    subscription: int
    created: int
    start: int
    end: int
    reason: str
    lines: tuple[Line, ...]
    attempts: tuple[Attempt, ...]
    written_off_at: int = NEVER

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.discount for line in self.lines)

    @property
    def total(self) -> int:
        return sum(line.amount - line.discount for line in self.lines)

    @property
    def is_of_cycle(self) -> bool:
        """Whether it opens a period, rather than bills for a change within one."""
        return self.reason != "subscription_update"

    @property
    def paid_at(self) -> int:
        """When it was paid, NEVER if it is not; one over nothing is paid at once."""
        if self.total == 0:
            return self.created
        return self.attempts[-1].at if self.attempts and self.attempts[-1].succeeds else NEVER

    def tried_by(self, now: int) -> int:
        """How many charges there were by `now`."""
        return sum(attempt.at <= now for attempt in self.attempts)

    def status_at(self, now: int) -> str:
        """draft, open, paid or uncollectible."""
        if self.paid_at <= now:
            return "paid"
        if self.written_off_at <= now:
            return "uncollectible"
        return "open" if self.tried_by(now) else "draft"

    @property
    def failed_at(self) -> int:
        """When a charge first failed."""
        return self.attempts[0].at if self.attempts and not self.attempts[0].succeeds else NEVER


class Subscription(NamedTuple):
    """Number 0 is an account's first. `customer` is 0 but for a trial that its people began and dropped before, under
    another customer, which is 1.

    `asked_at` is when somebody said that it is to end, `ends_at` when it does; NEVER for most.
    """

    number: int
    customer: int
    created: int
    trial_end: int
    terms: tuple[Terms, ...]
    asked_at: int
    ends_at: int
    reason: str | None
    feedback: str | None

    def terms_at(self, now: int) -> Terms:
        """What is, or was last, subscribed to at `now`."""
        now = min(now, self.ends_at)
        return self.terms[max(0, bisect_right(self.terms, now, key=lambda terms: terms.at) - 1)]


class Failure(NamedTuple):
    """An invoice of a subscription whose first charge failed: how long it stayed unpaid."""

    subscription: int
    since: int
    until: int


class Ledger(NamedTuple):
    """Everything between one account and the payment provider; without subscriptions if it never tried the product.

    since            when its customer was made there
    earlier          when a second customer with the same address was made, NEVER for most
    deleted_at       when the customer was deleted
    discount_ends    when the rebate on the first subscription ends, NEVER where it lasts
    moments          every moment at which anything of it changes, in order
    """

    account: int
    currency: str
    interval: str
    percent_off: int
    has_email: bool
    discount_ends: int = NEVER
    since: int = NEVER
    earlier: int = NEVER
    deleted_at: int = NEVER
    subscriptions: tuple[Subscription, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    failures: tuple[Failure, ...] = ()
    moments: tuple[int, ...] = ()

    def current(self, now: int, customer: int = 0) -> Subscription:
        """The subscription that a customer has at `now`, or had last."""
        own = [one for one in self.subscriptions if one.customer == customer]
        return ([one for one in own if one.created <= now] or own)[-1]

    def status_at(self, subscription: Subscription, now: int) -> str:
        """trialing, active, past_due, unpaid or canceled."""
        if subscription.ends_at <= now:
            return "canceled"
        if now < subscription.trial_end:
            return "trialing"
        failed = self._failing_since(now, subscription.number)
        if failed == NEVER:
            return "active"
        return "past_due" if now < failed + GRACE else "unpaid"

    def failing_since(self, now: int) -> int:
        """Since when payment is due, NEVER if none is."""
        return min((since for _, since, until in self.failures if since <= now < until), default=NEVER)

    def _failing_since(self, now: int, number: int) -> int:
        own = (since for of, since, until in self.failures if of == number and since <= now < until)
        return min(own, default=NEVER)

    def is_reduced_at(self, subscription: Subscription, now: int) -> bool:
        """Whether the rebate holds for a subscription."""
        return self.percent_off > 0 and subscription.number == 0 and now < self.discount_ends

    def changed_at(self, now: int) -> int:
        """The last change up to `now`, 0 if there was none."""
        place = bisect_right(self.moments, now)
        return self.moments[place - 1] if place else 0

    def billed(self, subscription: Subscription, now: int) -> list[Invoice]:
        """A subscription's invoices that have been made by `now`."""
        return [one for one in self.invoices if one.subscription == subscription.number and one.created <= now]

    def period_at(self, subscription: Subscription, now: int) -> tuple[int, int]:
        """The period that is running, or ran when it ended."""
        now = min(now, subscription.ends_at)
        running = [] if now < subscription.trial_end else [i for i in self.billed(subscription, now) if i.is_of_cycle]
        return (running[-1].start, running[-1].end) if running else (subscription.created, subscription.trial_end)


def customer_id(seed: int, account: int, number: int = 0) -> str:
    """The id of an account's customer at the payment provider; number 1 is the second one with the same address."""
    return f"cus_{Dice(seed, 'stripe again' if number else 'stripe', account).below(36**10):014x}"


def unit_amount(item: int, interval: str, currency: str) -> int:
    """The list price of one of what is offered for one interval, in minor units."""
    many, of = _RATES[currency]
    return OFFERED[item][1] * (12 if interval == "year" else 1) * many // of


def moments_of(ledger: Ledger) -> tuple[int, ...]:
    """Every moment at which anything of a ledger changes, in order."""
    found = {ledger.since, ledger.earlier, ledger.deleted_at, ledger.discount_ends if ledger.percent_off else NEVER}
    for subscription in ledger.subscriptions:
        found |= {subscription.created, subscription.trial_end, subscription.asked_at, subscription.ends_at}
        found |= {terms.at for terms in subscription.terms}
    for invoice in ledger.invoices:
        found |= {invoice.created, invoice.written_off_at}
        found |= {moment for attempt in invoice.attempts for moment in (attempt.at, attempt.refunded_at)}
        if invoice.failed_at < NEVER:
            found.add(invoice.failed_at + GRACE)
    return tuple(sorted(moment for moment in found if 0 < moment < NEVER))
