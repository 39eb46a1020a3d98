"""Stripe's API over the world: customers, subscriptions, invoices, charges, prices, products and the feed of events.

Wire facts come from the vendor's own description of version 2023-08-16 and its changelog for 2025-03-31.basil: lists
are newest first and go on after the last record's id, times are seconds, amounts minor units, canceled subscriptions
are hidden unless asked for, events live for thirty days and are rendered in the account's version, not the caller's. A
cursor that names something no longer in the list, such as a customer deleted since, is a 400; who deletes a customer
cancels its subscriptions.

Assumed, for want of a source: the wording of most 400s, that a list filtered by an unknown customer is a 400, that the
end of a rebate is told by `customer.discount.deleted` alone, that what is owing when a subscription ends is written
off, and no credit for a downgrade. Paths are served with and without `/v1`, since a client's base URL may hold it.
Not there: lists of refunds and discounts, disputes, balance transactions, tiers, use-based prices, pauses, search,
anything that writes.
"""

from execution.sandbox.stripe.vendor import Stripe

__all__ = ["Stripe"]
