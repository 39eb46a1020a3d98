"""Invoices with their lines, as they are at a moment."""

from typing import NamedTuple

from execution.sandbox.exchange import Record
from execution.sandbox.stripe.catalogue import PLANS_BY_OFFER, PRICES, Offer
from execution.sandbox.stripe.subscriptions import discount, discount_id, item_id
from execution.sandbox.stripe.things import (
    CHARGE,
    CUSTOMER,
    INVOICE,
    SUBSCRIPTION,
    Thing,
    View,
    charge_number,
    listed,
    seconds,
)
from execution.sandbox.world.ledger import EXTRA, OFFERED, Invoice, Ledger, Line

_INVOICE: Record = {
    "account_country": "US", "account_name": "Northbeam", "account_tax_ids": None, "amount_shipping": 0,
    "application": None, "application_fee_amount": None, "automatic_tax": {"enabled": False, "status": None},
    "collection_method": "charge_automatically", "custom_fields": None, "customer_shipping": None,
    "customer_tax_exempt": "none", "customer_tax_ids": [], "default_payment_method": None, "default_source": None,
    "default_tax_rates": [], "description": None, "due_date": None, "ending_balance": 0, "footer": None,
    "from_invoice": None, "last_finalization_error": None, "latest_revision": None, "livemode": False,
    "metadata": {}, "on_behalf_of": None, "paid_out_of_band": False,
    "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
    "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "quote": None,
    "receipt_number": None, "rendering_options": None, "shipping_cost": None, "shipping_details": None,
    "starting_balance": 0, "statement_descriptor": None, "tax": None, "test_clock": None, "total_tax_amounts": [],
    "transfer_data": None,
}  # fmt: skip
_GONE_IN_BASIL = ("charge", "subscription", "subscription_details", "payment_intent", "paid", "paid_out_of_band",
                  "discount", "tax", "application_fee_amount", "quote", "total_tax_amounts", "transfer_data",
                  "subscription_proration_date")  # fmt: skip


class _Told(NamedTuple):
    """An invoice while it is rendered."""

    view: View
    ledger: Ledger
    own: Invoice
    id_: str
    customer: str
    subscription: str


def invoice(view: View, thing: Thing) -> Record:
    """An invoice."""
    ledger = view.world.ledger(thing.account)
    own = ledger.invoices[thing.number]
    id_, subscription = view.ids.of(INVOICE, thing), view.ids.of(SUBSCRIPTION, Thing(thing.account, own.subscription))
    told = _Told(view, ledger, own, id_, view.ids.of(CUSTOMER, Thing(thing.account, 0)), subscription)
    record: Record = {
        "id": id_,
        "object": "invoice",
        **_INVOICE,
        **_amounts(told),
        **_progress(told),
        **_payer(told),
        "billing_reason": own.reason,
        "created": seconds(own.created),
        "lines": listed([_line(told, line) for line in own.lines], f"/v1/invoices/{id_}/lines"),
        "period_end": seconds(own.created),
        "period_start": seconds(own.start),
        "subscription": subscription,
        "subscription_details": {"metadata": {}},
        "webhooks_delivered_at": seconds(own.created),
    }
    return _as_basil(told, record) if view.basil else record


def _amounts(told: _Told) -> Record:
    own, is_paid = told.own, told.own.paid_at <= told.view.now
    discounts = _discounts(told, own.discount)
    reduced = discount(told.view, Thing(told.ledger.account, own.subscription)) if discounts else None
    return {
        "amount_due": own.total,
        "amount_paid": own.total if is_paid else 0,
        "amount_remaining": 0 if is_paid else own.total,
        "currency": told.ledger.currency,
        "discount": reduced,
        "discounts": [one["discount"] for one in discounts],
        "subtotal": own.amount,
        "subtotal_excluding_tax": own.amount,
        "total": own.total,
        "total_discount_amounts": discounts,
        "total_excluding_tax": own.total,
    }


