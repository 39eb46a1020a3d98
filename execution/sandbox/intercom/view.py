"""What rendering needs to know: the world, who and what of it is in Intercom, and under which ids."""

from typing import NamedTuple

from execution.sandbox.intercom.roster import Roster
from execution.sandbox.sealing import Seal
from execution.sandbox.world import World
from execution.sandbox.world.team import Member

_FIRST_TALK = 215_000_000


class Ids:
    """The ids of one workspace's things, and back; all but those of contacts and companies are decimal digits."""

    def __init__(self, seed: int) -> None:
        self._seal = Seal(seed, "intercom")

    def contact(self, key: int) -> str:
        """24 hexadecimal digits."""
        return self._seal.of("contact", key)

    def contact_key(self, id_: str) -> int | None:
        """The number of a contact's id."""
        return self._seal.read("contact", id_)

    def company(self, account: int) -> str:
        """24 hexadecimal digits."""
        return self._seal.of("company", account)

    @staticmethod
    def talk(key: int) -> str:
        """A conversation's."""
        return str(_FIRST_TALK + key)

    @staticmethod
    def talk_key(id_: str) -> int | None:
        """The number of a conversation's id."""
        return int(id_) - _FIRST_TALK if id_.isdecimal() and int(id_) >= _FIRST_TALK else None

    @staticmethod
    def source(key: int) -> str:
        """That of a conversation's first message."""
        return str(_FIRST_TALK * 2 + key)

    @staticmethod
    def part(key: int, place: int) -> str:
        """That of an entry of a conversation."""
        return str(_FIRST_TALK * 40 + key * 1000 + place)

    @staticmethod
    def admin(member: Member) -> str:
        """That of one of us."""
        return str(814_860 + member.number * 7)


class View(NamedTuple):
    """The world at its `now`, as Intercom sees it."""

    world: World
    roster: Roster
    ids: Ids

    def admin(self, number: int) -> Member:
        """The one of us whom a number falls to."""
        return self.world.team[number % len(self.world.team)]

    def is_user(self, account: int) -> bool:
        """Whether an account has tried the product, so that its people are users and not leads."""
        return self.world.account(account).at(self.world.now).stage != "lead"
