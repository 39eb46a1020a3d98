"""Meetings and who booked them: held, missed, called off, moved; alone, in groups, and among ourselves.

A meeting is a story over time. What of it has happened by a moment is asked of the moment (`is_canceled_at` …), so
moving the world on changes nothing but the moment.
"""

from collections.abc import Iterable
from typing import NamedTuple

from execution.sandbox.world.moments import DAY, HOUR, MINUTE, NEVER, weekday

BY_ACCOUNT, GROUP, INTERNAL, BY_HAND = range(4)
"""Whose series a meeting belongs to: an account's, the open webinars, our own, or booked while the sandbox runs."""


class EventType(NamedTuple):
    name: str
    minutes: int
    for_many: bool
    seats: int
    asks: bool
    pooling: str | None


EVENT_TYPES = (
    EventType("Discovery Call", 30, for_many=False, seats=1, asks=True, pooling=None),
    EventType("Product Demo", 45, for_many=False, seats=1, asks=True, pooling="round_robin"),
    EventType("Onboarding Session", 60, for_many=False, seats=1, asks=True, pooling=None),
    EventType("Monthly Check-in", 30, for_many=False, seats=1, asks=False, pooling=None),
    EventType("Quarterly Business Review", 60, for_many=False, seats=1, asks=False, pooling="collective"),
    EventType("Customer Webinar", 60, for_many=True, seats=100, asks=False, pooling=None),
    EventType("Internal Sync", 30, for_many=False, seats=1, asks=False, pooling=None),
)
DISCOVERY, DEMO, ONBOARDING, CHECK_IN, REVIEW, WEBINAR, SYNC = range(len(EVENT_TYPES))

QUESTIONS = ("What is your offer?", "Who is your ICP?", "What is the LTV of a client?", "Anything else we should know?")


class Ref(NamedTuple):
    """A meeting's place: the series, the account or round it belongs to (`group`), and its number there."""

    series: int
    group: int
    number: int


class Booking(NamedTuple):
    """One invitee of a meeting. `person` is an index, or None for one of us or a stranger.

    `moved_to` and `moved_from` are the meetings (not the bookings) of a reschedule; such meetings have one invitee.
    """

    person: int | None
    email: str
    name: str
    timezone: str
    booked_at: int
    canceled_at: int = NEVER
    canceled_by: str = "invitee"
    reason: str | None = None
    no_show_at: int = NEVER
    moved_to: Ref | None = None
    moved_from: Ref | None = None
    answers: tuple[tuple[str, str], ...] = ()

    def is_canceled_at(self, now: int) -> bool:
        return self.canceled_at <= now

    def is_no_show_at(self, now: int) -> bool:
        """A mark stays when the booking is called off after it, but nobody marks a booking called off before."""
        return self.no_show_at <= now and self.canceled_at > self.no_show_at

    def updated_by(self, now: int) -> int:
        """The last thing that happened to it, up to `now`."""
        happened = (self.booked_at + 14_000, self.canceled_at, self.no_show_at)
        return max(moment for moment in happened if moment <= now or moment == happened[0])


class Meeting(NamedTuple):
    """One slot in a host's calendar and everybody who ever booked it."""

    ref: Ref
    event_type: int
    start: int
    host: int
    cohosts: tuple[int, ...]
    guests: tuple[str, ...]
    place: int
    bookings: tuple[Booking, ...]

    @property
    def end(self) -> int:
        return self.start + EVENT_TYPES[self.event_type].minutes * MINUTE

    @property
    def booked_at(self) -> int:
        """When the slot was first booked; before that it does not exist."""
        return min((booking.booked_at for booking in self.bookings), default=NEVER)

    def booked_by(self, now: int) -> list[tuple[int, Booking]]:
        """The bookings that exist at `now`, with their numbers."""
        return [(number, booking) for number, booking in enumerate(self.bookings) if booking.booked_at <= now]

    def cancellation_at(self, now: int) -> Booking | None:
        """The booking whose cancellation called the whole meeting off: a group meets as long as it is on its plan."""
        if EVENT_TYPES[self.event_type].for_many:
            return None
        there = self.booked_by(now)
        if there and all(booking.is_canceled_at(now) for _, booking in there):
            return max((booking for _, booking in there), key=lambda booking: booking.canceled_at)
        return None

    def updated_by(self, now: int) -> int:
        """The last booking or cancellation up to `now`. A no-show mark does not touch the event: hosts set it on
        the invitee."""
        return max(
            booking.canceled_at if booking.is_canceled_at(now) else booking.booked_at + 14_000
            for _, booking in self.booked_by(now)
        )


def working_slot(moment: int, quarter: int) -> int:
    """The quarter hour numbered `quarter` (0 … 31, from 13:00 UTC) of the first working day after `moment`'s."""
    midnight = moment - moment % DAY + DAY
    days_to_monday = {5: 2, 6: 1}.get(weekday(midnight), 0)
    return midnight + days_to_monday * DAY + 13 * HOUR + quarter * 15 * MINUTE


def existing(meetings: Iterable[Meeting], now: int) -> list[Meeting]:
    """The meetings that somebody has booked by `now`."""
    return [meeting for meeting in meetings if meeting.booked_at <= now]
