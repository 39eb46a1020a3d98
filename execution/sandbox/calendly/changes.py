"""What can be done to bookings while the sandbox runs."""

from typing import Annotated

import msgspec

from execution.errors import UsageError
from execution.sandbox.calendly.vendor import Calendly
from execution.sandbox.exchange import Record
from execution.sandbox.world import World, moments
from execution.sandbox.world.edits import BookingEdit
from execution.sandbox.world.meetings import BY_HAND, CHECK_IN, EVENT_TYPES, Booking, Meeting, Ref


class Cancel(msgspec.Struct, tag_field="change", tag="cancel", forbid_unknown_fields=True):
    """An invitee's booking is called off now."""

    invitee: str
    by: str = "invitee"
    reason: str | None = None

    def apply(self, world: World, calendly: Calendly) -> Record:
        """Do it; the invitee."""
        edit = _edit(world, calendly, self.invitee)
        edit.canceled_at, edit.canceled_by, edit.reason = world.now, self.by, self.reason
        return {"invitee": self.invitee}


class NoShow(msgspec.Struct, tag_field="change", tag="no_show", forbid_unknown_fields=True):
    """The host marks an invitee as a no-show now; or, with `mark` false, takes the mark back."""

    invitee: str
    mark: bool = True

    def apply(self, world: World, calendly: Calendly) -> Record:
        """Do it; the invitee."""
        _edit(world, calendly, self.invitee).no_show_at = world.now if self.mark else moments.NEVER
        return {"invitee": self.invitee}


class Book(msgspec.Struct, tag_field="change", tag="book", forbid_unknown_fields=True):
    """Somebody books a call now, at `start_time` (ISO 8601)."""

    email: str
    start_time: str
    name: str = ""
    event_type: Annotated[int, msgspec.Meta(ge=0, lt=len(EVENT_TYPES))] = CHECK_IN
    host: int = 0

    def apply(self, world: World, calendly: Calendly) -> Record:
        """Do it; the URIs of the event and the invitee."""
        start = moments.parse(self.start_time)
        if start is None:
            raise UsageError(f"advance: {self.start_time!r} is no time", hint="2026-01-01T09:00:00Z")
        booked = world.edits.booked
        booking = Booking(None, self.email, self.name or self.email, "Etc/UTC", world.now)
        host, start = self.host % len(world.team), start - start % moments.MINUTE
        booked.append(Meeting(Ref(BY_HAND, len(booked), 0), self.event_type, start, host, (), (), 2, (booking,)))
        return calendly.uris(booked[-1])


def _edit(world: World, calendly: Calendly, uri: str) -> BookingEdit:
    found = calendly.booking(uri)
    if found is None:
        raise UsageError(f"advance: there is no invitee {uri}", hint="take the URI of an invitee that was listed")
    return world.edits.booking(found[0].ref, found[1])
