"""The world in Stripe's words: customers, subscriptions, invoices and charges as they are at a moment.

Two shapes: that of version 2023-08-16, and that of 2025-03-31.basil and later, where the period of a subscription is
its items', an invoice names its subscription under `parent`, and a charge no longer names its invoice.
"""

from functools import lru_cache
from typing import NamedTuple

from execution.sandbox.exchange import Record
from execution.sandbox.sealing import Seal
from execution.sandbox.stripe.catalogue import PLANS_BY_OFFER, PRICES, Offer
from execution.sandbox.world import World
from execution.sandbox.world.accounts import PLANS
from execution.sandbox.world.billing import Attempt, Invoice, Ledger, Subscription, Terms, customer_id
from execution.sandbox.world.moments import NEVER, SECOND
from execution.sandbox.world.words import PLACES

CUSTOMER, SUBSCRIPTION, INVOICE, CHARGE, EVENT = "cus", "sub", "in", "ch", "evt"
_PARTS = 12
"""Bits of a thing's number within its account."""
_TRIES = 3
"""Bits of a try's number within its invoice."""

_CUSTOMER: Record = {
    "balance": 0, "cash_balance": None, "default_source": None, "discount": None, "livemode": False,
    "invoice_settings": {
        "custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None,
    },
    "preferred_locales": [], "shipping": None, "tax_exempt": "none", "test_clock": None,
}  # fmt: skip
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
_CHARGE: Record = {
    "amount_refunded": 0, "application": None, "application_fee": None, "application_fee_amount": None,
    "balance_transaction": None, "calculated_statement_descriptor": "NORTHBEAM", "description": None,
    "disputed": False, "failure_balance_transaction": None, "fraud_details": {}, "livemode": False, "metadata": {},
    "on_behalf_of": None, "radar_options": {}, "receipt_email": None, "receipt_number": None, "receipt_url": None,
    "refunded": False, "review": None, "shipping": None, "source_transfer": None, "statement_descriptor": None,
    "statement_descriptor_suffix": None, "transfer_data": None, "transfer_group": None,
}  # fmt: skip
_APPROVED: Record = {
    "network_status": "approved_by_network", "reason": None, "risk_level": "normal", "risk_score": 20,
    "seller_message": "Payment complete.", "type": "authorized",
}  # fmt: skip
_DECLINED: Record = {
    "network_status": "declined_by_network", "reason": "insufficient_funds", "risk_level": "normal",
    "risk_score": 31, "seller_message": "The bank returned the decline code `insufficient_funds`.",
    "type": "issuer_declined",
}  # fmt: skip
_GONE_IN_BASIL = ("charge", "subscription", "subscription_details", "payment_intent", "paid", "paid_out_of_band",
                  "discount", "tax", "application_fee_amount", "quote", "total_tax_amounts", "transfer_data",
                  "subscription_proration_date")  # fmt: skip


class Thing(NamedTuple):
    """One object: its account's number, and its own within the account."""

    account: int
    number: int

    @property
    def packed(self) -> int:
        return self.account << _PARTS | self.number


def thing_of(packed: int) -> Thing:
    """The thing of a packed number."""
    return Thing(*divmod(packed, 1 << _PARTS))


def charge_number(invoice: int, attempt: int) -> int:
    """The number of a charge within its account."""
    return invoice << _TRIES | attempt


def attempt_of(ledger: Ledger, number: int) -> tuple[Invoice, Attempt]:
    """The invoice and the try of a charge."""
    invoice, attempt = divmod(number, 1 << _TRIES)
    return ledger.invoices[invoice], ledger.invoices[invoice].attempts[attempt]


