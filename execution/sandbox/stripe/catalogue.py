"""What is sold: one product per plan, and its prices by month and by year in each currency."""

from typing import NamedTuple

from execution.sandbox.exchange import Record
from execution.sandbox.world.accounts import PLANS
from execution.sandbox.world.billing import unit_amount

CURRENCIES = ("usd", "jpy")
INTERVALS = ("month", "year")

_FOUNDED_S = 1_672_531_200
_DAY_S = 86_400


class Offer(NamedTuple):
    """One price: a plan by number, an interval and a currency."""

    plan: int
    interval: str
    currency: str


OFFERS = tuple(
    Offer(plan, interval, currency)
    for plan in range(len(PLANS))
    for interval in INTERVALS
    for currency in CURRENCIES
)  # fmt: skip


def product_id(plan: int) -> str:
    """`prod_…` of a plan."""
    return f"prod_Sandbox{PLANS[plan][0].capitalize()}"


def price_id(offer: Offer) -> str:
    """`price_…` of an offer."""
    return (
        f"price_1Sandbox{PLANS[offer.plan][0].capitalize()}{offer.interval.capitalize()}{offer.currency.capitalize()}"
    )


PRICE_OFFERS = {price_id(offer): offer for offer in OFFERS}
PRODUCT_PLANS = {product_id(plan): plan for plan in range(len(PLANS))}


def product(plan: int) -> Record:
    """A product."""
    name = PLANS[plan][0]
    return {
        "id": product_id(plan),
        "object": "product",
        "active": True,
        "attributes": [],
        "created": _FOUNDED_S + plan * _DAY_S,
        "default_price": price_id(Offer(plan, "month", "usd")),
        "description": None,
        "features": [],
        "images": [],
        "livemode": False,
        "metadata": {"plan": name},
        "name": f"Northbeam {name.capitalize()}",
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": "seat",
        "updated": _FOUNDED_S + plan * _DAY_S,
        "url": None,
    }


def price(offer: Offer) -> Record:
    """A price; amounts are minor units of its currency."""
    amount = unit_amount(offer.plan, offer.interval, offer.currency)
    return {
        "id": price_id(offer),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": _FOUNDED_S + OFFERS.index(offer) * 60,
        "currency": offer.currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": f"{PLANS[offer.plan][0]} {offer.interval}ly",
        "product": product_id(offer.plan),
        "recurring": {
            "aggregate_usage": None,
            "interval": offer.interval,
            "interval_count": 1,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


PRICES = {offer: price(offer) for offer in OFFERS}
"""Every price once: they never change, and each subscription and invoice line holds one."""


def plan(offer: Offer) -> Record:
    """The price in its older form, which subscriptions still carry beside it."""
    made = PRICES[offer]
    return {
        "id": made["id"],
        "object": "plan",
        "active": True,
        "aggregate_usage": None,
        "amount": made["unit_amount"],
        "amount_decimal": made["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": made["created"],
        "currency": offer.currency,
        "interval": offer.interval,
        "interval_count": 1,
        "livemode": False,
        "metadata": {},
        "nickname": made["nickname"],
        "product": made["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


PLANS_BY_OFFER = {offer: plan(offer) for offer in OFFERS}
