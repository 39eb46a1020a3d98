"""Each account's run of meetings, the webinars, and our own meetings; pure functions of the world's seed."""

from typing import TYPE_CHECKING, NamedTuple

from execution.sandbox.world.accounts import FUTURE, Account
from execution.sandbox.world.courses import Milestone
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.meetings import (
    BY_ACCOUNT,
    CHECK_IN,
    DEMO,
    DISCOVERY,
    EVENT_TYPES,
    GROUP,
    INTERNAL,
    ONBOARDING,
    QUESTIONS,
    REVIEW,
    SYNC,
    WEBINAR,
    Booking,
    Meeting,
    Ref,
    working_slot,
)
from execution.sandbox.world.moments import DAY, HOUR, MINUTE, SECOND
from execution.sandbox.world.people import Person, as_typed
from execution.sandbox.world.words import CANCEL_REASONS, IDEAL_CLIENTS, LIFETIME_VALUES, OFFERS, REMARKS

if TYPE_CHECKING:
    from execution.sandbox.world import World

REACH = 420 * DAY
"""How far before `as_of` the calendars go back: a little beyond a year's backfill."""

_ROUND_DAYS = 14
ROUNDS = (REACH + FUTURE) // (_ROUND_DAYS * DAY)
"""How many webinars, and how many meetings of our own."""

_MOST_PER_ACCOUNT = 80
_MOST_MOVES = 2


class Fate(NamedTuple):
    """How often, per thousand, a booking is moved, called off, or missed."""

    moved: int
    canceled: int
    missed: int


_FATES = {
    "growing": Fate(70, 40, 30),
    "steady": Fate(80, 70, 60),
    "lead": Fate(60, 120, 120),
    "stalling": Fate(120, 180, 200),
    "leaving": Fate(120, 220, 220),
    "churned": Fate(100, 200, 200),
}


def account_meetings(world: "World", account: Account) -> tuple[Meeting, ...]:
    """All meetings of one account, past and to come, each reschedule followed by what it was moved to."""
    return _Run(world, account).laid_out()


class _Run:
    """One account's meetings while they are laid out, one after the other."""

    def __init__(self, world: "World", account: Account) -> None:
        self._world = world
        self._account = account
        self._people = [world.person(number) for number in world.census.people_of(account.number)]
        self._dice = Dice(world.seed, "meetings", account.number)
        self._meetings: list[Meeting] = []

    def laid_out(self) -> tuple[Meeting, ...]:
        """All of them."""
        account, dice = self._account, self._dice
        end = min(account.churned_at, self._world.as_of + FUTURE)
        at = max(account.started, self._world.as_of - REACH) + dice.between(3 * HOUR, 12 * DAY)
        while at < end and len(self._meetings) < _MOST_PER_ACCOUNT:
            if account.at(at).stage != "churned":
                self._hold(at)
            at += self._interval_days(account.at(at)) * DAY
        return tuple(self._meetings)

    def _interval_days(self, standing: Milestone) -> int:
        """The days to the next meeting: the better it goes, the more often people meet."""
        course, dice = self._account.course, self._dice
        if standing.stage in {"lead", "trial"}:
            return dice.between(6, 20) if course != "lead" else dice.between(25, 120)
        if course in {"stalling", "leaving", "churned"}:
            return dice.between(45, 100)
        return dice.between(18, 40) if course == "growing" else dice.between(28, 60)

    def _event_type(self, standing: Milestone, at: int) -> int:
        if standing.stage == "lead":
            return DEMO if self._meetings else DISCOVERY
        if standing.stage == "trial":
            return DEMO
        if at - standing.at < 60 * DAY:
            return ONBOARDING
        return REVIEW if self._dice.happens(250) else CHECK_IN

    def _hold(self, at: int) -> None:
        """Add one meeting around `at`; where it is moved, what it was moved to as well."""
        account, dice = self._account, self._dice
        start = working_slot(at, dice.below(32))
        booked = max(start - dice.between(3 * HOUR, 25 * DAY), account.started + 2 * HOUR) + dice.below(SECOND)
        there = [person for person in self._people if person.created < booked] or self._people[:1]
        person = there[0] if dice.happens(700) else dice.pick(there)
        event_type = self._event_type(account.at(booked), at)
        moved_from: Ref | None = None
        for moves in range(_MOST_MOVES + 1):
            booking = _booking(dice, person, booked, start, event_type)._replace(moved_from=moved_from)
            # nobody moves a call for ever
            fate = _FATES[account.course] if moves < _MOST_MOVES else _FATES[account.course]._replace(moved=0)
            booking = _fate(dice, booking, start, fate)
            moved_from = self._add(event_type, start, booking)
            if booking.moved_to is None:
                return
            booked = booking.canceled_at
            start = working_slot(start + dice.between(1, 9) * DAY, dice.below(32))

    def _add(self, event_type: int, start: int, booking: Booking) -> Ref:
        """Add a meeting with this one booking; if that is moved, to the meeting that comes next."""
        world, account, dice = self._world, self._account, self._dice
        ref = Ref(BY_ACCOUNT, account.number, len(self._meetings))
        if booking.moved_to is not None:
            booking = booking._replace(moved_to=ref._replace(number=ref.number + 1))
        host = account.owner % len(world.team)
        colleague = (host + 1) % len(world.team)
        guests: tuple[str, ...] = (world.team[colleague].email,) if dice.happens(120) else ()
        if account.domain is not None and dice.happens(80):
            guests += (f"assistant@{account.domain}",)
        cohosts = (colleague,) if EVENT_TYPES[event_type].pooling == "collective" else ()
        self._meetings.append(Meeting(ref, event_type, start, host, cohosts, guests, dice.below(6), (booking,)))
        return ref


