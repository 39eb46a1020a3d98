"""Charges: the money moved, or the card was declined; some were refunded later."""

from execution.sandbox.exchange import Record
from execution.sandbox.stripe.things import CHARGE, CUSTOMER, INVOICE, SUBSCRIPTION, Thing, View, attempt_of, seconds

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
_CARD: Record = {
    "brand": "visa", "checks": None, "country": "US", "exp_month": 4, "exp_year": 2030, "fingerprint": None,
    "funding": "credit", "installments": None, "last4": "4242", "mandate": None, "network": "visa",
    "three_d_secure": None, "wallet": None,
}  # fmt: skip
_NO_ADDRESS: Record = {
    "city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None,
}  # fmt: skip


def charge(view: View, thing: Thing) -> Record:
    """A charge."""
    ledger, first = view.world.ledger(thing.account), Thing(thing.account, 0)
    invoice, attempt = attempt_of(ledger, thing.number)
    name, email = view.payer(thing.account)
    refunded = attempt.refunded if attempt.refunded_at <= view.now else 0
    invoice_id = view.ids.of(INVOICE, Thing(thing.account, invoice.number))
    record: Record = {
        "id": view.ids.of(CHARGE, thing),
        "object": "charge",
        **_CHARGE,
        "amount": invoice.total,
        "amount_captured": invoice.total if attempt.succeeds else 0,
        "amount_refunded": refunded,
        "billing_details": {"address": _NO_ADDRESS, "email": email, "name": name or None, "phone": None},
        "captured": attempt.succeeds,
        "created": seconds(attempt.at),
        "currency": ledger.currency,
        "customer": view.ids.of(CUSTOMER, first),
        "failure_code": None if attempt.succeeds else "card_declined",
        "failure_message": None if attempt.succeeds else "Your card has insufficient funds.",
        "invoice": invoice_id,
        "outcome": _APPROVED if attempt.succeeds else _DECLINED,
        "paid": attempt.succeeds,
        "payment_intent": f"pi_{invoice_id[3:]}",
        "payment_method": f"pm_{view.ids.of(SUBSCRIPTION, first)[4:]}",
        "refunded": 0 < refunded == invoice.total,
        "payment_method_details": {"card": _CARD, "type": "card"},
        "status": "succeeded" if attempt.succeeds else "failed",
    }
    if view.basil:
        del record["invoice"]
    return record
