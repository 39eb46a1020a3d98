"""The world in Calendly's words: each function gives one resource exactly as the vendor would send it."""

from typing import Any

from execution.sandbox.calendly.ids import EVENT_TYPE, MEMBERSHIP, ORGANIZATION, USER, Uuids
from execution.sandbox.exchange import Record
from execution.sandbox.world import Meeting, World
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.meetings import EVENT_TYPES, QUESTIONS, WEBINAR, Booking, Ref
from execution.sandbox.world.moments import DAY, MINUTE, SECOND, iso_us
from execution.sandbox.world.team import ORGANIZATION_NAME, Member

_COLORS = ("#0069ff", "#0ae8f0", "#17e885", "#ccf000", "#ff4f00", "#e55cff", "#8247f5")


class Wire:
    """Renders the things of one world as they are at its `now`."""

    def __init__(self, world: World, uuids: Uuids) -> None:
        self._world = world
        self.uuids = uuids
        self.organization = uuids.uri(ORGANIZATION)
        self._founded = world.as_of - 1_200 * DAY
        self._user_uris = [uuids.uri(USER, member.number) for member in world.team]

    # --- people and settings of the organization --------------------------------------------------

    def user(self, member: Member) -> Record:
        """A user, with `current_organization` as /users/me and /users/{uuid} give it."""
        return {**self._user(member), "current_organization": self.organization}

    def _user(self, member: Member) -> Record:
        joined = self._joined(member)
        return {
            "uri": self._user_uris[member.number],
            "name": member.name,
            "slug": member.slug,
            "email": member.email,
            "scheduling_url": f"https://calendly.com/{member.slug}",
            "timezone": member.timezone,
            "avatar_url": None,
            "created_at": iso_us(joined),
            "updated_at": iso_us(joined + 30 * DAY),
        }

    def membership(self, member: Member) -> Record:
        """A member of the organization."""
        joined = self._joined(member)
        return {
            "uri": self.uuids.uri(MEMBERSHIP, member.number),
            "role": member.role,
            "user": self._user(member),
            "organization": self.organization,
            "created_at": iso_us(joined),
            "updated_at": iso_us(joined),
        }

    def _joined(self, member: Member) -> int:
        return self._founded + member.number * 7 * DAY + 678_123

    def event_type(self, index: int) -> Record:
        """One kind of meeting that can be booked."""
        kind = EVENT_TYPES[index]
        slug = kind.name.lower().replace(" ", "-")
        return {
            "uri": self.uuids.uri(EVENT_TYPE, index),
            "name": kind.name,
            "active": True,
            "booking_method": "instant",
            "slug": slug,
            "scheduling_url": f"https://calendly.com/d/{slug}",
            "duration": kind.minutes,
            "kind": "group" if kind.for_many else "solo",
            "pooling_type": kind.pooling,
            "type": "StandardEventType",
            "color": _COLORS[index % len(_COLORS)],
            "created_at": iso_us(self._founded + index * DAY),
            "updated_at": iso_us(self._founded + (index + 100) * DAY),
            "internal_note": None,
            "description_plain": f"{kind.name}, {kind.minutes} minutes",
            "description_html": f"<p>{kind.name}, {kind.minutes} minutes</p>",
            "profile": {"type": "User", "name": ORGANIZATION_NAME, "owner": self._user_uris[0]},
            "secret": False,
            "deleted_at": None,
            "admin_managed": False,
            "kind_description": _kind_description(kind.for_many, kind.pooling),
            "custom_questions": [_question(place, text) for place, text in enumerate(QUESTIONS)] if kind.asks else [],
        }

    # --- meetings ---------------------------------------------------------------------------------

    def event(self, meeting: Meeting) -> Record:
        """A scheduled event; the buffered times and the host's address and name are newer than the saved description
        of the API."""
        now = self._world.now
        there = meeting.booked_by(now)
        canceled = meeting.cancellation_at(now)
        event: Record = {
            "uri": self.uuids.event(meeting.ref),
            "name": EVENT_TYPES[meeting.event_type].name,
            "status": "active" if canceled is None else "canceled",
            "start_time": iso_us(meeting.start),
            "end_time": iso_us(meeting.end),
            "event_type": self.uuids.uri(EVENT_TYPE, meeting.event_type),
            "location": self._location(meeting),
            "invitees_counter": {
                "total": len(there),
                "active": sum(not booking.is_canceled_at(now) for _, booking in there),
                "limit": EVENT_TYPES[meeting.event_type].seats,
            },
            "created_at": iso_us(meeting.booked_at),
            "updated_at": iso_us(meeting.updated_by(now)),
            "event_memberships": [self._host(meeting, index) for index in (meeting.host, *meeting.cohosts)],
            "event_guests": [self._guest(meeting, email) for email in meeting.guests],
            "calendar_event": self._calendar_event(meeting),
        }
        if canceled is not None:
            event["cancellation"] = self._cancellation(meeting, canceled)
        return event

    def _host(self, meeting: Meeting, index: int) -> Record:
        member = self._world.team[index]
        return {
            "user": self._user_uris[index],
            "user_email": member.email,
            "user_name": member.name,
            "buffered_start_time": iso_us(meeting.start),
            "buffered_end_time": iso_us(meeting.end),
        }

    @staticmethod
    def _guest(meeting: Meeting, email: str) -> Record:
        at = iso_us(meeting.booked_at)
        return {"email": email, "created_at": at, "updated_at": at}

    def _location(self, meeting: Meeting) -> dict[str, Any] | None:
        match meeting.place:
            case 0:
                room = Dice(self._world.seed, f"room {meeting.ref.number}", meeting.ref.group).between(
                    10**9, 10**10 - 1
                )
                data = {"id": str(room), "settings": {"global_dial_in_numbers": []}}
                return {
                    "type": "zoom_conference",
                    "status": "pushed",
                    "join_url": f"https://zoom.us/j/{room}",
                    "data": data,
                }
            case 1 | 2:
                join_url = f"https://calendly.com/events/{self.uuids.event(meeting.ref)[-36:]}/google_meet"
                return {"type": "google_conference", "status": "pushed", "join_url": join_url}
            case 3:
                return {"type": "outbound_call", "location": "+1 212 555 0100"}
            case 4:
                return {"type": "physical", "location": "Calendly Office"}
            case _:
                return None

    def _calendar_event(self, meeting: Meeting) -> dict[str, str] | None:
        if meeting.place == 4:
            return None
        return {"kind": "google", "external_id": self.uuids.event(meeting.ref)[-36:].replace("-", "")[:26]}

    def invitee(self, meeting: Meeting, number: int, booking: Booking) -> Record:
        """Invitee `number` of a meeting."""
        now = self._world.now
        is_canceled = booking.is_canceled_at(now)
        has_moved = is_canceled and booking.moved_to is not None
        uri = self.uuids.invitee(meeting.ref, number)
        first, last = _split(booking.name) if meeting.event_type == WEBINAR else (None, None)
        invitee: Record = {
            "uri": uri,
            "email": booking.email,
            "first_name": first,
            "last_name": last,
            "name": booking.name,
            "status": "canceled" if is_canceled else "active",
            "questions_and_answers": [
                {"question": question, "answer": answer, "position": QUESTIONS.index(question)}
                for question, answer in booking.answers
            ],
            "timezone": booking.timezone,
            "event": self.uuids.event(meeting.ref),
            "created_at": iso_us(booking.booked_at),
            "updated_at": iso_us(booking.updated_by(now)),
            "tracking": _tracking(booking),
            "text_reminder_number": None,
            "rescheduled": has_moved,
            "old_invitee": self._first_of(booking.moved_from),
            "new_invitee": self._first_of(booking.moved_to) if has_moved else None,
            "cancel_url": f"https://calendly.com/cancellations/{uri[-36:]}",
            "reschedule_url": f"https://calendly.com/reschedulings/{uri[-36:]}",
            "routing_form_submission": None,
            "payment": None,
            "no_show": self._no_show(meeting, number, booking),
            "reconfirmation": _reconfirmation(meeting, booking, now),
        }
        if is_canceled:
            invitee["cancellation"] = self._cancellation(meeting, booking)
        return invitee

    def _first_of(self, ref: Ref | None) -> str | None:
        return self.uuids.invitee(ref, 0) if ref is not None else None

    def _cancellation(self, meeting: Meeting, booking: Booking) -> Record:
        by_host = booking.canceled_by == "host"
        return {
            "canceled_by": self._world.team[meeting.host].name if by_host else booking.name,
            "reason": booking.reason,
            "canceler_type": booking.canceled_by,
        }

    def _no_show(self, meeting: Meeting, number: int, booking: Booking) -> Record | None:
        if not booking.is_no_show_at(self._world.now):
            return None
        return {"uri": self.uuids.no_show(meeting.ref, number), "created_at": iso_us(booking.no_show_at)}

    def no_show(self, meeting: Meeting, number: int, booking: Booking) -> Record | None:
        """The mark itself, where there is one now."""
        mark = self._no_show(meeting, number, booking)
        return mark and {**mark, "invitee": self.uuids.invitee(meeting.ref, number)}


