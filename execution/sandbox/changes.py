"""Moving the world on: days go by, and things happen that a test asks for."""

from typing import Annotated

import msgspec

from execution.errors import UsageError
from execution.sandbox.calendly.vendor import Calendly
from execution.sandbox.exchange import Record, Vendor
from execution.sandbox.hubspot.vendor import Hubspot
from execution.sandbox.world import World, moments
from execution.sandbox.world.accounts import FUTURE
from execution.sandbox.world.edits import BookingEdit, PersonEdit
from execution.sandbox.world.meetings import BY_HAND, CHECK_IN, EVENT_TYPES, Booking, Meeting, Ref


class Cancel(msgspec.Struct, tag_field="change", tag="cancel", forbid_unknown_fields=True):
    """An invitee's booking is called off now."""

    invitee: str
    by: str = "invitee"
    reason: str | None = None


class NoShow(msgspec.Struct, tag_field="change", tag="no_show", forbid_unknown_fields=True):
    """The host marks an invitee as a no-show now; or, with `mark` false, takes the mark back."""

    invitee: str
    mark: bool = True


class Book(msgspec.Struct, tag_field="change", tag="book", forbid_unknown_fields=True):
    """Somebody books a call now, at `start_time` (ISO 8601)."""

    email: str
    start_time: str
    name: str = ""
    event_type: Annotated[int, msgspec.Meta(ge=0, lt=len(EVENT_TYPES))] = CHECK_IN
    host: int = 0


class Contact(msgspec.Struct, tag_field="change", tag="contact", forbid_unknown_fields=True):
    """Properties of a CRM contact are set now."""

    id: str
    properties: dict[str, str | None]


class Archive(msgspec.Struct, tag_field="change", tag="archive", forbid_unknown_fields=True):
    """A CRM contact is deleted now."""

    id: str


class Merge(msgspec.Struct, tag_field="change", tag="merge", forbid_unknown_fields=True):
    """One CRM contact is merged into another now: it vanishes, the other remembers its id."""

    id: str
    into: str


class BulkUpdate(msgspec.Struct, tag_field="change", tag="bulk_update", forbid_unknown_fields=True):
    """Every CRM contact is updated at one and the same moment, as an import or a workflow does."""


Change = Cancel | NoShow | Book | Contact | Archive | Merge | BulkUpdate


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    """`days` go by, then the changes happen in order."""

    days: Annotated[float, msgspec.Meta(ge=0)] = 0
    changes: list[Change] = msgspec.field(default_factory=list)


class Changes:
    """Applies them to a world and tells its vendors."""

    def __init__(self, world: World, vendors: dict[str, Vendor]) -> None:
        self._world = world
        self._vendors = vendors

    def advance(self, asked: object) -> Record:
        """Move on; the new moment, and the URIs of meetings that were booked. Raises UsageError, changing nothing
        where the request itself is wrong."""
        try:
            advance = msgspec.convert(asked, Advance)
        except msgspec.ValidationError as error:
            raise UsageError(
                f"advance: {error}", hint='{"days": 1} or {"changes": [{"change": "cancel", …}]}'
            ) from error
        now = self._world.now + int(advance.days * moments.DAY)
        if now > self._world.as_of + FUTURE:
            raise UsageError("advance: the story ends 400 days after as_of", hint="start with a later as_of")
        # each call happens a second after the last, so that what it changes is newer than what was read before it
        self._world.now = now + moments.SECOND
        try:
            done = [self._apply(change) for change in advance.changes]
        finally:
            for vendor in self._vendors.values():
                vendor.moved_on()
        return {"now": moments.iso_us(self._world.now), "changes": done}

    def _apply(self, change: Change) -> Record:
        now = self._world.now
        match change:
            case Cancel(invitee=uri, by=by, reason=reason):
                edit = self._booking(uri)
                edit.canceled_at, edit.canceled_by, edit.reason = now, by, reason
                return {"invitee": uri}
            case NoShow(invitee=uri, mark=mark):
                self._booking(uri).no_show_at = now if mark else moments.NEVER
                return {"invitee": uri}
            case Book():
                return self._book(change)
            case Contact(id=contact, properties=properties):
                person = self._contact(contact)
                person.changed_at = now
                person.properties.update(properties)
                return {"id": contact}
            case Archive(id=contact):
                self._contact(contact).archived_at = now
                return {"id": contact}
            case Merge(id=contact, into=winner):
                return self._merge(contact, winner)
            case BulkUpdate():
                self._world.edits.bulk_at = now - now % moments.MILLISECOND
                return {}

    def _booking(self, uri: str) -> BookingEdit:
        calendly = self._vendors.get("calendly")
        found = calendly.booking(uri) if isinstance(calendly, Calendly) else None
        if found is None:
            raise UsageError(f"advance: there is no invitee {uri}", hint="take the URI of an invitee that was listed")
        return self._world.edits.booking(found[0].ref, found[1])

    def _contact(self, contact: str) -> PersonEdit:
        return self._world.edits.person(self._person(contact))

    def _person(self, contact: str) -> int:
        hubspot = self._vendors.get("hubspot")
        index = hubspot.person(contact) if isinstance(hubspot, Hubspot) else None
        if index is None:
            raise UsageError(f"advance: there is no contact {contact}", hint="take the id of a contact that was listed")
        return index

    def _book(self, change: Book) -> Record:
        start = moments.parse(change.start_time)
        if start is None:
            raise UsageError(f"advance: {change.start_time!r} is no time", hint="2026-01-01T09:00:00Z")
        booked = self._world.edits.booked
        booking = Booking(None, change.email, change.name or change.email, "Etc/UTC", self._world.now)
        host = change.host % len(self._world.team)
        start -= start % moments.MINUTE
        booked.append(Meeting(Ref(BY_HAND, len(booked), 0), change.event_type, start, host, (), (), 2, (booking,)))
        calendly = self._vendors.get("calendly")
        return calendly.uris(booked[-1]) if isinstance(calendly, Calendly) else {}

    def _merge(self, contact: str, winner: str) -> Record:
        loser, into = self._person(contact), self._person(winner)
        if loser == into:
            raise UsageError("advance: a contact cannot be merged into itself", hint="name two contacts")
        self._world.edits.person(loser).merged_into = into
        kept = self._world.edits.person(into)
        kept.merged_from.append(loser)
        kept.changed_at = self._world.now
        return {"id": winner}
