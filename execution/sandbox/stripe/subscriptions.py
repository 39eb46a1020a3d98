"""Subscriptions with their items and discounts, as they are at a moment."""

from execution.sandbox.exchange import Record
from execution.sandbox.stripe.catalogue import PLANS_BY_OFFER, PRICES, Offer
from execution.sandbox.stripe.things import CUSTOMER, INVOICE, SUBSCRIPTION, Thing, View, listed, seconds
from execution.sandbox.world.ledger import EXTRA, Ledger, Subscription
from execution.sandbox.world.moments import DAY, NEVER

_MONTH = 30.4 * DAY

_SUBSCRIPTION: Record = {
    "application": None, "application_fee_percent": None, "automatic_tax": {"enabled": False},
    "billing_thresholds": None, "collection_method": "charge_automatically", "days_until_due": None,
    "default_payment_method": None, "default_source": None, "default_tax_rates": [], "description": None,
    "livemode": False, "metadata": {}, "next_pending_invoice_item_invoice": None, "on_behalf_of": None,
    "pause_collection": None, "pending_invoice_item_interval": None, "pending_setup_intent": None,
    "pending_update": None, "schedule": None, "test_clock": None, "transfer_data": None,
    "payment_settings": {
        "payment_method_options": None, "payment_method_types": None, "save_default_payment_method": "off",
    },
    "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
}  # fmt: skip


def subscription(view: View, thing: Thing) -> Record:
    """A subscription; where it has several items, none of them is its plan."""
    ledger, now = view.world.ledger(thing.account), view.now
    own = ledger.subscriptions[thing.number]
    id_, items = view.ids.of(SUBSCRIPTION, thing), _items(view, ledger, own)
    billed = ledger.billed(own, now)
    record: Record = {
        "id": id_,
        "object": "subscription",
        **_SUBSCRIPTION,
        "billing_cycle_anchor": seconds(own.trial_end or own.created),
        **_ending(own, now),
        "created": seconds(own.created),
        "currency": ledger.currency,
        "customer": view.ids.of(CUSTOMER, Thing(thing.account, own.customer)),
        "items": listed(items, f"/v1/subscription_items?subscription={id_}"),
        "latest_invoice": view.ids.of(INVOICE, Thing(thing.account, billed[-1].number)) if billed else None,
        "plan": items[0]["plan"] if len(items) == 1 else None,
        "quantity": items[0]["quantity"] if len(items) == 1 else None,
        "start_date": seconds(own.created),
        "status": ledger.status_at(own, now),
        "trial_end": seconds(own.trial_end) if own.trial_end else None,
        "trial_start": seconds(own.created) if own.trial_end else None,
    }
    reduced = discount(view, thing) if ledger.is_reduced_at(own, now) else None
    if view.basil:
        return {**record, "discounts": [reduced["id"]] if reduced else []}
    return {**record, **_period(ledger, own, now), "discount": reduced}


def _items(view: View, ledger: Ledger, own: Subscription) -> list[Record]:
    id_ = view.ids.of(SUBSCRIPTION, Thing(ledger.account, own.number))
    items: list[Record] = []
    for item, many in own.terms_at(view.now).items:
        offer = Offer(item, ledger.interval, ledger.currency)
        items.append({
            "id": item_id(id_, item), "object": "subscription_item", "billing_thresholds": None,
            "created": seconds(own.created), "metadata": {}, "plan": PLANS_BY_OFFER[offer], "price": PRICES[offer],
            "quantity": many, "subscription": id_, "tax_rates": [],
            **(_period(ledger, own, view.now) if view.basil else {}),
        })  # fmt: skip
    return items


def _period(ledger: Ledger, own: Subscription, now: int) -> Record:
    start, end = ledger.period_at(own, now)
    return {"current_period_start": seconds(start), "current_period_end": seconds(end)}


def _ending(own: Subscription, now: int) -> Record:
    """Whether, when and why it ends or ended."""
    is_asked = own.asked_at <= now
    return {
        "cancel_at": seconds(own.ends_at) if is_asked and now < own.ends_at else None,
        "cancel_at_period_end": False,
        "canceled_at": seconds(own.asked_at) if is_asked else None,
        "cancellation_details": {
            "comment": None,
            "feedback": own.feedback if is_asked else None,
            "reason": own.reason if is_asked else None,
        },
        "ended_at": seconds(own.ends_at) if own.ends_at <= now else None,
    }


def discount(view: View, thing: Thing) -> Record:
    """The rebate on a subscription, which is its account's first."""
    ledger = view.world.ledger(thing.account)
    percent, created = ledger.percent_off, ledger.subscriptions[thing.number].created
    subscription_id = view.ids.of(SUBSCRIPTION, thing)
    is_lasting = ledger.discount_ends == NEVER
    months = None if is_lasting else round((ledger.discount_ends - created) / _MONTH)
    return {
        "id": discount_id(subscription_id),
        "object": "discount",
        "checkout_session": None,
        "coupon": {
            "id": f"FRIEND{percent}" if is_lasting else f"START{percent}X{months}", "object": "coupon",
            "amount_off": None, "created": 1_672_531_200, "currency": None,
            "duration": "forever" if is_lasting else "repeating", "duration_in_months": months, "livemode": False,
            "max_redemptions": None, "metadata": {}, "name": f"{percent} % off", "percent_off": float(percent),
            "redeem_by": None, "times_redeemed": 12, "valid": True,
        },
        "customer": view.ids.of(CUSTOMER, Thing(thing.account, 0)),
        "end": None if is_lasting else seconds(ledger.discount_ends),
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "start": seconds(created),
        "subscription": subscription_id,
    }  # fmt: skip


def discount_id(subscription_id: str) -> str:
    """The id of a subscription's discount."""
    return f"di_{subscription_id[4:]}"


def item_id(subscription_id: str, item: int) -> str:
    """The id of a subscription's item."""
    return f"si_{subscription_id[4:]}{'x' if item == EXTRA else ''}"
