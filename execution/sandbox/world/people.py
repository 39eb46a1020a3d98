"""People: names, addresses and the mess they come in, and when each was made and changed."""

from typing import NamedTuple

from execution.sandbox.world.accounts import FUTURE, Account, newcomer_gap
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.moments import DAY, HOUR, MINUTE, NEVER
from execution.sandbox.world.words import FIRST_NAMES, FREE_MAIL, LAST_NAMES, PLACES, ROLE_MAILBOXES, TITLES

_MOST_CHANGES = 4


class Person(NamedTuple):
    """One contact. `email` is how they are known; `alias`, if any, is a plus-tagged form they also book with.

    `changes` are the moments at which their record changed, in order; `archived_at` is NEVER for most.
    """

    number: int
    account: int
    first: str
    last: str
    email: str
    alias: str | None
    is_role_mailbox: bool
    title: int
    phone: str
    timezone: str
    created: int
    changes: tuple[int, ...]
    archived_at: int
    has_crm_email: bool
    visits: int

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()

    def title_at(self, moment: int) -> str:
        """Every second change of the record is a new job title."""
        return TITLES[(self.title + self.version_at(moment) // 2) % len(TITLES)]

    def version_at(self, moment: int) -> int:
        """How many times the record had changed by `moment`."""
        return sum(change <= moment for change in self.changes)


def make_person(seed: int, index: int, account: Account, place: int, born: tuple[int, int, int]) -> Person:
    """Person `index`, the `place`-th of `account`; `born` is (as_of, people at as_of, accounts at as_of). Pure."""
    dice = Dice(seed, "person", index)
    as_of = born[0]
    first, first_ascii = dice.pick(FIRST_NAMES)
    # each colleague draws from seven surnames of their own, so no two of an account are namesakes
    last, last_ascii = LAST_NAMES[(account.number * 11 + place * 7 + dice.below(7)) % len(LAST_NAMES)]
    is_role = place > 0 and account.domain is not None and dice.happens(40)
    if is_role:
        mailbox = ROLE_MAILBOXES[place % len(ROLE_MAILBOXES)]
        first, last, local = mailbox.capitalize(), account.name, mailbox
    else:
        local = f"{first_ascii}.{last_ascii}"
    email = _address(dice, local, account, index)
    created = _created(dice, index, place, account, born)
    return Person(
        number=index,
        account=account.number,
        first=first,
        last=last,
        email=email,
        alias=email.replace("@", "+calls@") if not is_role and dice.happens(60) else None,
        is_role_mailbox=is_role,
        title=dice.below(len(TITLES)),
        phone=f"{PLACES[account.place][5]} {dice.between(1000, 9999)}",
        timezone=PLACES[account.place][4],
        created=created,
        changes=_changes(dice, created, as_of),
        archived_at=created + dice.between(30 * DAY, HOUR * 24 * 700) if dice.happens(20) else NEVER,
        has_crm_email=not dice.happens(15),
        visits=dice.below(120),
    )


def _address(dice: Dice, local: str, account: Account, index: int) -> str:
    """A company address, some on a sub-domain; or a free one whose number tells it from any real person's."""
    if account.domain is None:
        return f"{local}.demo{index}@{dice.pick(FREE_MAIL)}"
    return f"{local}@{'mail.' if dice.happens(50) else ''}{account.domain}"


def _created(dice: Dice, index: int, place: int, account: Account, born: tuple[int, int, int]) -> int:
    """When the record was made: at most `as_of` for those the world begins with, in order of index for those after."""
    as_of, people, accounts = born
    if index < people:
        if place == 0:
            return min(as_of, account.started + dice.between(MINUTE, 30 * MINUTE))
        return account.started + dice.below(as_of - account.started)
    if account.number < accounts:
        return as_of + HOUR * (index - people + 1)
    return account.started + place * (newcomer_gap(accounts) // 64)


def _changes(dice: Dice, created: int, as_of: int) -> tuple[int, ...]:
    span = as_of + FUTURE - created
    return tuple(sorted(created + dice.below(span) for _ in range(dice.below(_MOST_CHANGES + 1))))


def as_typed(dice: Dice, person: Person) -> str:
    """The address as this person types it on a booking page: now and then tagged, or in odd case."""
    email = person.alias if person.alias and dice.happens(400) else person.email
    style = dice.below(12)
    if style == 0:
        return email.title()
    if style == 1:
        return email.upper()
    if style == 2:
        local, _, domain = email.partition("@")
        return f"{local.capitalize()}@{domain}"
    return email
