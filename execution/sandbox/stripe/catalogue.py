"""What is sold: one product per plan and one for the add-on, and their prices by month and by year in each currency."""

from typing import NamedTuple

from execution.sandbox.exchange import Record
from execution.sandbox.stripe.errors import missing
from execution.sandbox.stripe.params import Asked, Span
from execution.sandbox.world.ledger import CURRENCIES, OFFERED, unit_amount

INTERVALS = ("month", "year")

_FOUNDED_S = 1_672_531_200
_DAY_S = 86_400


class Offer(NamedTuple):
    """One price: of what is offered, by number, for an interval in a currency."""

    item: int
    interval: str
    currency: str


OFFERS = tuple(
    Offer(item, interval, currency)
    for item in range(len(OFFERED))
    for interval in INTERVALS
    for currency in CURRENCIES
)  # fmt: skip


def product_id(item: int) -> str:
    """`prod_…` of a plan or the add-on."""
    return f"prod_Sandbox{OFFERED[item][0].capitalize()}"


def price_id(offer: Offer) -> str:
    """`price_…` of an offer."""
    return (
        f"price_1Sandbox{OFFERED[offer.item][0].capitalize()}{offer.interval.capitalize()}{offer.currency.capitalize()}"
    )


PRICE_OFFERS = {price_id(offer): offer for offer in OFFERS}
PRODUCTS = {product_id(item): item for item in range(len(OFFERED))}


def product(item: int) -> Record:
    """A product."""
    name = OFFERED[item][0]
    return {
        "id": product_id(item),
        "object": "product",
        "active": True,
        "attributes": [],
        "created": _FOUNDED_S + item * _DAY_S,
        "default_price": price_id(Offer(item, "month", "usd")),
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
        "updated": _FOUNDED_S + item * _DAY_S,
        "url": None,
    }


def price(offer: Offer) -> Record:
    """A price; amounts are minor units of its currency."""
    amount = unit_amount(offer.item, offer.interval, offer.currency)
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
        "nickname": f"{OFFERED[offer.item][0]} {offer.interval}ly",
        "product": product_id(offer.item),
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


def catalogue_object(id_: str) -> Record | None:
    """The product or price of an id."""
    if id_ in PRODUCTS:
        return product(PRODUCTS[id_])
    return PRICES[PRICE_OFFERS[id_]] if id_ in PRICE_OFFERS else None


def catalogue_page(resource: str, asked: Asked) -> tuple[list[Record], bool]:
    """A page of products or prices, newest first: they are few and never change."""
    made = [product(item) for item in PRODUCTS.values()] if resource == "products" else list(PRICES.values())
    rows = sorted((row for row in made if _is_offered(row, asked)), key=lambda row: -row["created"])
    ids = [row["id"] for row in rows]
    for cursor in (asked.starting_after, asked.ending_before):
        if cursor is not None and cursor not in ids:
            raise missing(resource.removesuffix("s"), cursor, "starting_after", 400)
    if asked.ending_before is not None:
        before = rows[: ids.index(asked.ending_before)]
        return before[-asked.limit :], len(before) > asked.limit
    rest = rows[ids.index(asked.starting_after) + 1 :] if asked.starting_after is not None else rows
    return rest[: asked.limit], len(rest) > asked.limit


def _is_offered(row: Record, asked: Asked) -> bool:
    filters, span = asked.filters, asked.spans.get("created", Span())
    if filters.get("active") == "false" or row["created"] not in span:
        return False
    if "ids" in asked.lists and row["id"] not in asked.lists["ids"]:
        return False
    return all(filters.get(name, row.get(name)) == row.get(name) for name in ("currency", "product", "type"))
