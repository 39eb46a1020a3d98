"""Every meeting of the organization in order of start time, and who may see which."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from functools import cached_property
from itertools import compress

from execution.sandbox.calendly.ids import EVENT, INVITEE, Uuids
from execution.sandbox.calendly.paging import Key
from execution.sandbox.calendly.params import Span, denied, missing
from execution.sandbox.world import Meeting, Ref, World
from execution.sandbox.world.meetings import Booking
from execution.sandbox.world.moments import MINUTE
from execution.sandbox.world.team import Member

_NOT_ALLOWED = "You are not allowed to view this event"


_GROUP_BITS, _NUMBER_BITS = 22, 10
_REF_BITS = 2 + _GROUP_BITS + _NUMBER_BITS


def _packed(meeting: Meeting) -> int:
    """A meeting's place in one number that sorts by start, then by series, group and number: eight bytes a meeting
    hold the diary of a world of any size. Meetings start on whole minutes."""
    series, group, number = meeting.ref
    return ((meeting.start // MINUTE << 2 | series) << _GROUP_BITS | group) << _NUMBER_BITS | number


def _ref(packed: int) -> Ref:
    rest, number = divmod(packed, 1 << _NUMBER_BITS)
    rest, group = divmod(rest, 1 << _GROUP_BITS)
    return Ref(rest & 3, group, number)


def _first_from(moment: int) -> int:
    """Less than or equal to the packed place of any meeting that starts at `moment` or later, more than any other."""
    return -(-moment // MINUTE) << _REF_BITS


class Diary:
    """The meetings of one world as they are at its `now`."""

    def __init__(self, world: World, uuids: Uuids) -> None:
        self._world = world
        self._uuids = uuids
        self._there: array[int] | None = None

    @cached_property
    def _story(self) -> "tuple[array[int], array[int]]":
        """Every meeting of the story in order, and when each is booked: those to come are many, and no page should
        pay for passing them over."""
        packed = sorted((_packed(meeting), meeting.booked_at) for meeting in self._world.every_meeting())
        return array("q", (place for place, _ in packed)), array("q", (at for _, at in packed))

    def _order(self) -> "array[int]":
        """The meetings that somebody has booked by now."""
        if self._there is None:
            now, (places, booked) = self._world.now, self._story
            self._there = array("q", compress(places, [at <= now for at in booked]))
            for meeting in self._world.edits.booked:
                insort(self._there, _packed(meeting))
        return self._there

    def moved_on(self) -> None:
        """The moment is another, and meetings may have been booked by hand."""
        self._there = None

    def prepare(self) -> None:
        """Put everything in order now instead of when it is first asked for."""
        self._order()

    def visible(self) -> "array[int]":
        """The places of every meeting that somebody has booked by now, by start time."""
        return self._order()

    def at(self, place: int) -> Meeting:
        """The meeting of a visible place."""
        meeting = self._world.meeting(_ref(place))
        assert meeting is not None  # noqa: S101 - the order has its place
        return meeting

    def find(self, ref: Ref) -> Meeting | None:
        """The meeting, if somebody has booked it by now."""
        meeting = self._world.meeting(ref)
        return meeting if meeting is not None and meeting.booked_at <= self._world.now else None

    def event(self, caller: Member, uuid: str) -> Meeting:
        """The meeting of this UUID. Raises Refusal where there is none, or the caller may not see it."""
        named = self._uuids.read(EVENT, uuid)
        meeting = self.find(named.ref) if named else None
        if meeting is None:
            raise missing()
        if caller.role == "user" and caller.number not in {meeting.host, *meeting.cohosts}:
            raise denied(_NOT_ALLOWED)
        return meeting

    def booking(self, uri: str) -> tuple[Meeting, int, Booking] | None:
        """The booking that an invitee's URI or UUID names, if it exists now."""
        named = self._uuids.read(INVITEE, uri.rpartition("/")[2])
        meeting = self.find(named.ref) if named else None
        if meeting is None or named is None:
            return None
        there = dict(meeting.booked_by(self._world.now))
        return (meeting, named.booking, there[named.booking]) if named.booking in there else None

    def within(self, span: Span, after: Key | None, *, reverse: bool) -> Iterator[int]:
        """The visible places that start within `span`, beyond `after`, by start time or in `reverse`."""
        order = self._order()
        low = bisect_left(order, _first_from(span.low))
        high = bisect_left(order, _first_from(span.high))
        if reverse:
            high = bisect_left(order, after[0], hi=high) if after else high
            return (order[number] for number in range(high - 1, low - 1, -1))
        return (order[number] for number in range(bisect_right(order, after[0], lo=low) if after else low, high))