class Wire:
    """Renders the things of one world; `now` and the shape are given with each."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seal = Seal(world.seed, "stripe")
        self.id_of = lru_cache(65_536)(self._make_id)
        self._payer = lru_cache(16_384)(self._make_payer)

    # --- ids --------------------------------------------------------------------------------------

    def _make_id(self, kind: str, thing: Thing) -> str:
        """`sub_…`, `in_…`, `ch_…`, `evt_…`; a customer's is the one that the CRM knows."""
        if kind == CUSTOMER:
            return customer_id(self._world.seed, thing.account, thing.number)
        return f"{kind}_{self._seal.of(kind, thing.packed)}"

    def read(self, kind: str, text: str) -> Thing | None:
        """The thing that an id (of any kind but customers) names."""
        packed = self._seal.read(kind, text.removeprefix(f"{kind}_")) if text.startswith(f"{kind}_") else None
        return None if packed is None else thing_of(packed)

    def _make_payer(self, account: int) -> tuple[str, str | None]:
        """The name and address on an account's bills: its main contact's. Neither ever changes."""
        person = self._world.person(self._world.census.people_of(account).start)
        return person.name, person.email if self._world.ledger(account).has_email else None

    # --- objects ----------------------------------------------------------------------------------

    def customer(self, thing: Thing, now: int) -> Record:
        """A customer that has not been deleted."""
        ledger, account = self._world.ledger(thing.account), self._world.account(thing.account)
        person = self._world.person(self._world.census.people_of(thing.account).start)
        is_second = thing.number == 1
        billed = [invoice for invoice in ledger.invoices if invoice.created <= now and not is_second]
        city, state, postcode, _, _, _ = PLACES[account.place]
        id_ = self.id_of(CUSTOMER, thing)
        email = person.email if ledger.has_email else None
        return {
            "id": id_,
            "object": "customer",
            **_CUSTOMER,
            "address": {"city": city, "country": None, "line1": None, "line2": None, "postal_code": postcode,
                        "state": state or None},
            "created": (ledger.earlier if is_second else ledger.since) // SECOND,
            "currency": ledger.currency if billed else None,
            "delinquent": not is_second and ledger.failing_since(now) < NEVER,
            "description": account.name or None,
            "email": email.title() if email and is_second and thing.account % 2 else email,
            "invoice_prefix": id_[-8:].upper(),
            "metadata": {"plan": PLANS[ledger.subscriptions[thing.number].terms_at(now).plan][0]},
            "name": person.name or None,
            "next_invoice_sequence": len(billed) + 1,
            "phone": person.phone,
        }  # fmt: skip

    def subscription(self, thing: Thing, now: int, *, basil: bool = False) -> Record:
        """A subscription with its one item."""
        ledger = self._world.ledger(thing.account)
        own = ledger.subscriptions[thing.number]
        terms = own.terms_at(min(now, own.ends_at))
        offer = Offer(terms.plan, ledger.interval, ledger.currency)
        start, end = (moment // SECOND for moment in ledger.period_at(own, now))
        id_ = self.id_of(SUBSCRIPTION, thing)
        item: Record = {
            "id": f"si_{id_[4:]}", "object": "subscription_item", "billing_thresholds": None,
            "created": own.created // SECOND, "metadata": {}, "plan": PLANS_BY_OFFER[offer], "price": PRICES[offer],
            "quantity": terms.seats, "subscription": id_, "tax_rates": [],
        }  # fmt: skip
        discount = self._discount(ledger, own, id_) if ledger.percent_off and not thing.number else None
        billed = [one for one in ledger.invoices if one.created <= now] if thing.number == 0 else []
        latest = self.id_of(INVOICE, Thing(thing.account, billed[-1].number)) if billed else None
        has_trial = own.trial_end > 0
        is_scheduled = own.asked_at <= now < own.ends_at
        record: Record = {
            "id": id_,
            "object": "subscription",
            **_SUBSCRIPTION,
            "billing_cycle_anchor": (own.trial_end or own.created) // SECOND,
            "cancel_at": own.ends_at // SECOND if is_scheduled else None,
            "cancel_at_period_end": False,
            "canceled_at": own.asked_at // SECOND if own.asked_at <= now else None,
            "cancellation_details": {
                "comment": None,
                "feedback": own.feedback if own.asked_at <= now else None,
                "reason": own.reason if own.asked_at <= now else None,
            },
            "created": own.created // SECOND,
            "currency": ledger.currency,
            "customer": self.id_of(CUSTOMER, thing),
            "ended_at": own.ends_at // SECOND if own.ends_at <= now else None,
            "items": _list([item], f"/v1/subscription_items?subscription={id_}"),
            "latest_invoice": latest,
            "plan": PLANS_BY_OFFER[offer],
            "quantity": terms.seats,
            "start_date": own.created // SECOND,
            "status": ledger.status_at(own, now),
            "trial_end": own.trial_end // SECOND if has_trial else None,
            "trial_start": own.created // SECOND if has_trial else None,
        }
        if basil:
            item["current_period_start"], item["current_period_end"] = start, end
            record["discounts"] = [discount["id"]] if discount else []
        else:
            record["current_period_start"], record["current_period_end"] = start, end
            record["discount"] = discount
        return record

    def _discount(self, ledger: Ledger, own: Subscription, subscription: str) -> Record:
        percent = ledger.percent_off
        return {
            "id": f"di_{subscription[4:]}",
            "object": "discount",
            "checkout_session": None,
            "coupon": {
                "id": f"FRIEND{percent}", "object": "coupon", "amount_off": None, "created": 1_672_531_200,
                "currency": None, "duration": "forever", "duration_in_months": None, "livemode": False,
                "max_redemptions": None, "metadata": {}, "name": f"{percent} % off", "percent_off": float(percent),
                "redeem_by": None, "times_redeemed": 12, "valid": True,
            },
            "customer": self.id_of(CUSTOMER, Thing(ledger.account, 0)),
            "end": None,
            "invoice": None,
            "invoice_item": None,
            "promotion_code": None,
            "start": own.created // SECOND,
            "subscription": subscription,
        }  # fmt: skip

    def invoice(self, thing: Thing, now: int, *, basil: bool = False) -> Record:
        """An invoice with its one line."""
        ledger = self._world.ledger(thing.account)
        own, account = ledger.invoices[thing.number], self._world.account(thing.account)
        tried = sum(attempt.at <= now for attempt in own.attempts)
        is_paid = own.paid_at <= now
        status = "paid" if is_paid else "open" if tried else "draft"
        finalized = own.attempts[0].at if own.attempts else own.created
        subscription_id = self.id_of(SUBSCRIPTION, Thing(thing.account, 0))
        customer = self.id_of(CUSTOMER, Thing(thing.account, 0))
        id_ = self.id_of(INVOICE, thing)
        charge = self.id_of(CHARGE, Thing(thing.account, charge_number(own.number, tried - 1))) if tried else None
        discounts = [{"amount": own.discount, "discount": f"di_{subscription_id[4:]}"}] if own.discount else []
        line = self._line(ledger, own, id_, subscription_id, basil=basil)
        is_final = status != "draft"
        name, email = self._payer(thing.account)
        record: Record = {
            "id": id_,
            "object": "invoice",
            **_INVOICE,
            "amount_due": own.total,
            "amount_paid": own.total if is_paid else 0,
            "amount_remaining": 0 if is_paid else own.total,
            "attempt_count": tried,
            "attempted": tried > 0 or is_paid,
            "auto_advance": not is_paid,
            "billing_reason": own.reason,
            "charge": charge,
            "created": own.created // SECOND,
            "currency": ledger.currency,
            "customer": customer,
            "customer_address": None,
            "customer_email": email,
            "customer_name": name or account.name or None,
            "customer_phone": None,
            "discount": self._discount(ledger, ledger.subscriptions[0], subscription_id) if discounts else None,
            "discounts": [one["discount"] for one in discounts],
            "effective_at": finalized // SECOND if is_final else None,
            "hosted_invoice_url": f"https://invoice.stripe.com/i/{id_}" if is_final else None,
            "invoice_pdf": f"https://pay.stripe.com/invoice/{id_}/pdf" if is_final else None,
            "lines": _list([line], f"/v1/invoices/{id_}/lines"),
            "next_payment_attempt": _next_try(own, now),
            "number": f"{customer[-8:].upper()}-{own.number + 1:04d}" if is_final else None,
            "paid": is_paid,
            "payment_intent": f"pi_{id_[3:]}" if own.total and is_final else None,
            "period_end": own.created // SECOND,
            "period_start": own.start // SECOND,
            "status": status,
            "status_transitions": {
                "finalized_at": finalized // SECOND if is_final else None,
                "marked_uncollectible_at": None,
                "paid_at": own.paid_at // SECOND if is_paid else None,
                "voided_at": None,
            },
            "subscription": subscription_id,
            "subscription_details": {"metadata": {}},
            "subtotal": own.amount,
            "subtotal_excluding_tax": own.amount,
            "total": own.total,
            "total_discount_amounts": discounts,
            "total_excluding_tax": own.total,
            "webhooks_delivered_at": own.created // SECOND,
        }
        if basil:
            for name in _GONE_IN_BASIL:
                record.pop(name, None)
            details = {"metadata": {}, "subscription": subscription_id}
            record["parent"] = {
                "quote_details": None, "subscription_details": details, "type": "subscription_details",
            }  # fmt: skip
        return record

    def _line(self, ledger: Ledger, own: Invoice, invoice: str, subscription: str, *, basil: bool) -> Record:
        offer = Offer(own.plan, ledger.interval, ledger.currency)
        price = PRICES[offer]
        is_proration = own.reason == "subscription_update"
        item = f"si_{subscription[4:]}"
        line: Record = {
            "id": f"il_{invoice[3:]}",
            "object": "line_item",
            "amount": own.amount,
            "currency": ledger.currency,
            "description": f"{own.seats} x Northbeam {PLANS[own.plan][0].capitalize()}",
            "discount_amounts": [{"amount": own.discount, "discount": f"di_{item[3:]}"}] if own.discount else [],
            "discountable": not is_proration,
            "discounts": [],
            "livemode": False,
            "metadata": {},
            "period": {"end": own.end // SECOND, "start": own.start // SECOND},
            "quantity": own.seats,
        }
        if basil:
            details = {"invoice_item": None, "proration": is_proration, "proration_details": None,
                       "subscription": subscription, "subscription_item": item}  # fmt: skip
            line["parent"] = {
                "invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details",
            }  # fmt: skip
            line["pricing"] = {
                "price_details": {"price": price["id"], "product": price["product"]},
                "type": "price_details",
                "unit_amount_decimal": price["unit_amount_decimal"],
            }
            return line
        line |= {
            "amount_excluding_tax": own.amount, "plan": PLANS_BY_OFFER[offer], "price": price,
            "proration": is_proration, "proration_details": {"credited_items": None}, "subscription": subscription,
            "subscription_item": item, "tax_amounts": [], "tax_rates": [], "type": "subscription",
            "unit_amount_excluding_tax": price["unit_amount_decimal"],
        }  # fmt: skip
        return line

    def charge(self, thing: Thing, now: int, *, basil: bool = False) -> Record:
        """A charge: the money moved, or the card was declined. Nothing of it ever changes, whatever `now` is."""
        del now
        ledger = self._world.ledger(thing.account)
        invoice, attempt = attempt_of(ledger, thing.number)
        name, email = self._payer(thing.account)
        id_, invoice_id = self.id_of(CHARGE, thing), self.id_of(INVOICE, Thing(thing.account, invoice.number))
        record: Record = {
            "id": id_,
            "object": "charge",
            **_CHARGE,
            "amount": invoice.total,
            "amount_captured": invoice.total if attempt.succeeds else 0,
            "billing_details": {
                "address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None,
                            "state": None},
                "email": email, "name": name or None, "phone": None,
            },
            "captured": attempt.succeeds,
            "created": attempt.at // SECOND,
            "currency": ledger.currency,
            "customer": self.id_of(CUSTOMER, Thing(thing.account, 0)),
            "failure_code": None if attempt.succeeds else "card_declined",
            "failure_message": None if attempt.succeeds else "Your card has insufficient funds.",
            "invoice": invoice_id,
            "outcome": _APPROVED if attempt.succeeds else _DECLINED,
            "paid": attempt.succeeds,
            "payment_intent": f"pi_{invoice_id[3:]}",
            "payment_method": f"pm_{self.id_of(SUBSCRIPTION, Thing(thing.account, 0))[4:]}",
            "payment_method_details": {
                "card": {
                    "brand": "visa", "checks": None, "country": "US", "exp_month": 4, "exp_year": 2030,
                    "fingerprint": None, "funding": "credit", "installments": None, "last4": "4242",
                    "mandate": None, "network": "visa", "three_d_secure": None, "wallet": None,
                },
                "type": "card",
            },
            "status": "succeeded" if attempt.succeeds else "failed",
        }  # fmt: skip
        if basil:
            del record["invoice"]
        return record


def terms_changed(own: Subscription, at: int) -> tuple[Terms, Terms] | None:
    """The terms before and after, where they changed at this very moment."""
    for old, new in zip(own.terms, own.terms[1:], strict=False):
        if new.at == at:
            return old, new
    return None


def _next_try(invoice: Invoice, now: int) -> int | None:
    to_come = [attempt.at for attempt in invoice.attempts if attempt.at > now]
    return to_come[0] // SECOND if to_come and invoice.paid_at > now else None


def _list(records: list[Record], url: str) -> Record:
    return {"object": "list", "data": records, "has_more": False, "total_count": len(records), "url": url}