def _progress(told: _Told) -> Record:
    """How far it has come: drafted, finalized, tried, paid."""
    own, now = told.own, told.view.now
    tried, status = own.tried_by(now), own.status_at(now)
    is_final, is_paid = status != "draft", status == "paid"
    finalized = seconds(own.attempts[0].at if own.attempts else own.created) if is_final else None
    charge = Thing(told.ledger.account, charge_number(own.number, tried - 1))
    to_come = [attempt.at for attempt in own.attempts if attempt.at > now]
    return {
        "attempt_count": tried,
        "attempted": tried > 0 or is_paid,
        "auto_advance": status in {"draft", "open"},
        "charge": told.view.ids.of(CHARGE, charge) if tried else None,
        "effective_at": finalized,
        "hosted_invoice_url": f"https://invoice.stripe.com/i/{told.id_}" if is_final else None,
        "invoice_pdf": f"https://pay.stripe.com/invoice/{told.id_}/pdf" if is_final else None,
        "next_payment_attempt": seconds(to_come[0]) if to_come and status in {"draft", "open"} else None,
        "number": f"{told.customer[-8:].upper()}-{own.number + 1:04d}" if is_final else None,
        "paid": is_paid,
        "payment_intent": f"pi_{told.id_[3:]}" if own.total and is_final else None,
        "status": status,
        "status_transitions": {
            "finalized_at": finalized,
            "marked_uncollectible_at": seconds(own.written_off_at) if status == "uncollectible" else None,
            "paid_at": seconds(own.paid_at) if is_paid else None,
            "voided_at": None,
        },
    }


def _payer(told: _Told) -> Record:
    name, email = told.view.payer(told.ledger.account)
    return {
        "customer": told.customer,
        "customer_address": None,
        "customer_email": email,
        "customer_name": name or told.view.world.account(told.ledger.account).name or None,
        "customer_phone": None,
    }


def _discounts(told: _Told, amount: int) -> list[Record]:
    return [{"amount": amount, "discount": discount_id(told.subscription)}] if amount else []


def _line(told: _Told, line: Line) -> Record:
    ledger, own = told.ledger, told.own
    offer = Offer(line.item, ledger.interval, ledger.currency)
    record: Record = {
        "id": f"il_{told.id_[3:]}{'x' if line.item == EXTRA else ''}",
        "object": "line_item",
        "amount": line.amount,
        "currency": ledger.currency,
        "description": f"{line.quantity} x Northbeam {OFFERED[line.item][0].capitalize()}",
        "discount_amounts": _discounts(told, line.discount),
        "discountable": own.reason != "subscription_update",
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "period": {"end": seconds(own.end), "start": seconds(own.start)},
        "quantity": line.quantity,
    }
    return record | (_basil_price(told, offer) if told.view.basil else _price(told, line, offer))


def _price(told: _Told, line: Line, offer: Offer) -> Record:
    """What a line is for, up to basil."""
    return {
        "amount_excluding_tax": line.amount,
        "plan": PLANS_BY_OFFER[offer],
        "price": PRICES[offer],
        "proration": told.own.reason == "subscription_update",
        "proration_details": {"credited_items": None},
        "subscription": told.subscription,
        "subscription_item": item_id(told.subscription, offer.item),
        "tax_amounts": [],
        "tax_rates": [],
        "type": "subscription",
        "unit_amount_excluding_tax": PRICES[offer]["unit_amount_decimal"],
    }


def _basil_price(told: _Told, offer: Offer) -> Record:
    price = PRICES[offer]
    details = {
        "invoice_item": None,
        "proration": told.own.reason == "subscription_update",
        "proration_details": None,
        "subscription": told.subscription,
        "subscription_item": item_id(told.subscription, offer.item),
    }
    return {
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": details,
            "type": "subscription_item_details",
        },
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
    }


def _as_basil(told: _Told, record: Record) -> Record:
    """An invoice names its subscription under `parent`, and no longer its charge."""
    details = {"metadata": {}, "subscription": told.subscription}
    kept = {name: value for name, value in record.items() if name not in _GONE_IN_BASIL}
    parent = {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
    return {**kept, "parent": parent}
