"""What a complete sync of Calendly must find: counts over the world itself, not over what the API said."""

from collections.abc import Iterable

from execution.sandbox.exchange import Record
from execution.sandbox.world import Meeting, World
from execution.sandbox.world.meetings import Booking

_COUNTS = ("booked", "canceled", "no_show", "rescheduled")


def truth_of(meetings: Iterable[Meeting], world: World) -> Record:
    """Totals of events and invitees, the counts per address as typed (lower-cased) and per person's own address.

    Each booking counts as booked and, where it holds, as exactly one of rescheduled, no_show or canceled.
    """
    now = world.now
    totals = {"events": 0, "events_canceled": 0, "events_to_come": 0, "invitees": 0, **dict.fromkeys(_COUNTS, 0)}
    by_email: dict[str, dict[str, int]] = {}
    by_person: dict[str, dict[str, int]] = {}
    for meeting in meetings:
        totals["events"] += 1
        totals["events_canceled"] += meeting.cancellation_at(now) is not None
        totals["events_to_come"] += meeting.start > now
        for _, booking in meeting.booked_by(now):
            totals["invitees"] += 1
            person = booking.email.lower() if booking.person is None else world.person(booking.person).email
            states = ("booked", _state(booking, now))
            for counts in (
                totals,
                by_email.setdefault(booking.email.lower(), dict.fromkeys(_COUNTS, 0)),
                by_person.setdefault(person, dict.fromkeys(_COUNTS, 0)),
            ):
                for state in states:
                    if state:
                        counts[state] += 1
    return {**totals, "by_email": by_email, "by_person": by_person}


def _state(booking: Booking, now: int) -> str | None:
    if booking.is_canceled_at(now) and booking.moved_to is not None:
        return "rescheduled"
    if booking.is_no_show_at(now):
        return "no_show"
    return "canceled" if booking.is_canceled_at(now) else None
