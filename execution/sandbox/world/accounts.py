"""Accounts: who they are, and who belongs to them.

How many people an account has follows a fixed pattern per ten accounts, turned by chance, so that the account of a
person and the people of an account are arithmetic and nothing need be generated to find them.
"""

from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from execution.sandbox.world.courses import COURSES, HISTORY, Milestone, milestones
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.moments import DAY, NEVER
from execution.sandbox.world.words import (
    COMPANY_HEADS,
    COMPANY_KINDS,
    COMPANY_TAILS,
    INDUSTRIES,
)

FUTURE = 400 * DAY
"""How far on the story is told; the world can be advanced that far."""

_SIZES = (1, 2, 4, 3, 6, 1, 5, 2, 4, 2)
_BLOCK = len(_SIZES)
_BLOCK_PEOPLE = sum(_SIZES)
_STARTS = tuple(tuple(accumulate((*_SIZES[turn:], *_SIZES[:turn]), initial=0)) for turn in range(_BLOCK))
"""For each turn of the pattern, where each account's people begin within the block; the last entry is the whole."""

_NAMES = len(COMPANY_HEADS) * len(COMPANY_TAILS) * len(COMPANY_KINDS)
_STRIDE = 19_577  # shares no factor with _NAMES, so a name comes again only after all others


class Account(NamedTuple):
    """A company, or a person on their own (then `domain` is None)."""

    number: int
    name: str
    domain: str | None
    industry: str
    place: int
    employees: int
    revenue_usd: int
    course: str
    owner: int
    started: int
    milestones: tuple[Milestone, ...]

    def at(self, moment: int) -> Milestone:
        """Where the account stands at `moment`; before its start, where it began."""
        standing = self.milestones[0]
        for milestone in self.milestones[1:]:
            if milestone.at > moment:
                break
            standing = milestone
        return standing

    @property
    def churned_at(self) -> int:
        last = self.milestones[-1]
        return last.at if last.stage == "churned" else NEVER


class Census:
    """Which people belong to which account, for one seed."""

    def __init__(self, seed: int, people: int) -> None:
        self._seed = seed
        self._turns: dict[int, int] = {}
        self.people = people
        self.accounts = self.account_of(people - 1) + 1 if people else 0

    def _starts(self, block: int) -> tuple[int, ...]:
        turn = self._turns.get(block)
        if turn is None:
            turn = self._turns[block] = Dice(self._seed, "block", block).below(_BLOCK)
        return _STARTS[turn]

    def account_of(self, person: int) -> int:
        """The account of a person, both by index."""
        block, within = divmod(person, _BLOCK_PEOPLE)
        return block * _BLOCK + bisect_right(self._starts(block), within) - 1

    def people_of(self, account: int) -> range:
        """The people of an account, by index; the first is its main contact."""
        block, within = divmod(account, _BLOCK)
        starts = self._starts(block)
        base = block * _BLOCK_PEOPLE
        return range(base + starts[within], base + starts[within + 1])


def begun(dice: Dice, index: int, accounts: int, as_of: int) -> int:
    """When account `index` was first heard of: evenly over the history, and on at that rate after `as_of`."""
    gap = HISTORY // max(1, accounts)
    if index < accounts:
        return as_of - HISTORY + index * gap + dice.between(gap // 10, gap * 9 // 10)
    later = newcomer_gap(accounts)
    return as_of + DAY + (index - accounts) * later + dice.between(later // 10, later * 9 // 10)


def newcomer_gap(accounts: int) -> int:
    """The time between two accounts that come after `as_of`: in a small world one every other day."""
    return min(HISTORY // max(1, accounts), 2 * DAY)


def make_account(seed: int, index: int, accounts: int, as_of: int, size: int) -> Account:
    """Account `index` of `accounts`, with `size` people; pure."""
    dice = Dice(seed, "account", index)
    started = begun(dice, index, accounts, as_of)
    name, slug = company_name(seed, index)
    alone = size == 1 and dice.happens(500)
    course = dice.pick(COURSES)
    return Account(
        number=index,
        name="" if alone and dice.happens(500) else name,
        domain=None if alone else f"{slug}.example",
        industry=dice.pick(INDUSTRIES),
        place=dice.below(14),
        employees=size * dice.between(2, 40),
        revenue_usd=dice.between(1, 400) * 50_000,
        course=course,
        owner=dice.below(1 << 20),
        started=started,
        milestones=milestones(dice, Dice(seed, "turns", index), course, started, as_of),
    )


def company_name(seed: int, index: int) -> tuple[str, str]:
    """A name and its domain label, both unlike those of any other account of this world."""
    round_, place = divmod(index, _NAMES)
    number = (place * _STRIDE + Dice(seed, "names").below(_NAMES)) % _NAMES
    number, kind = divmod(number, len(COMPANY_KINDS))
    head, tail = divmod(number, len(COMPANY_TAILS))
    name = f"{COMPANY_HEADS[head]}{COMPANY_TAILS[tail]} {COMPANY_KINDS[kind]}"
    name = f"{name} {round_ + 1}" if round_ else name
    return name, name.lower().replace(" ", "")
