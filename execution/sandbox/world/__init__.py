"""The generated world behind every vendor: accounts and their people, our team, and the meetings between them.

A world is a pure function of (seed, customers, as_of); `now` says how much of its story has happened, and is the
only thing that time moves. A person, an account or an account's meetings are made from their index alone, so the
millionth costs what the first does, and each vendor shows the same people under ids of its own.
"""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property, lru_cache

from execution.sandbox.world import calendar, meetings
from execution.sandbox.world.accounts import FUTURE, Account, Census, begun, make_account
from execution.sandbox.world.billing import make_ledger
from execution.sandbox.world.courses import Milestone
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.edits import Edits
from execution.sandbox.world.ledger import Ledger
from execution.sandbox.world.meetings import BY_ACCOUNT, GROUP, INTERNAL, Meeting, Ref
from execution.sandbox.world.moments import NEVER
from execution.sandbox.world.people import Person, make_person
from execution.sandbox.world.presence import Absence, absences, last_seen
from execution.sandbox.world.support import Conversation, make_conversations
from execution.sandbox.world.team import team

__all__ = ["Account", "Meeting", "Person", "Ref", "World"]

_KEPT = 16_384
"""Lists go by time, so that neighbours are of different accounts: all of a world of 13,000 people stay at hand."""

_PEOPLE_KEPT = 4_096
"""Some 3 MB."""


class World:
    """`customers` people at `as_of` (microseconds since 1970, UTC), some 3 to an account, and those who come later."""

    def __init__(self, seed: int, customers: int, as_of: int) -> None:
        self.seed = seed
        self.as_of = as_of
        self.now = as_of
        self.census = Census(seed, customers)
        self.team = team(seed, self.census.accounts)
        self.edits = Edits()
        self._newcomers: list[int] = []
        # a page asks for the people of one account in a row, and for its meetings several times
        self.account = lru_cache(_KEPT)(self._edited_account)
        self.person = lru_cache(_PEOPLE_KEPT)(self._make_person)
        self.generated = lru_cache(4096)(self._generate)
        self.ledger = lru_cache(_KEPT)(self._make_ledger)
        self.conversations = lru_cache(_KEPT)(self._make_conversations)
        self.absences = lru_cache(_KEPT)(self._absences)

    # --- people and accounts ---------------------------------------------------------------------

    def _make_account(self, index: int) -> Account:
        return make_account(self.seed, index, self.census.accounts, self.as_of, len(self.census.people_of(index)))

    def _edited_account(self, index: int) -> Account:
        """The account, ended by hand where somebody did that."""
        account = self._make_account(index)
        edit = self.edits.accounts.get(index)
        if edit is None or edit.churned_at >= account.churned_at:
            return account
        left = tuple(milestone for milestone in account.milestones if milestone.at < edit.churned_at)
        return account._replace(milestones=(*left, Milestone(edit.churned_at, "churned", None, 0)))

    def forget(self) -> None:
        """Take notice that somebody edited accounts."""
        self.edits.version += 1
        for kept in (self.account, self.ledger, self.conversations, self.absences):
            kept.cache_clear()

    def _make_person(self, index: int) -> Person:
        """The person of this index; nothing done to an account by hand changes its people."""
        account = self.account(self.census.account_of(index))
        place = index - self.census.people_of(account.number).start
        return make_person(self.seed, index, account, place, (self.as_of, self.census.people, self.census.accounts))

    def people(self) -> int:
        """How many people exist now: always the first so many by index."""
        return self.census.people + bisect_right(self._known_newcomers(), self.now)

    def _known_newcomers(self) -> list[int]:
        """When the people after `as_of` come, as far as needed to know who is here now."""
        if not self.census.people:
            return []
        while not self._newcomers or self._newcomers[-1] <= self.now:
            self._newcomers.append(self.person(self.census.people + len(self._newcomers)).created)
        return self._newcomers

    def accounts_to_come(self) -> int:
        """How many accounts the story knows, up to its end."""
        return self._accounts_to_come

    @cached_property
    def _accounts_to_come(self) -> int:
        count = self.census.accounts
        while begun(Dice(self.seed, "account", count), count, self.census.accounts, self.as_of) < self.as_of + FUTURE:
            count += 1
        return count

    # --- money, support, presence ------------------------------------------------------------------

    def _make_ledger(self, index: int) -> Ledger:
        """What an account is billed and pays."""
        edit = self.edits.accounts.get(index)
        account = self.account(index)
        if edit is None:
            return make_ledger(self.seed, account, self.as_of)
        return make_ledger(self.seed, account, self.as_of, fails_from=edit.fails_from, deleted_at=edit.deleted_at)

    def _make_conversations(self, index: int) -> tuple[Conversation, ...]:
        """What an account's people wrote to our support, by when it began; what was said by hand comes last.

        All else is as generated, so that nothing done by hand changes what was said before; who is ended by hand says
        nothing after.
        """
        account = self._make_account(index)
        people = [self.person(number) for number in self.census.people_of(index)]
        ledger = make_ledger(self.seed, account, self.as_of)
        made = make_conversations(self.seed, account, ledger, people, self.as_of)
        edit = self.edits.accounts.get(index)
        if edit is None:
            return made
        made = tuple(one if one.created < edit.churned_at else one._replace(created=NEVER) for one in made)
        return made + tuple(one._replace(number=len(made) + place) for place, one in enumerate(edit.said))

    def _absences(self, index: int) -> tuple[Absence, ...]:
        """When nobody of an account is seen: as generated, until it is ended by hand."""
        found, end = absences(self.seed, self._make_account(index), self.as_of), self.account(index).churned_at
        return (*(one for one in found if one[0] < end), (end, NEVER)) if end < NEVER else found

    def last_seen(self, person: Person) -> int | None:
        """When somebody was last seen in the product, None for never."""
        account = self.account(person.account)
        return last_seen(self.seed, person, account, self.absences(person.account), self.now)

    # --- meetings --------------------------------------------------------------------------------

    def _generate(self, series: int, index: int) -> tuple[Meeting, ...]:
        match series:
            case meetings.BY_ACCOUNT:
                # as generated: what is in the calendar when an account is ended by hand stays there
                return calendar.account_meetings(self, self._make_account(index))
            case meetings.GROUP:
                return calendar.webinar(self, index)
            case meetings.INTERNAL:
                return calendar.internal(self, index)
            case _:
                return ()

    def meeting(self, ref: Ref) -> Meeting | None:
        """The meeting there, as edited; None where there is none. It may not be booked yet."""
        if ref.series in {BY_ACCOUNT, GROUP, INTERNAL}:
            run = self.generated(ref.series, ref.group)
        else:
            run = tuple(self.edits.booked[ref.group : ref.group + 1])
        return self.edits.laid_over(run[ref.number]) if ref.number < len(run) else None

    def every_meeting(self) -> Iterator[Meeting]:
        """Every meeting of the story, booked by now or not, but those booked by hand; in no order of time."""
        for series, count in (
            (BY_ACCOUNT, self.accounts_to_come() if self.census.people else 0),
            (GROUP, calendar.ROUNDS if self.census.people else 0),
            (INTERNAL, calendar.ROUNDS),
        ):
            for group in range(count):
                yield from self.generated(series, group)