def _kind_description(for_many: bool, pooling: str | None) -> str:  # noqa: FBT001 - as the vendor pairs them
    if for_many:
        return "Group"
    return {"round_robin": "Round Robin", "collective": "Collective", None: "One-on-One"}[pooling]


def _question(place: int, text: str) -> Record:
    return {
        "name": text,
        "type": "text",
        "position": place,
        "enabled": True,
        "required": False,
        "answer_choices": [],
        "include_other": False,
    }


def _split(name: str) -> tuple[str, str]:
    first, _, last = name.partition(" ")
    return first, last


def _tracking(booking: Booking) -> Record:
    is_from_newsletter = booking.booked_at // SECOND % 5 == 0
    return {
        "utm_campaign": "autumn" if is_from_newsletter else None,
        "utm_source": "newsletter" if is_from_newsletter else None,
        "utm_medium": "email" if is_from_newsletter else None,
        "utm_content": None,
        "utm_term": None,
        "salesforce_uuid": None,
    }


def _reconfirmation(meeting: Meeting, booking: Booking, now: int) -> Record | None:
    asked = meeting.start - DAY
    if EVENT_TYPES[meeting.event_type].name != "Product Demo" or not booking.booked_at < asked <= now:
        return None
    answered = asked + 45 * MINUTE
    return {"created_at": iso_us(asked), "confirmed_at": iso_us(answered) if answered <= now else None}
