"""Single objects of Stripe: found by their ids, rendered, deleted or not, and expanded where that is asked for."""

from execution.sandbox.exchange import Record, encode
from execution.sandbox.shelf import Shelf
from execution.sandbox.stripe.catalogue import catalogue_object
from execution.sandbox.stripe.charges import charge
from execution.sandbox.stripe.customers import customer, deleted
from execution.sandbox.stripe.events import API_VERSION
from execution.sandbox.stripe.expansion import expand
from execution.sandbox.stripe.index import Index
from execution.sandbox.stripe.invoices import invoice
from execution.sandbox.stripe.subscriptions import discount, subscription
from execution.sandbox.stripe.things import (
    CHARGE,
    CUSTOMER,
    DISCOUNT,
    EVENT,
    INVOICE,
    SUBSCRIPTION,
    Ids,
    Thing,
    View,
    seconds,
)
from execution.sandbox.world import World

_RENDER = {CUSTOMER: customer, SUBSCRIPTION: subscription, INVOICE: invoice, CHARGE: charge, DISCOUNT: discount}
WORDS = {CUSTOMER: "customer", SUBSCRIPTION: "subscription", INVOICE: "invoice", CHARGE: "charge", EVENT: "event"}
"""What each kind is called in an error."""


class Objects:
    """The objects of one world as they are at its `now`."""

    def __init__(self, world: World, index: Index, ids: Ids) -> None:
        self._world = world
        self._index = index
        self._ids = ids
        self._shelf = Shelf()

    def forget(self) -> None:
        """Somebody edited an account: what was rendered may be wrong."""
        self._shelf.clear()

    def text(self, kind: str, thing: Thing, *, basil: bool) -> bytes:
        """The object now, as JSON. Events never change, and all else only when its account's ledger does."""
        changed = 0 if kind == EVENT else self._world.ledger(thing.account).changed_at(self._world.now)
        key = (kind, thing.packed, basil)
        return self._shelf.text(key, changed, lambda: encode(self.render(kind, thing, basil=basil)))

    def find(self, kind: str, id_: str) -> Thing | None:
        """The thing of an id, if it has been made by now; a deleted customer is still found."""
        thing = self._index.customer(id_) if kind == CUSTOMER else self._ids.read(kind, id_)
        if thing is None or self._index.made_at(kind, thing) > self._world.now:
            return None
        return thing

    def is_deleted(self, thing: Thing) -> bool:
        """Whether a customer is gone."""
        return thing.number == 0 and self._world.ledger(thing.account).deleted_at <= self._world.now

    def render(self, kind: str, thing: Thing, *, basil: bool) -> Record:
        """The object now; of a deleted customer, what is left."""
        if kind == EVENT:
            return self._event(thing)
        view = View(self._world, self._ids, self._world.now, basil)
        if kind == CUSTOMER and self.is_deleted(thing):
            return deleted(view, thing)
        return _RENDER[kind](view, thing)

    def _event(self, thing: Thing) -> Record:
        """An event, with the object as it was then and in the shape of the account's own version."""
        happening = self._index.story(thing.account)[thing.number]
        then = View(self._world, self._ids, happening.at, basil=False)
        data: Record = {"object": _RENDER[happening.kind](then, Thing(thing.account, happening.number))}
        if happening.previous is not None:
            data["previous_attributes"] = happening.previous
        return {
            "id": self._ids.of(EVENT, thing),
            "object": "event",
            "api_version": API_VERSION,
            "created": seconds(happening.at),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
            "type": happening.type,
        }

    def expanded(self, record: Record, paths: tuple[str, ...], *, basil: bool) -> Record:
        """The record, or a page of some under `data`, with objects for ids. Raises Refusal (400)."""

        def by_id(id_: str) -> Record:
            found = catalogue_object(id_)
            if found is not None:
                return found
            kind = id_.partition("_")[0]
            thing = self._index.customer(id_) if kind == CUSTOMER else self._ids.read(kind, id_)
            assert thing is not None  # noqa: S101 - an id that we wrote
            return self.render(kind, thing, basil=basil)

        return expand(record, paths, by_id)
