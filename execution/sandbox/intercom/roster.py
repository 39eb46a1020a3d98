"""Who and what there is in Intercom at the world's moment: contacts, companies and conversations, by number.

A person is a contact; one in eight left a second trace before: a lead with the same address, or one without any. All
of it is laid out when it is first asked for, in arrays of numbers, and again after the world moved on.
"""

from array import array
from typing import NamedTuple

from execution.sandbox.world import Account, Person, World
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.moments import DAY, HOUR, NEVER, SECOND
from execution.sandbox.world.support import Conversation

_TALKS = 7
"""Bits of a conversation's number within its account."""


class Trace(NamedTuple):
    """A second contact of a person: made before the first, with the same address or none; merged at some time."""

    created: int
    has_email: bool
    merged_at: int


class Contact(NamedTuple):
    """Contact number `key`: a person, or the trace that one left."""

    key: int
    person: Person
    trace: Trace | None

    @property
    def created(self) -> int:
        return self.trace.created if self.trace else self.person.created


def trace_of(seed: int, person: Person) -> Trace | None:
    """The second contact of a person, if there is one; pure."""
    dice = Dice(seed, "second contact", person.number)
    if not dice.happens(120):
        return None
    created = person.created - dice.between(HOUR, 6 * DAY)
    has_email = dice.happens(600)
    merged_at = person.created + dice.between(HOUR, 90 * DAY) if has_email and dice.happens(300) else NEVER
    return Trace(created, has_email, merged_at)


def talk_key(conversation: Conversation) -> int:
    """The number of a conversation."""
    return conversation.account << _TALKS | conversation.number


class TalkState(NamedTuple):
    """When a conversation began and last changed, in seconds, and whether its contact is a user: all that its record
    depends on."""

    begun_s: int
    spoken_s: int
    is_user: bool


