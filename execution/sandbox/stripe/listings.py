"""Stripe's lists: newest first, page by page from one record's id to the next, and what the filters leave."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from execution.sandbox.exchange import Record
from execution.sandbox.stripe.catalogue import OFFERS, PRICE_OFFERS, PRICES, PRODUCT_PLANS, price, product
from execution.sandbox.stripe.errors import invalid, missing
from execution.sandbox.stripe.index import Index, places_of, second_of, thing_at
from execution.sandbox.stripe.objects import Objects
from execution.sandbox.stripe.params import Asked, Span
from execution.sandbox.stripe.wire import CHARGE, CUSTOMER, EVENT, INVOICE, SUBSCRIPTION, Thing
from execution.sandbox.world import World
from execution.sandbox.world.moments import SECOND

_STATUSES = {"active", "all", "canceled", "ended", "incomplete", "incomplete_expired", "past_due", "paused", "trialing",
             "unpaid"}  # fmt: skip
_INVOICE_STATUSES = {"draft", "open", "paid", "uncollectible", "void"}

Wanted = Callable[[Thing], bool]


class Listings:
    """The lists over one world."""

    def __init__(self, world: World, index: Index, objects: Objects) -> None:
        self._world = world
        self._index = index
        self._objects = objects

    def page(self, kind: str, asked: Asked) -> tuple[list[Thing], bool]:
        """The things of one page, newest first, and whether more follow. Raises Refusal."""
        wanted = self._wanted(kind, asked)
        places = self._places(kind, asked)
        found = list(islice((place for place in places if wanted(thing_at(place))), asked.limit + 1))
        has_more, found = len(found) > asked.limit, found[: asked.limit]
        if asked.ending_before is not None:
            found.reverse()
        return [thing_at(place) for place in found], has_more

    def _places(self, kind: str, asked: Asked) -> Iterable[int]:
        """Where to look, in the direction of reading: everything, or one customer's things."""
        cursor = asked.ending_before or asked.starting_after
        param = "ending_before" if asked.ending_before else "starting_after"
        below = None if cursor is None else self._place_of(kind, cursor, param)
        is_backwards = asked.ending_before is not None
        low, high = asked.spans.get("created", Span())
        if "customer" not in asked.filters:
            return self._index.before(kind, low, high, below, oldest_first=is_backwards)
        customer = self._index.customer(asked.filters["customer"])
        if customer is None:
            raise missing("customer", asked.filters["customer"], "customer", 400)
        high = min(high, self._world.now // SECOND)
        own = sorted(places_of(self._world.ledger(customer.account), kind), reverse=not is_backwards)
        return (
            place
            for place in own
            if low <= second_of(place) <= high
            and self._is_of(kind, thing_at(place), customer)
            and (below is None or (place > below if is_backwards else place < below))
        )

    @staticmethod
    def _is_of(kind: str, thing: Thing, customer: Thing) -> bool:
        return thing.number == customer.number if kind in {CUSTOMER, SUBSCRIPTION} else customer.number == 0

    def _place_of(self, kind: str, id_: str, param: str) -> int:
        thing = self._objects.find(kind, id_)
        if thing is None:
            raise missing(self._objects.words[kind], id_, param, 400)
        at = self._index.made_at(kind, thing)
        return (at // SECOND << 32) | thing.packed

    def _wanted(self, kind: str, asked: Asked) -> Wanted:
        match kind:
            case "cus":
                return self._customers(asked)
            case "sub":
                return self._subscriptions(asked)
            case "in":
                return self._invoices(asked)
            case "evt":
                return self._events(asked)
            case _:
                return lambda _: True

    def _customers(self, asked: Asked) -> Wanted:
        email = asked.filters.get("email")

        def wanted(thing: Thing) -> bool:
            if self._objects.is_deleted(thing):
                return False
            return email is None or self._objects.render(CUSTOMER, thing, basil=False)["email"] == email

        return wanted

    def _subscriptions(self, asked: Asked) -> Wanted:
        status = asked.filters.get("status")
        if status is not None and status not in _STATUSES:
            raise invalid(
                f"Invalid status: must be one of {', '.join(sorted(_STATUSES))}", "status", "parameter_unknown"
            )
        starts, ends = asked.spans.get("current_period_start"), asked.spans.get("current_period_end")
        price_id = asked.filters.get("price")
        if price_id is not None and price_id not in PRICE_OFFERS:
            raise missing("price", price_id, "price", 400)

        def wanted(thing: Thing) -> bool:
            ledger = self._world.ledger(thing.account)
            own = ledger.subscriptions[thing.number]
            now_is = ledger.status_at(own, self._world.now)
            if status is None and now_is == "canceled":
                return False
            if status not in {None, "all", now_is} and not (status == "ended" and now_is == "canceled"):
                return False
            if starts is None and ends is None and price_id is None:
                return True
            period = [moment // SECOND for moment in ledger.period_at(own, self._world.now)]
            offer = (own.terms_at(self._world.now).plan, ledger.interval, ledger.currency)
            return (
                (starts is None or period[0] in starts)
                and (ends is None or period[1] in ends)
                and (price_id is None or PRICE_OFFERS[price_id] == offer)
            )

        return wanted

    def _invoices(self, asked: Asked) -> Wanted:
        status, subscription = asked.filters.get("status"), asked.filters.get("subscription")
        if status is not None and status not in _INVOICE_STATUSES:
            raise invalid(f"Invalid status: {status}", "status", "parameter_unknown")
        of = None if subscription is None else self._objects.find(SUBSCRIPTION, subscription)
        if subscription is not None and of is None:
            raise missing("subscription", subscription, "subscription", 400)

        def wanted(thing: Thing) -> bool:
            if of is not None and (thing.account != of.account or of.number):
                return False
            return status is None or self._objects.render(INVOICE, thing, basil=False)["status"] == status

        return wanted

    def _events(self, asked: Asked) -> Wanted:
        types = asked.lists.get("types") or ((asked.filters["type"],) if "type" in asked.filters else ())
        if not types:
            return lambda _: True
        exact = {name for name in types if not name.endswith("*")}
        heads = tuple(name.removesuffix("*") for name in types if name.endswith("*"))

        def wanted(thing: Thing) -> bool:
            type_ = self._index.story(thing.account)[thing.number].type
            return type_ in exact or (bool(heads) and type_.startswith(heads))

        return wanted


KINDS = {"customers": CUSTOMER, "subscriptions": SUBSCRIPTION, "invoices": INVOICE, "charges": CHARGE, "events": EVENT}


def catalogue_page(resource: str, asked: Asked) -> tuple[list[Record], bool]:
    """A page of products or prices, newest first: they are few and never change."""
    made = [product(plan) for plan in PRODUCT_PLANS.values()] if resource == "products" else list(_prices())
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


def _prices() -> Iterator[Record]:
    return (PRICES[offer] for offer in OFFERS)


def _is_offered(row: Record, asked: Asked) -> bool:
    filters, span = asked.filters, asked.spans.get("created", Span())
    if filters.get("active") == "false" or row["created"] not in span:
        return False
    if "ids" in asked.lists and row["id"] not in asked.lists["ids"]:
        return False
    return all(filters.get(name, row.get(name)) == row.get(name) for name in ("currency", "product", "type"))


def catalogue_object(id_: str) -> Record | None:
    """The product or price of an id."""
    if id_ in PRODUCT_PLANS:
        return product(PRODUCT_PLANS[id_])
    return price(PRICE_OFFERS[id_]) if id_ in PRICE_OFFERS else None
