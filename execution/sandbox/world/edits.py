"""Changes asked for while the sandbox runs, laid over what chance made: one entry per thing changed."""

from dataclasses import dataclass, field
from typing import Any

from execution.sandbox.world.meetings import Meeting, Ref
from execution.sandbox.world.moments import NEVER
from execution.sandbox.world.support import Conversation


@dataclass(slots=True)
class BookingEdit:
    """What somebody did to one booking; None leaves it as it was."""

    canceled_at: int | None = None
    canceled_by: str = "invitee"
    reason: str | None = None
    no_show_at: int | None = None


@dataclass(slots=True)
class PersonEdit:
    """What somebody did to one contact. `properties` are the CRM's own names and texts."""

    changed_at: int = 0
    properties: dict[str, str | None] = field(default_factory=dict)
    archived_at: int | None = None
    merged_into: int | None = None
    merged_from: list[int] = field(default_factory=list)


@dataclass(slots=True)
class RecordEdit:
    """What somebody did to a company or deal of the CRM. `properties` are its own names and texts."""

    changed_at: int = 0
    properties: dict[str, str | None] = field(default_factory=dict)
    archived_at: int = NEVER


@dataclass(slots=True)
class LinkEdit:
    """Which records of another kind one of the CRM was associated with by hand, and parted from, by their numbers."""

    added: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)

    def put(self, number: int, *, is_there: bool) -> None:
        """Associate it, or take the association away."""
        (self.added if is_there else self.removed).add(number)
        (self.removed if is_there else self.added).discard(number)


@dataclass(slots=True)
class MessengerEdit:
    """What somebody did to one contact of the messenger: archived or merged it, or set attributes of ours."""

    changed_at: int = 0
    gone_at: int = NEVER
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class AccountEdit:
    """What somebody did to an account: ended it, let its payments fail, deleted its customer, wrote to support."""

    churned_at: int = NEVER
    fails_from: int = NEVER
    deleted_at: int = NEVER
    said: list[Conversation] = field(default_factory=list)


@dataclass(slots=True)
class Edits:
    """All of them. `bulk_at` is when somebody last updated every contact at once, 0 for never; `version` counts the
    edits of accounts; `erased` are the numbers of conversations that were deleted."""

    bulk_at: int = 0
    version: int = 0
    bookings: dict[tuple[Ref, int], BookingEdit] = field(default_factory=dict)
    people: dict[int, PersonEdit] = field(default_factory=dict)
    booked: list[Meeting] = field(default_factory=list)
    accounts: dict[int, AccountEdit] = field(default_factory=dict)
    contacts: dict[int, MessengerEdit] = field(default_factory=dict)
    records: dict[tuple[str, int], RecordEdit] = field(default_factory=dict)
    links: dict[tuple[str, int, str], LinkEdit] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)

    def booking(self, ref: Ref, number: int) -> BookingEdit:
        """The edit of a booking, made if there is none yet."""
        return self.bookings.setdefault((ref, number), BookingEdit())

    def person(self, index: int) -> PersonEdit:
        """The edit of a person, made if there is none yet."""
        return self.people.setdefault(index, PersonEdit())

    def account(self, index: int) -> AccountEdit:
        """The edit of an account, made if there is none yet."""
        return self.accounts.setdefault(index, AccountEdit())

    def record(self, kind: str, number: int) -> RecordEdit:
        """The edit of a company or deal, made if there is none yet."""
        return self.records.setdefault((kind, number), RecordEdit())

    def link(self, kind: str, number: int, other: str) -> LinkEdit:
        """The edit of a record's associations with another kind, made if there is none yet."""
        return self.links.setdefault((kind, number, other), LinkEdit())

    def contact(self, key: int) -> MessengerEdit:
        """The edit of a messenger's contact, made if there is none yet."""
        return self.contacts.setdefault(key, MessengerEdit())

    def laid_over(self, meeting: Meeting) -> Meeting:
        """The meeting as edited."""
        if not self.bookings:
            return meeting
        bookings = list(meeting.bookings)
        for number, booking in enumerate(bookings):
            edit = self.bookings.get((meeting.ref, number))
            if edit is None:
                continue
            if edit.canceled_at is not None:
                booking = booking._replace(  # noqa: PLW2901 - the edited booking takes its place
                    canceled_at=edit.canceled_at, canceled_by=edit.canceled_by, reason=edit.reason, moved_to=None
                )
            if edit.no_show_at is not None:
                booking = booking._replace(no_show_at=edit.no_show_at)  # noqa: PLW2901
            bookings[number] = booking
        return meeting._replace(bookings=tuple(bookings))
