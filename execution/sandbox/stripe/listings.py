"""Stripe's lists: newest first, page by page from one record's id to the next, and what the filters leave."""

from collections.abc import Callable, Iterable
from itertools import islice

from execution.sandbox.stripe.catalogue import PRICE_OFFERS
from execution.sandbox.stripe.errors import invalid, missing
from execution.sandbox.stripe.index import Index, places_of, second_of, thing_at
from execution.sandbox.stripe.objects import WORDS, Objects
from execution.sandbox.stripe.params import Asked, Span
from execution.sandbox.stripe.things import CHARGE, CUSTOMER, EVENT, INVOICE, SUBSCRIPTION, Thing
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
        found = list(islice(filter(wanted, map(thing_at, self._places(kind, asked))), asked.limit + 1))
        has_more, found = len(found) > asked.limit, found[: asked.limit]
        if asked.ending_before is not None:
            found.reverse()
        return found, has_more

    def _places(self, kind: str, asked: Asked) -> Iterable[int]:
        """Where to look, in the direction of reading: everything, or one customer's things."""
        cursor = asked.ending_before or asked.starting_after
        param = "ending_before" if asked.ending_before else "starting_after"
        below = None if cursor is None else self._place_of(kind, cursor, param, asked)
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

    def _is_of(self, kind: str, thing: Thing, customer: Thing) -> bool:
        if kind == SUBSCRIPTION:
            return self._world.ledger(thing.account).subscriptions[thing.number].customer == customer.number
        return thing.number == customer.number if kind == CUSTOMER else customer.number == 0

    def _place_of(self, kind: str, id_: str, param: str, asked: Asked) -> int:
        """The place of a cursor. Raises Refusal (400) for a thing that has gone from the list since it was listed."""
        thing = self._objects.find(kind, id_)
        if thing is None or self._is_gone(kind, thing, asked):
            raise missing(WORDS[kind], id_, param, 400)
        at = self._index.made_at(kind, thing)
        return (at // SECOND << 32) | thing.packed

    def _is_gone(self, kind: str, thing: Thing, asked: Asked) -> bool:
        """Whether a customer was deleted, or a subscription canceled where canceled ones hide."""
        if kind == CUSTOMER:
            return self._objects.is_deleted(thing)
        if kind != SUBSCRIPTION or "status" in asked.filters:
            return False
        return self._world.ledger(thing.account).subscriptions[thing.number].ends_at <= self._world.now

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

        if status == "all" and starts is None and ends is None and price_id is None:
            return lambda _: True

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
            items = own.terms_at(self._world.now).items
            offers = {(item, ledger.interval, ledger.currency) for item, _ in items}
            return (
                (starts is None or period[0] in starts)
                and (ends is None or period[1] in ends)
                and (price_id is None or PRICE_OFFERS[price_id] in offers)
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
            invoice = self._world.ledger(thing.account).invoices[thing.number]
            if of is not None and (thing.account, invoice.subscription) != of:
                return False
            return status is None or invoice.status_at(self._world.now) == status

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
