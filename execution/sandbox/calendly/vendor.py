"""Calendly's door: who calls, how often they may, and which resource a path names."""

import math
import re
from collections.abc import Callable

from execution.sandbox.calendly import params as accepts
from execution.sandbox.calendly.diary import Diary
from execution.sandbox.calendly.ids import EVENT_TYPE, NO_SHOW, USER, Named, Uuids
from execution.sandbox.calendly.listings import Listings
from execution.sandbox.calendly.meetings import event, invitee, no_show
from execution.sandbox.calendly.organization import event_type, user
from execution.sandbox.calendly.pages import CalendlyPages
from execution.sandbox.calendly.params import Refusal, checked, missing
from execution.sandbox.calendly.truth import truth_of
from execution.sandbox.calendly.view import View
from execution.sandbox.exchange import Header, Record, Reply, Request, json_reply
from execution.sandbox.limits import Allowance, Window, scaled
from execution.sandbox.options import CALENDLY_MEMBER_TOKEN, CALENDLY_TOKEN
from execution.sandbox.world import Meeting, World
from execution.sandbox.world.meetings import Booking
from execution.sandbox.world.team import Member

_PER_MINUTE = 500
_AT_ONCE = 5_000
"""Up to so many people the diary is made before the first request; beyond, it takes longer than is always worth."""

_FAILURES = {
    400: ("Invalid Argument", "The supplied parameters are invalid."),
    401: ("Unauthenticated", "The access token is invalid"),
    403: ("Permission Denied", "You do not have permission to access this resource."),
    404: ("Resource Not Found", "The server could not find the requested resource."),
    414: ("URI Too Long", "The request URI is too long."),
    429: ("Too Many Requests", "You have exceeded the rate limit. Please try again later."),
}
_BROKEN = (
    "Internal Server Error",
    "The server encountered an unexpected condition that prevented it from fulfilling the request.",
)


class Calendly:
    """The vendor. `speed` multiplies its rate limit; 0 lifts it. A token is the owner's or that of a plain member."""

    name = "calendly"

    def __init__(self, world: World, speed: float) -> None:
        self.shape = CalendlyPages()
        self._world = world
        self._uuids = Uuids(world.seed)
        self._view = View(world, self._uuids)
        self._diary = Diary(world, self._uuids)
        if world.census.people <= _AT_ONCE:
            self._diary.prepare()
        self._callers = {CALENDLY_TOKEN: world.team[0], CALENDLY_MEMBER_TOKEN: world.team[-1]}
        self._windows = {token: Window(scaled(_PER_MINUTE, speed), 60) for token in self._callers} if speed else {}
        self._lists = lists = Listings(self._view, self._diary)
        routes: tuple[tuple[str, Callable[..., Record]], ...] = (
            (r"/users/([^/]+)", self._user),
            (r"/organization_memberships", lists.memberships),
            (r"/event_types", lists.event_types),
            (r"/event_types/([^/]+)", self._event_type),
            (r"/scheduled_events", lists.events),
            (r"/scheduled_events/([^/]+)", self._event),
            (r"/scheduled_events/([^/]+)/invitees", lists.invitees),
            (r"/scheduled_events/([^/]+)/invitees/([^/]+)", self._invitee),
            (r"/invitee_no_shows/([^/]+)", self._no_show),
        )
        self._routes = tuple((re.compile(pattern), route) for pattern, route in routes)

    def answer(self, request: Request) -> Reply:
        """What Calendly answers."""
        token = request.bearer() or ""
        caller = self._callers.get(token)
        if caller is None:
            return self.failure(401)
        headers: list[Header] = []
        if self._windows:
            allowance = self._windows[token].take()
            headers = _rate_headers(allowance)
            if not allowance.granted:
                return _failure(429, headers)
        try:
            return json_reply(200, self._routed(request, caller), headers)
        except Refusal as refusal:
            return json_reply(refusal.status, refusal.body, headers)

    def _routed(self, request: Request, caller: Member) -> Record:
        for pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match and request.method == "GET":
                return route(request, caller, *match.groups())
        raise missing()

    def failure(self, status: int) -> Reply:
        """Calendly's words for a status."""
        return _failure(status, [])

    def render_ahead(self) -> None:
        """Render the events that are not rendered yet; all else is done in no time."""
        self._lists.render_ahead()

    def moved_on(self) -> None:
        """Notice that time went by, and meetings booked by hand."""
        self._diary.moved_on()
        self._lists.moved_on()

    def truth(self) -> Record:
        """Totals over every meeting booked by now, and per invitee address."""
        return truth_of(map(self._diary.at, self._diary.visible()), self._world)

    def booking(self, uri: str) -> tuple[Meeting, int, Booking] | None:
        """The booking that an invitee's URI names, if it exists now."""
        return self._diary.booking(uri)

    def uris(self, meeting: Meeting) -> Record:
        """The URIs of a meeting and its first invitee."""
        return {"event": self._uuids.event(meeting.ref), "invitee": self._uuids.invitee(meeting.ref, 0)}

    # --- single resources -------------------------------------------------------------------------

    def _user(self, request: Request, caller: Member, uuid: str) -> Record:
        checked(request.params(), accepts.NONE)
        member = caller if uuid == "me" else self._world.team[self._named(USER, uuid).group]
        return {"resource": user(self._view, member)}

    def _event_type(self, request: Request, _caller: Member, uuid: str) -> Record:
        checked(request.params(), accepts.NONE)
        return {"resource": event_type(self._view, self._named(EVENT_TYPE, uuid).group)}

    def _event(self, request: Request, caller: Member, uuid: str) -> Record:
        checked(request.params(), accepts.NONE)
        return {"resource": event(self._view, self._diary.event(caller, uuid))}

    def _invitee(self, request: Request, caller: Member, event: str, uuid: str) -> Record:
        checked(request.params(), accepts.NONE)
        meeting = self._diary.event(caller, event)
        found = self._diary.booking(uuid)
        if found is None or found[0].ref != meeting.ref:
            raise missing()
        return {"resource": invitee(self._view, *found)}

    def _no_show(self, request: Request, _caller: Member, uuid: str) -> Record:
        checked(request.params(), accepts.NONE)
        named = self._named(NO_SHOW, uuid)
        meeting = self._diary.find(named.ref)
        there = dict(meeting.booked_by(self._world.now)) if meeting else {}
        if meeting is None or named.booking not in there:
            raise missing()
        mark = no_show(self._view, meeting, named.booking, there[named.booking])
        if mark is None:
            raise missing()
        return {"resource": mark}

    def _named(self, kind: int, uuid: str) -> Named:
        named = self._uuids.read(kind, uuid)
        if named is None:
            raise missing()
        return named


def _rate_headers(allowance: Allowance) -> list[Header]:
    """The vendor's three; Reset is the seconds left, not a time of day."""
    return [
        (b"x-ratelimit-limit", b"%d" % allowance.limit),
        (b"x-ratelimit-remaining", b"%d" % allowance.remaining),
        (b"x-ratelimit-reset", b"%d" % math.ceil(allowance.reset_s)),
    ]


def _failure(status: int, headers: list[Header]) -> Reply:
    title, message = _FAILURES.get(status, _BROKEN)
    return json_reply(status, {"title": title, "message": message}, headers)
