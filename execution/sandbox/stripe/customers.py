"""Customers, as they are at a moment."""

from execution.sandbox.exchange import Record
from execution.sandbox.stripe.things import CUSTOMER, Thing, View, seconds
from execution.sandbox.world.courses import PLANS
from execution.sandbox.world.moments import NEVER
from execution.sandbox.world.words import PLACES

_CUSTOMER: Record = {
    "balance": 0, "cash_balance": None, "default_source": None, "discount": None, "livemode": False,
    "invoice_settings": {
        "custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None,
    },
    "preferred_locales": [], "shipping": None, "tax_exempt": "none", "test_clock": None,
}  # fmt: skip


def customer(view: View, thing: Thing) -> Record:
    """A customer; number 1 is the second one with the address of an account's main contact."""
    world, now, is_second = view.world, view.now, thing.number == 1
    ledger, account = world.ledger(thing.account), world.account(thing.account)
    person = world.person(world.census.people_of(thing.account).start)
    billed = 0 if is_second else sum(invoice.created <= now for invoice in ledger.invoices)
    city, state, postcode, _, _, _ = PLACES[account.place]
    id_ = view.ids.of(CUSTOMER, thing)
    email = person.email if ledger.has_email else None
    return {
        "id": id_,
        "object": "customer",
        **_CUSTOMER,
        "address": {"city": city, "country": None, "line1": None, "line2": None, "postal_code": postcode,
                    "state": state or None},
        "created": seconds(ledger.earlier if is_second else ledger.since),
        "currency": ledger.currency if billed else None,
        "delinquent": not is_second and ledger.failing_since(now) < NEVER,
        "description": account.name or None,
        "email": email.title() if email and is_second and thing.account % 2 else email,
        "invoice_prefix": id_[-8:].upper(),
        "metadata": {"plan": PLANS[ledger.current(now, thing.number).terms_at(now).plan][0]},
        "name": person.name or None,
        "next_invoice_sequence": billed + 1,
        "phone": person.phone,
    }  # fmt: skip


def deleted(view: View, thing: Thing) -> Record:
    """What is left of a customer that was deleted."""
    return {"id": view.ids.of(CUSTOMER, thing), "object": "customer", "deleted": True}