def _booking(dice: Dice, person: Person, booked: int, start: int, event_type: int) -> Booking:
    return Booking(
        person=person.number,
        email=as_typed(dice, person),
        name=person.name,
        timezone=person.timezone,
        booked_at=min(booked, start - HOUR),
        answers=_answers(dice) if EVENT_TYPES[event_type].asks else (),
    )


def _answers(dice: Dice) -> tuple[tuple[str, str], ...]:
    """The questionnaire, with gaps: optional questions stay blank or are left out."""
    given = (dice.pick(OFFERS), dice.pick(IDEAL_CLIENTS), dice.pick(LIFETIME_VALUES), dice.pick(REMARKS))
    return tuple((question, answer) for question, answer in zip(QUESTIONS, given, strict=True) if dice.happens(850))


def _fate(dice: Dice, booking: Booking, start: int, fate: Fate) -> Booking:
    """What comes of a booking: moved (marked by a provisional `moved_to`), called off, missed, or held."""
    throw = dice.below(1000)
    window = start - booking.booked_at
    if throw < fate.moved:
        at = booking.booked_at + window // 4 + dice.below(window // 2)
        by = "host" if dice.happens(200) else "invitee"
        return booking._replace(canceled_at=at, canceled_by=by, reason="Rescheduled", moved_to=Ref(0, 0, 0))
    throw -= fate.moved
    if throw < fate.canceled:
        at = booking.booked_at + window // 8 + dice.below(window * 7 // 8)
        by = "host" if dice.happens(250) else "invitee"
        return booking._replace(canceled_at=at, canceled_by=by, reason=dice.pick(CANCEL_REASONS) or None)
    if throw - fate.canceled < fate.missed:
        # hosts mark a no-show at once, or when they tidy up days later
        delay = dice.between(10 * MINUTE, 2 * HOUR) if dice.happens(600) else dice.between(1 * DAY, 9 * DAY)
        return booking._replace(no_show_at=start + delay)
    return booking


def webinar(world: "World", number: int) -> tuple[Meeting, ...]:
    """The webinar of one round: up to eight people of any account, some of whom cancel or stay away, and one of us."""
    dice = Dice(world.seed, "webinar", number)
    start = working_slot(world.as_of - REACH + number * _ROUND_DAYS * DAY, 12)
    host = dice.below(len(world.team))
    bookings: list[Booking] = []
    for index in sorted({dice.below(world.census.people) for _ in range(dice.between(2, 8))}):
        person = world.person(index)
        booked = start - dice.between(2 * HOUR, 20 * DAY)
        if person.created < booked and world.account(person.account).churned_at > start:
            bookings.append(_seat(dice, _booking(dice, person, booked, start, WEBINAR), start))
    ours = world.team[(host + 1) % len(world.team)]
    booked = start - 21 * DAY
    bookings.insert(0, Booking(None, ours.email, ours.name, ours.timezone, booked))
    return (Meeting(Ref(GROUP, number, 0), WEBINAR, start, host, (), (), 2, tuple(bookings)),)


def _seat(dice: Dice, booking: Booking, start: int) -> Booking:
    """A seat in a group is given up or left empty, never moved."""
    return _fate(dice, booking, start, Fate(0, 100, 150))


def internal(world: "World", number: int) -> tuple[Meeting, ...]:
    """A meeting among ourselves; every fourth is a host trying out their own booking page."""
    dice = Dice(world.seed, "internal", number)
    start = working_slot(world.as_of - REACH + number * _ROUND_DAYS * DAY + 3 * DAY, dice.below(32))
    host = dice.below(len(world.team))
    invitee = world.team[host if number % 4 == 0 else (host + 1) % len(world.team)]
    booking = Booking(None, invitee.email, invitee.name, invitee.timezone, start - dice.between(4 * HOUR, 6 * DAY))
    return (Meeting(Ref(INTERNAL, number, 0), SYNC, start, host, (), (), 2, (booking,)),)
