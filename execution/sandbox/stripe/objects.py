"""Single objects of Stripe: found by their ids, rendered, deleted or not, and expanded where that is asked for."""

from copy import deepcopy
from typing import Any

from execution.sandbox.exchange import Record, encode
from execution.sandbox.shelf import Shelf
from execution.sandbox.stripe.catalogue import PRICE_OFFERS, PRODUCT_PLANS, price, product
from execution.sandbox.stripe.errors import invalid
from execution.sandbox.stripe.events import API_VERSION
from execution.sandbox.stripe.index import Index
from execution.sandbox.stripe.wire import CHARGE, CUSTOMER, EVENT, INVOICE, SUBSCRIPTION, Thing, Wire
from execution.sandbox.world import World
from execution.sandbox.world.moments import SECOND

_EXPANDABLE = {"charge", "customer", "default_price", "invoice", "latest_invoice", "product", "subscription"}
_DEEPEST = 4


class Objects:
    """The objects of one world as they are at its `now`."""

    words = {CUSTOMER: "customer", SUBSCRIPTION: "subscription", INVOICE: "invoice", CHARGE: "charge", EVENT: "event"}

    def __init__(self, world: World, index: Index, wire: Wire) -> None:
        self._world = world
        self._index = index
        self._wire = wire
        self._shelf = Shelf()

    def moved_on(self) -> None:
        """What was rendered is of another moment."""
        self._shelf.clear()

    def text(self, kind: str, thing: Thing, *, basil: bool) -> bytes:
        """The object now, as JSON."""
        return self._shelf.text((kind, thing, basil), lambda: encode(self.render(kind, thing, basil=basil)))

    def find(self, kind: str, id_: str) -> Thing | None:
        """The thing of an id, if it has been made by now; a deleted customer is still found."""
        thing = self._index.customer(id_) if kind == CUSTOMER else self._wire.read(kind, id_)
        if thing is None or self._index.made_at(kind, thing) > self._world.now:
            return None
        return thing

    def is_deleted(self, thing: Thing) -> bool:
        """Whether a customer is gone."""
        return thing.number == 0 and self._world.ledger(thing.account).deleted_at <= self._world.now

    def render(self, kind: str, thing: Thing, *, basil: bool) -> Record:
        """The object now."""
        if kind == EVENT:
            return self._event(thing)
        return self._rendered(kind, thing, self._world.now, basil=basil)

    def _rendered(self, kind: str, thing: Thing, now: int, *, basil: bool) -> Record:
        match kind:
            case "cus":
                return self._wire.customer(thing, now)
            case "sub":
                return self._wire.subscription(thing, now, basil=basil)
            case "in":
                return self._wire.invoice(thing, now, basil=basil)
            case _:
                return self._wire.charge(thing, now, basil=basil)

    def customer(self, thing: Thing) -> Record:
        """A customer, or what is left of one that was deleted."""
        if self.is_deleted(thing):
            return {"id": self._wire.id_of(CUSTOMER, thing), "object": "customer", "deleted": True}
        return self._wire.customer(thing, self._world.now)

    def _event(self, thing: Thing) -> Record:
        """An event, with the object as it was then and in the shape of the account's own version."""
        happening = self._index.story(thing.account)[thing.number]
        of = Thing(thing.account, happening.number)
        data: Record = {"object": self._rendered(happening.kind, of, happening.at, basil=False)}
        if happening.previous is not None:
            data["previous_attributes"] = happening.previous
        return {
            "id": self._wire.id_of(EVENT, thing),
            "object": "event",
            "api_version": API_VERSION,
            "created": happening.at // SECOND,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
            "type": happening.type,
        }

    # --- expansion --------------------------------------------------------------------------------

    def expand(self, record: Record, paths: tuple[str, ...], *, basil: bool) -> Record:
        """The record with the objects that `paths` name in place of their ids. Raises Refusal (400)."""
        if not paths:
            return record
        record = deepcopy(record)
        for path in paths:
            parts = path.split(".")
            if len(parts) > _DEEPEST:
                message = "You cannot expand more than 4 levels of a property"
                raise invalid(message, "expand", "property_expansion_max_depth")
            self._expand(record, parts, path, basil=basil)
        return record

    def expand_each(self, records: list[Record], paths: tuple[str, ...], *, basil: bool) -> list[Record]:
        """The records of a list, where each path begins with `data`. Raises Refusal (400)."""
        page: Record = {"data": records}
        expanded: list[Record] = self.expand(page, paths, basil=basil)["data"]
        return expanded

    def _expand(self, holder: Any, parts: list[str], path: str, *, basil: bool) -> None:  # noqa: ANN401 - any JSON
        if isinstance(holder, list):
            for item in holder:
                self._expand(item, parts, path, basil=basil)
            return
        if not parts or not isinstance(holder, dict):
            return
        name, rest = parts[0], parts[1:]
        if name not in holder or not (rest or name in _EXPANDABLE):
            raise invalid(f"This property cannot be expanded ({path}).", "expand", "property_not_expandable")
        value = holder[name]
        if isinstance(value, str) and name in _EXPANDABLE:
            holder[name] = value = self._by_id(value, basil=basil)
        self._expand(value, rest, path, basil=basil)

    def _by_id(self, id_: str, *, basil: bool) -> Record:
        if id_ in PRODUCT_PLANS:
            return product(PRODUCT_PLANS[id_])
        if id_ in PRICE_OFFERS:
            return price(PRICE_OFFERS[id_])
        kind = id_.partition("_")[0]
        thing = self._index.customer(id_) if kind == CUSTOMER else self._wire.read(kind, id_)
        assert thing is not None  # noqa: S101 - an id that we wrote
        return self.customer(thing) if kind == CUSTOMER else self.render(kind, thing, basil=basil)
