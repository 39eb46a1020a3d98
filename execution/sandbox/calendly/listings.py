"""Calendly's lists: who may ask for which, what the filters leave, and in which order."""

from collections.abc import Iterator

from msgspec import Raw

from execution.sandbox.calendly import params as accepts
from execution.sandbox.calendly.diary import Diary
from execution.sandbox.calendly.ids import ORGANIZATION, USER
from execution.sandbox.calendly.meetings import event, invitee
from execution.sandbox.calendly.organization import event_type, membership
from execution.sandbox.calendly.paging import Key, Listing, Row, Rows, Tokens, page, rows_of
from execution.sandbox.calendly.params import Accepted, checked, denied, invalid, span_of
from execution.sandbox.calendly.view import View
from execution.sandbox.exchange import Record, Request, encode
from execution.sandbox.shelf import Shelf
from execution.sandbox.world import Meeting
from execution.sandbox.world.meetings import EVENT_TYPES
from execution.sandbox.world.team import Member

_OF_OTHERS = "Please also specify organization when requesting events for a user within your organization."


class Listings:
    """The listing endpoints over one world."""

    def __init__(self, view: View, diary: Diary) -> None:
        self._view = view
        self._world = view.world
        self._diary = diary
        self._tokens = Tokens()
        self._shelf = Shelf()
        self._current: dict[int, Raw] = {}

    def moved_on(self) -> None:
        """Which events are as they were is to be looked up again."""
        self._current.clear()

    def render_ahead(self) -> None:
        """Render the events that are not rendered yet."""
        for place in self._diary.visible():
            self._event(place)

    def _event(self, place: int) -> Raw:
        """An event changes when it says so."""
        text = self._current.get(place)
        if text is None:
            meeting = self._diary.at(place)
            version = meeting.updated_by(self._world.now)
            made = self._shelf.text(place, version, lambda: encode(event(self._view, meeting)))
            text = self._current[place] = Raw(made)
        return text

    def _asked(self, request: Request, accepted: Accepted) -> Listing:
        return self._tokens.listing(request.path, checked(request.params(), accepted))

    def _page(self, listing: Listing, rows: Rows) -> Record:
        return page(self._tokens, listing, rows)

    def memberships(self, request: Request, caller: Member) -> Record:
        """GET /organization_memberships."""
        listing = self._asked(request, accepts.MEMBERSHIPS)
        members = self._in_scope(listing, caller)
        email = listing.filters.get("email", "").lower()
        records = [membership(self._view, member) for member in members if email in {"", member.email}]
        return self._page(listing, rows_of(records))

    def event_types(self, request: Request, caller: Member) -> Record:
        """GET /event_types: one catalogue, shared by the whole organization and wholly active."""
        listing = self._asked(request, accepts.EVENT_TYPES)
        self._in_scope(listing, caller)
        order = sorted(range(len(EVENT_TYPES)), key=lambda index: EVENT_TYPES[index].name)
        if _is_descending(listing):
            order.reverse()
        if listing.filters.get("active") == "false" or listing.filters.get("admin_managed") == "true":
            order = []
        return self._page(listing, rows_of([event_type(self._view, index) for index in order]))

    def events(self, request: Request, caller: Member) -> Record:
        """GET /scheduled_events."""
        listing = self._asked(request, accepts.EVENTS)
        hosts = self._in_scope(listing, caller)
        host = hosts[0].number if "user" in listing.filters else None
        span, descending = span_of(listing.filters), _is_descending(listing)
        is_plain = host is None and not {"invitee_email", "status"} & listing.filters.keys()

        def rows(after: Key | None, backwards: bool) -> Iterator[Row]:  # noqa: FBT001 - shape of Rows
            for place in self._diary.within(span, after, reverse=backwards != descending):
                if is_plain or self._is_wanted(self._diary.at(place), listing, host):
                    yield (place,), self._event(place)

        return self._page(listing, rows)

    def _is_wanted(self, meeting: Meeting, listing: Listing, host: int | None) -> bool:
        now = self._world.now
        email, status = listing.filters.get("invitee_email", "").lower(), listing.filters.get("status")
        if host is not None and host not in {meeting.host, *meeting.cohosts}:
            return False
        if email and all(booking.email.lower() != email for _, booking in meeting.booked_by(now)):
            return False
        return status is None or (status == "canceled") == (meeting.cancellation_at(now) is not None)

    def invitees(self, request: Request, caller: Member, uuid: str) -> Record:
        """GET /scheduled_events/{uuid}/invitees."""
        listing = self._asked(request, accepts.INVITEES)
        meeting = self._diary.event(caller, uuid)
        now = self._world.now
        there = sorted(meeting.booked_by(now), key=lambda entry: entry[1].booked_at, reverse=_is_descending(listing))
        email, status = listing.filters.get("email", "").lower(), listing.filters.get("status")
        records = [
            invitee(self._view, meeting, number, booking)
            for number, booking in there
            if email in {"", booking.email.lower()}
            and (status is None or booking.is_canceled_at(now) == (status == "canceled"))
        ]
        return self._page(listing, rows_of(records))

    def _in_scope(self, listing: Listing, caller: Member) -> tuple[Member, ...]:
        """Whom `organization` and `user` ask about. Raises Refusal where neither is given, or the caller may not."""
        filters, is_plain_user = listing.filters, caller.role == "user"
        if "organization" not in filters and "user" not in filters:
            raise invalid([{"parameter": name, "message": "is missing"} for name in ("organization", "user")])
        if "organization" in filters and self._view.uuids.index_of(ORGANIZATION, filters["organization"]) is None:
            raise denied("You do not have permission to access this resource.")
        if "user" not in filters:
            if is_plain_user:
                raise denied("You do not have permission")
            return self._world.team
        index = self._view.uuids.index_of(USER, filters["user"])
        if index is None:
            raise denied("This user is not in your organization")
        if index != caller.number and "organization" not in filters:
            raise denied(_OF_OTHERS)
        if index != caller.number and is_plain_user:
            raise denied("You do not have permission")
        return (self._world.team[index],)


def _is_descending(listing: Listing) -> bool:
    return listing.filters.get("sort", "").endswith(":desc")
