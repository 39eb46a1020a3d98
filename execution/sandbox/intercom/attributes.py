"""The attributes that the workspace added to contacts and companies. Whoever reads an amount must know its unit."""

from execution.sandbox.exchange import Record
from execution.sandbox.world import World
from execution.sandbox.world.courses import PLANS
from execution.sandbox.world.ledger import Ledger, Subscription, customer_id, unit_amount
from execution.sandbox.world.moments import NEVER, SECOND

_CONTACT = (
    ("stripe_id", "string", "Customer id at Stripe"),
    ("stripe_plan", "string", "Plan of the latest subscription"),
    (
        "stripe_plan_price",
        "integer",
        "Price of one seat per billing interval, in minor units (cents) of stripe_currency",
    ),
    ("stripe_plan_interval", "string", "Billing interval: month or year"),
    ("stripe_currency", "string", "ISO code; jpy has no minor unit, its amounts are whole yen"),
    ("stripe_subscription_status", "string", "trialing, active, past_due, unpaid or canceled"),
    ("stripe_subscription_period_start_at", "date", "Start of the current period, unix seconds"),
    ("stripe_delinquent", "boolean", "Whether the latest charge failed and is not made up for"),
    ("stripe_last_charge_amount", "integer", "Latest successful charge, in minor units (cents) of stripe_currency"),
    ("stripe_last_charge_at", "date", "When that was, unix seconds"),
    ("Stripe Subscriptions", "string", "All subscriptions; plan.amount in minor units (cents)"),
    ("Stripe Payments", "string", "All charges; amount in minor units (cents)"),
)
_COMPANY = (
    ("domain", "string", "Domain of the company"),
    ("account_manager", "string", "E-mail of the account manager"),
)  # fmt: skip
_FOUNDED_S = 1_672_531_200


def definitions(model: str | None) -> list[Record]:
    """The custom attributes as /data_attributes gives them, of `contact`, `company` or both."""
    found = []
    for of, attributes in (("contact", _CONTACT), ("company", _COMPANY)):
        if model in {None, of}:
            found += [_definition(of, *attribute, number) for number, attribute in enumerate(attributes)]
    return found


def _definition(model: str, name: str, kind: str, description: str, number: int) -> Record:
    return {
        "id": (1000 if model == "contact" else 2000) + number,
        "type": "data_attribute",
        "name": name,
        "full_name": f"custom_attributes.{name}",
        "label": name,
        "description": description,
        "data_type": kind,
        "api_writable": True,
        "messenger_writable": False,
        "ui_writable": False,
        "custom": True,
        "archived": False,
        "model": model,
        "created_at": _FOUNDED_S,
        "updated_at": _FOUNDED_S,
    }


def of_payer(world: World, ledger: Ledger) -> Record:
    """The Stripe attributes of an account's main contact; none before it is a customer at Stripe."""
    now = world.now
    own = [one for one in ledger.subscriptions if one.created <= now]
    if not own:
        return {}
    latest = ledger.current(now)
    terms = latest.terms_at(now)
    tried = [(attempt.at, attempt.succeeds, one.total) for one in ledger.invoices for attempt in one.attempts]
    tried = sorted(charge for charge in tried if charge[0] <= now)
    paid = [(at, amount) for at, succeeds, amount in tried if succeeds]
    return {
        "stripe_id": customer_id(world.seed, ledger.account),
        "stripe_plan": PLANS[terms.plan][0],
        "stripe_plan_price": unit_amount(terms.plan, ledger.interval, ledger.currency),
        "stripe_plan_interval": ledger.interval,
        "stripe_currency": ledger.currency,
        "stripe_subscription_status": ledger.status_at(latest, now),
        "stripe_subscription_period_start_at": ledger.period_at(latest, now)[0] // SECOND,
        "stripe_delinquent": ledger.failing_since(now) < NEVER,
        "stripe_last_charge_amount": paid[-1][1] if paid else None,
        "stripe_last_charge_at": paid[-1][0] // SECOND if paid else None,
        "Stripe Subscriptions": [_subscription(ledger, one, now) for one in own],
        "Stripe Payments": [
            {
                "amount": amount,
                "currency": ledger.currency,
                "status": "succeeded" if succeeds else "failed",
                "created": at // SECOND,
            }
            for at, succeeds, amount in tried
        ],
    }


def _subscription(ledger: Ledger, own: Subscription, now: int) -> Record:
    """As this workspace keeps it: the plan, without what is had beside it."""
    had = own.terms_at(now)
    return {
        "status": ledger.status_at(own, now),
        "plan": {
            "name": PLANS[had.plan][0],
            "amount": unit_amount(had.plan, ledger.interval, ledger.currency),
            "interval": ledger.interval,
            "currency": ledger.currency,
        },
        "quantity": had.seats,
    }
