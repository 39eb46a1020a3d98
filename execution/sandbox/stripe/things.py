"""What there is in Stripe: objects by account and number, their ids, and what is needed to render one."""

from functools import lru_cache
from typing import NamedTuple

from execution.sandbox.exchange import Record
from execution.sandbox.sealing import Seal
from execution.sandbox.world import World
from execution.sandbox.world.ledger import Attempt, Invoice, Ledger, customer_id
from execution.sandbox.world.moments import SECOND

CUSTOMER, SUBSCRIPTION, INVOICE, CHARGE, EVENT, DISCOUNT = "cus", "sub", "in", "ch", "evt", "di"

PARTS = 12
"""Bits of a thing's number within its account."""
_TRIES = 3
"""Bits of a try's number within its invoice."""


class Thing(NamedTuple):
    """One object: its account's number, and its own within the account."""

    account: int
    number: int

    @property
    def packed(self) -> int:
        return self.account << PARTS | self.number


def thing_of(packed: int) -> Thing:
    """The thing of a packed number."""
    return Thing(*divmod(packed, 1 << PARTS))


def charge_number(invoice: int, attempt: int) -> int:
    """The number of a charge within its account."""
    return invoice << _TRIES | attempt


def attempt_of(ledger: Ledger, number: int) -> tuple[Invoice, Attempt]:
    """The invoice and the try of a charge."""
    invoice, attempt = divmod(number, 1 << _TRIES)
    return ledger.invoices[invoice], ledger.invoices[invoice].attempts[attempt]


class Ids:
    """The ids of one world's things, in both directions."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._seal = Seal(seed, "stripe")
        self.of = lru_cache(65_536)(self._make)

    def _make(self, kind: str, thing: Thing) -> str:
        """`sub_…`, `in_…`, `ch_…`, `evt_…`; a customer's is the one that the CRM knows."""
        if kind == CUSTOMER:
            return customer_id(self._seed, thing.account, thing.number)
        return f"{kind}_{self._seal.of(kind, thing.packed)}"

    def read(self, kind: str, text: str) -> Thing | None:
        """The thing that an id (of any kind but customers) names."""
        packed = self._seal.read(kind, text.removeprefix(f"{kind}_")) if text.startswith(f"{kind}_") else None
        return None if packed is None else thing_of(packed)


class View(NamedTuple):
    """The world at a moment, to be told in one of two shapes: that of version 2023-08-16, or `basil`, that of
    2025-03-31.basil and later, where the period of a subscription is its items', an invoice names its subscription
    under `parent`, and a charge no longer names its invoice."""

    world: World
    ids: Ids
    now: int
    basil: bool

    def payer(self, account: int) -> tuple[str, str | None]:
        """The name and address on an account's bills: its main contact's. Neither ever changes."""
        person = self.world.person(self.world.census.people_of(account).start)
        return person.name, person.email if self.world.ledger(account).has_email else None


def seconds(moment: int) -> int:
    """As Stripe writes times."""
    return moment // SECOND


def listed(records: list[Record], url: str) -> Record:
    """A list within an object."""
    return {"object": "list", "data": records, "has_more": False, "total_count": len(records), "url": url}
