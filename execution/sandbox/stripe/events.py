"""Stripe's change feed: every change that the world makes to an account's money, as events."""

from collections.abc import Iterator
from typing import NamedTuple

from execution.sandbox.exchange import Record
from execution.sandbox.stripe.catalogue import PRICES, Offer
from execution.sandbox.stripe.things import CHARGE, CUSTOMER, DISCOUNT, INVOICE, SUBSCRIPTION, charge_number
from execution.sandbox.world.ledger import GRACE, Attempt, Invoice, Ledger, Subscription, Terms
from execution.sandbox.world.moments import DAY, NEVER, SECOND

RETENTION = 30 * DAY
API_VERSION = "2023-08-16"
"""The account's own: events are rendered in its shape, whatever version is asked for."""


class Happening(NamedTuple):
    """One event: at `at`, to thing `number` of a kind; `previous` is what it was before, in the vendor's own names."""

    at: int
    rank: int
    type: str
    kind: str
    number: int
    previous: Record | None = None


def story_of(ledger: Ledger) -> list[Happening]:
    """All events of an account in order; pure."""
    found = [
        Happening(since, 0, "customer.created", CUSTOMER, number)
        for number, since in enumerate((ledger.since, ledger.earlier))
        if since < NEVER
    ]
    for subscription in ledger.subscriptions:
        for story in (_of_subscription, _of_discount, _of_dues):
            found += story(ledger, subscription)
    for invoice in ledger.invoices:
        found += _of_invoice(invoice)
    found += _of_payment(ledger)
    found = [one for one in found if one.at <= ledger.deleted_at]
    if ledger.deleted_at < NEVER:
        found.append(Happening(ledger.deleted_at, 9, "customer.deleted", CUSTOMER, 0))
    return sorted(found, key=lambda one: one[:5])


def _of_subscription(ledger: Ledger, own: Subscription) -> Iterator[Happening]:
    def updated(at: int, previous: Record) -> Happening:
        return Happening(at, 4, "customer.subscription.updated", SUBSCRIPTION, own.number, previous)

    yield Happening(own.created, 1, "customer.subscription.created", SUBSCRIPTION, own.number)
    if own.created < own.trial_end < own.ends_at:
        yield updated(own.trial_end, {"status": "trialing"})
        if own.trial_end - 3 * DAY > own.created:
            at = own.trial_end - 3 * DAY
            yield Happening(at, 3, "customer.subscription.trial_will_end", SUBSCRIPTION, own.number)
    for old, new in zip(own.terms, own.terms[1:], strict=False):
        if new.at < own.ends_at:
            yield updated(new.at, _before(ledger, old))
    if own.asked_at < own.ends_at:
        yield updated(own.asked_at, {"cancel_at": None, "canceled_at": None})
    if own.ends_at < NEVER:
        yield Happening(own.ends_at, 8, "customer.subscription.deleted", SUBSCRIPTION, own.number)


def _of_discount(ledger: Ledger, own: Subscription) -> Iterator[Happening]:
    """It comes and goes without a word about the subscription."""
    if ledger.is_reduced_at(own, own.created):
        yield Happening(own.created, 2, "customer.discount.created", DISCOUNT, own.number)
        if ledger.discount_ends < own.ends_at:
            yield Happening(ledger.discount_ends, 2, "customer.discount.deleted", DISCOUNT, own.number)


def _of_dues(ledger: Ledger, own: Subscription) -> Iterator[Happening]:
    """The subscription turns past due and unpaid, and back."""
    turns = {at for one in ledger.invoices if one.subscription == own.number for at in _turns_of(one)}
    for at in sorted(turn for turn in turns if turn < own.ends_at):
        was = ledger.status_at(own, at - 1)
        if was != ledger.status_at(own, at) and was in {"active", "past_due", "unpaid"}:
            yield Happening(at, 7, "customer.subscription.updated", SUBSCRIPTION, own.number, {"status": was})


def _before(ledger: Ledger, old: Terms) -> Record:
    items = [
        {"price": PRICES[Offer(item, ledger.interval, ledger.currency)], "quantity": many} for item, many in old.items
    ]
    return {"items": {"data": items}, **({"quantity": old.seats} if len(items) == 1 else {})}


def _of_invoice(invoice: Invoice) -> Iterator[Happening]:
    yield Happening(invoice.created, 2, "invoice.created", INVOICE, invoice.number)
    if invoice.reason == "subscription_cycle":
        before = {"current_period_end": invoice.start // SECOND}
        yield Happening(invoice.created, 4, "customer.subscription.updated", SUBSCRIPTION, invoice.subscription, before)
    finalized = invoice.attempts[0].at if invoice.attempts else invoice.paid_at
    if finalized < NEVER:
        yield Happening(finalized, 3, "invoice.finalized", INVOICE, invoice.number)
    for number, attempt in enumerate(invoice.attempts):
        yield from _of_charge(invoice, attempt, charge_number(invoice.number, number))
    if invoice.paid_at < NEVER:
        yield Happening(invoice.paid_at, 6, "invoice.paid", INVOICE, invoice.number)
        yield Happening(invoice.paid_at, 7, "invoice.payment_succeeded", INVOICE, invoice.number)
    if invoice.written_off_at < NEVER:
        yield Happening(invoice.written_off_at, 7, "invoice.marked_uncollectible", INVOICE, invoice.number)


def _of_charge(invoice: Invoice, attempt: Attempt, number: int) -> Iterator[Happening]:
    yield Happening(attempt.at, 5, f"charge.{'succeeded' if attempt.succeeds else 'failed'}", CHARGE, number)
    if not attempt.succeeds:
        yield Happening(attempt.at, 6, "invoice.payment_failed", INVOICE, invoice.number)
    if attempt.refunded:
        before = {"amount_refunded": 0, **({"refunded": False} if attempt.refunded == invoice.total else {})}
        yield Happening(attempt.refunded_at, 5, "charge.refunded", CHARGE, number, before)


def _turns_of(invoice: Invoice) -> tuple[int, int, int]:
    """When an invoice may change whether its subscription is paid for."""
    return invoice.failed_at, invoice.failed_at + GRACE, invoice.paid_at


def _of_payment(ledger: Ledger) -> Iterator[Happening]:
    """The customer turns delinquent with the first failure, and back."""
    for at in sorted({at for one in ledger.invoices for at in _turns_of(one) if at < NEVER}):
        before, after = ledger.failing_since(at - 1), ledger.failing_since(at)
        if (before == NEVER) != (after == NEVER):
            yield Happening(at, 7, "customer.updated", CUSTOMER, 0, {"delinquent": before < NEVER})
