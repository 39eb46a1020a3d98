"""Everything in Stripe in order of when it was made: one array of numbers per kind, over the world's whole story.

A place in order is one number that sorts by second, account and the thing's own number, so that what exists now is
found by bisection, and a page costs what its records do.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from execution.sandbox.stripe.events import RETENTION, Happening, story_of
from execution.sandbox.stripe.things import (
    CHARGE,
    CUSTOMER,
    EVENT,
    INVOICE,
    PARTS,
    SUBSCRIPTION,
    Thing,
    attempt_of,
    charge_number,
    thing_of,
)
from execution.sandbox.world import World
from execution.sandbox.world.ledger import Ledger, customer_id
from execution.sandbox.world.moments import NEVER, SECOND

_THING_BITS = 32
_LATEST_S = (1 << 31) - 1


def _place(at: int, account: int, number: int) -> int:
    return (at // SECOND << _THING_BITS) | account << PARTS | number


def thing_at(place: int) -> Thing:
    """The thing of a place."""
    return thing_of(place & (1 << _THING_BITS) - 1)


def second_of(place: int) -> int:
    """When the thing of a place was made, in seconds."""
    return place >> _THING_BITS


class Index:
    """The things of one world. Made when first asked for; `forget` after edits, `moved_on` after any change."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._orders: dict[str, array[int]] = {}
        self._customers: dict[str, Thing] = {}
        self._events: array[int] | None = None
        self._happenings: dict[int, list[Happening]] = {}

    def forget(self) -> None:
        """Somebody edited an account: make everything anew."""
        self._orders.clear()
        self._customers.clear()
        self._happenings.clear()

    def moved_on(self) -> None:
        """The moment is another one: the feed's thirty days are others."""
        self._events = None

    def order(self, kind: str) -> "array[int]":
        """The places of a kind, in order."""
        if kind == EVENT:
            return self._feed()
        if not self._orders:
            self._make()
        return self._orders[kind]

    def _make(self) -> None:
        places: dict[str, list[int]] = {CUSTOMER: [], SUBSCRIPTION: [], INVOICE: [], CHARGE: []}
        for account in range(self._accounts()):
            ledger = self._world.ledger(account)
            for kind, found in places.items():
                found.extend(places_of(ledger, kind))
        self._orders = {kind: array("q", sorted(found)) for kind, found in places.items()}
        self._customers = {
            customer_id(self._world.seed, *thing): thing for thing in map(thing_at, places[CUSTOMER])
        }  # fmt: skip

    def _accounts(self) -> int:
        return self._world.accounts_to_come() if self._world.census.people else 0

    def customer(self, id_: str) -> Thing | None:
        """The customer of an id, whether it exists yet or not."""
        self.order(CUSTOMER)
        return self._customers.get(id_)

    def made_at(self, kind: str, thing: Thing) -> int:
        """When a thing was made, NEVER if there is none; microseconds."""
        if thing.account >= self._accounts():
            return NEVER
        ledger = self._world.ledger(thing.account)
        if kind == EVENT:
            story = self.story(thing.account)
            return story[thing.number].at if thing.number < len(story) else NEVER
        try:
            return made_of(ledger, kind, thing.number)
        except IndexError:
            return NEVER

    def before(self, kind: str, low_s: int, high_s: int, below: int | None, *, oldest_first: bool) -> Iterator[int]:
        """Places made within `low_s` … `high_s` (both included), beyond place `below` in the direction of reading."""
        order = self.order(kind)
        first = bisect_left(order, low_s << _THING_BITS)
        last = bisect_left(order, (min(high_s, self._world.now // SECOND, _LATEST_S) + 1) << _THING_BITS)
        if oldest_first:
            start = first if below is None else max(first, bisect_right(order, below))
            return (order[place] for place in range(start, last))
        stop = last if below is None else min(last, bisect_left(order, below))
        return (order[place] for place in range(stop - 1, first - 1, -1))

    def there(self, kind: str) -> Iterator[Thing]:
        """The things of a kind that have been made by now, the newest first."""
        return map(thing_at, self.before(kind, 0, _LATEST_S, None, oldest_first=False))

    # --- the feed ---------------------------------------------------------------------------------

    def story(self, account: int) -> list[Happening]:
        """All events of an account."""
        story = self._happenings.get(account)
        if story is None:
            story = self._happenings[account] = story_of(self._world.ledger(account))
        return story

    def _feed(self) -> "array[int]":
        if self._events is None:
            now, places = self._world.now, []
            for account in range(self._accounts()):
                if self._world.ledger(account).changed_at(now) >= now - RETENTION:
                    places += [
                        _place(one.at, account, number)
                        for number, one in enumerate(self.story(account))
                        if now - RETENTION <= one.at <= now
                    ]
            self._events = array("q", sorted(places))
        return self._events


def made_of(ledger: Ledger, kind: str, number: int) -> int:
    """When an account's thing of this number is made. Raises IndexError where there is none."""
    match kind:
        case "cus":
            return (ledger.since, ledger.earlier)[number]
        case "sub":
            return ledger.subscriptions[number].created
        case "in":
            return ledger.invoices[number].created
        case _:
            return attempt_of(ledger, number)[1].at


def places_of(ledger: Ledger, kind: str) -> list[int]:
    """The places of an account's things of a kind, over its whole story."""
    account = ledger.account
    if kind == CUSTOMER:
        since = ((0, ledger.since), (1, ledger.earlier))
        return [_place(at, account, number) for number, at in since if at < NEVER]
    if kind == SUBSCRIPTION:
        return [_place(own.created, account, own.number) for own in ledger.subscriptions]
    if kind == INVOICE:
        return [_place(invoice.created, account, invoice.number) for invoice in ledger.invoices]
    charges = [
        charge_number(invoice.number, number)
        for invoice in ledger.invoices
        for number in range(len(invoice.attempts))
    ]  # fmt: skip
    return [_place(attempt_of(ledger, charge)[1].at, account, charge) for charge in charges]
