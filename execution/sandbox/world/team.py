"""Our own people: account managers, who host the meetings and own the accounts."""

from typing import NamedTuple

from execution.sandbox.world.dice import Dice
from execution.sandbox.world.words import FIRST_NAMES, LAST_NAMES, PLACES

DOMAIN = "northbeam.example"
ORGANIZATION_NAME = "Northbeam"

_ACCOUNTS_PER_MANAGER = 12
_LARGEST = 60


class Member(NamedTuple):
    """One of us. `role` is the vendor's: the first is the owner, the second an admin."""

    number: int
    first: str
    last: str
    email: str
    role: str
    timezone: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def slug(self) -> str:
        return self.email.partition("@")[0].replace(".", "-")


def team(seed: int, accounts: int) -> tuple[Member, ...]:
    """As many members as `accounts` need, no two with one address."""
    size = max(4, min(_LARGEST, accounts // _ACCOUNTS_PER_MANAGER))
    shift = Dice(seed, "team").below(len(LAST_NAMES))
    return tuple(_member(seed, index, shift) for index in range(size))


def _member(seed: int, index: int, shift: int) -> Member:
    dice = Dice(seed, "member", index)
    first, first_ascii = dice.pick(FIRST_NAMES)
    last, last_ascii = LAST_NAMES[(index + shift) % len(LAST_NAMES)]
    role = ("owner", "admin")[index] if index < 2 else "user"
    return Member(index, first, last, f"{first_ascii}.{last_ascii}@{DOMAIN}", role, dice.pick(PLACES)[4])