class Roster:
    """Everything there is, as of the world's `now`. `version` grows whenever it may have changed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._is_stale = True
        self.version = 0
        self._contacts = array("q")
        self._talks = array("q")
        self._created: dict[int, int] = {}
        self._updated: dict[int, int] = {}
        self._talk_states: dict[int, TalkState] = {}
        self._requested: dict[int, int] = {}
        self._companies: list[int] | None = None

    def moved_on(self) -> None:
        """The world is another."""
        self._is_stale = True
        self.version += 1

    def _fresh(self) -> None:
        if self._is_stale:
            self._lay_out()
            self._is_stale = False

    def _lay_out(self) -> None:
        world = self._world
        self._companies = None
        self._created, self._updated, self._talk_states, self._requested = {}, {}, {}, {}
        for number in range(world.people()):
            person = world.person(number)
            self._place(Contact(number * 2, person, None))
            trace = trace_of(world.seed, person)
            if trace is not None:
                self._place(Contact(number * 2 + 1, person, trace))
        for number in range(world.accounts_to_come() if world.census.people else 0):
            account = world.account(number)
            if account.started <= world.now:
                is_user = account.at(world.now).stage != "lead"
                for talk in world.conversations(number):
                    if talk.created <= world.now and talk_key(talk) not in world.edits.erased:
                        times = talk.created // SECOND, talk.updated_at(world.now) // SECOND
                        self._talk_states[talk_key(talk)] = TalkState(*times, is_user)
        self._contacts = array("q", self._created)
        self._talks = array("q", self._talk_states)

    def _place(self, contact: Contact) -> None:
        world = self._world
        if not self.is_there(contact):
            return
        self._created[contact.key] = contact.created // SECOND
        updated, seen = self._changed(contact), None
        if contact.trace is None:
            seen = world.last_seen(contact.person)
            if seen is not None:
                account = contact.person.account
                self._requested[account] = max(self._requested.get(account, 0), seen // SECOND)
        self._updated[contact.key] = max(updated, seen or 0) // SECOND

    def is_there(self, contact: Contact) -> bool:
        """Whether a contact has come and was neither archived nor merged."""
        now, person = self._world.now, contact.person
        edit = self._world.edits.contacts.get(contact.key)
        if edit is not None and edit.gone_at <= now:
            return False
        if contact.trace is not None:
            return contact.created <= now < contact.trace.merged_at
        return contact.created <= now < person.archived_at

    def _changed(self, contact: Contact) -> int:
        """The last change of anything that the contact shows, visits aside; its company comes with the ledger."""
        world, person, now = self._world, contact.person, self._world.now
        edit = world.edits.contacts.get(contact.key)
        edited = edit.changed_at if edit is not None else 0
        if contact.trace is not None:
            return max(contact.created, edited)
        account = world.account(person.account)
        since = world.ledger(account.number).since
        moments = [milestone.at for milestone in account.milestones if milestone.at <= now]
        moments += [since] if since <= now else []
        moments += [change for change in person.changes if change <= now]
        moments += [
            talk.updated_at(now)
            for talk in world.conversations(person.account)
            if talk.person == person.number and talk.created <= now
        ]
        if self.is_main(person):
            moments.append(world.ledger(person.account).changed_at(now))
        return max(person.created, edited, *moments)

    def is_main(self, person: Person) -> bool:
        """Whether a person is their account's main contact, whose address the payment provider has."""
        return person.number == self._world.census.people_of(person.account).start

    # --- contacts ---------------------------------------------------------------------------------

    def contacts(self) -> "array[int]":
        """The numbers of all contacts that are there."""
        self._fresh()
        return self._contacts

    def contact(self, key: int) -> Contact | None:
        """A contact that is there."""
        self._fresh()
        return self.any_contact(key) if key in self._created else None

    def any_contact(self, key: int) -> Contact | None:
        """A contact of the world, there or not."""
        number, is_trace = divmod(key, 2)
        if number >= self._world.people():
            return None
        person = self._world.person(number)
        trace = trace_of(self._world.seed, person) if is_trace else None
        return None if is_trace and trace is None else Contact(key, person, trace)

    def created_s(self, key: int) -> int:
        """When a contact that is there was made."""
        return self._created[key]

    def updated_s(self, key: int) -> int:
        """When a contact that is there last changed."""
        return self._updated[key]

    # --- conversations ----------------------------------------------------------------------------

    def talks(self) -> "array[int]":
        """The numbers of all conversations that have begun."""
        self._fresh()
        return self._talks

    def talk(self, key: int) -> Conversation | None:
        """A conversation that has begun."""
        self._fresh()
        account, number = divmod(key, 1 << _TALKS)
        return self._world.conversations(account)[number] if key in self._talk_states else None

    def talk_state(self, key: int) -> TalkState:
        """All that the record of a conversation that has begun depends on."""
        return self._talk_states[key]

    def begun_s(self, key: int) -> int:
        """When a conversation began."""
        return self._talk_states[key].begun_s

    def spoken_s(self, key: int) -> int:
        """When a conversation last changed."""
        return self._talk_states[key].spoken_s

    # --- companies --------------------------------------------------------------------------------

    def is_company(self, account: Account) -> bool:
        """Whether an account is a company in Intercom: it has a name of its own and has tried the product."""
        return account.domain is not None and self._world.ledger(account.number).since <= self._world.now

    def companies(self) -> list[int]:
        """The accounts that are companies with users, the last that somebody of them was seen in first."""
        self._fresh()
        if self._companies is None:
            self._companies = self._sorted_companies()
        return self._companies

    def _sorted_companies(self) -> list[int]:
        numbers = range(self._world.accounts_to_come() if self._world.census.people else 0)
        there = [
            number
            for number in numbers
            if self.is_company(self._world.account(number)) and self.users(number)
        ]  # fmt: skip
        return sorted(there, key=lambda number: (-self.requested_s(number), number))

    def users(self, account: int) -> list[int]:
        """The contacts of an account that are there, traces aside."""
        self._fresh()
        return [number * 2 for number in self._world.census.people_of(account) if number * 2 in self._created]

    def requested_s(self, account: int) -> int:
        """When somebody of an account was last seen, 0 for never."""
        self._fresh()
        return self._requested.get(account, 0)
