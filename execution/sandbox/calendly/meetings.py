"""Meetings in Calendly's words, as they are now: scheduled events, their invitees, and the marks of no-shows."""

from typing import Any

from execution.sandbox.calendly.ids import EVENT_TYPE
from execution.sandbox.calendly.view import View
from execution.sandbox.exchange import Record
from execution.sandbox.world import Meeting
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.meetings import EVENT_TYPES, QUESTIONS, WEBINAR, Booking, Ref
from execution.sandbox.world.moments import DAY, MINUTE, SECOND, iso_us


def event(view: View, meeting: Meeting) -> Record:
    """A scheduled event; the buffered times and the host's address and name are newer than the saved description
    of the API."""
    now = view.world.now
    there = meeting.booked_by(now)
    canceled = meeting.cancellation_at(now)
    record: Record = {
        "uri": view.uuids.event(meeting.ref),
        "name": EVENT_TYPES[meeting.event_type].name,
        "status": "active" if canceled is None else "canceled",
        "start_time": iso_us(meeting.start),
        "end_time": iso_us(meeting.end),
        "event_type": view.uuids.uri(EVENT_TYPE, meeting.event_type),
        "location": _location(view, meeting),
        "invitees_counter": {
            "total": len(there),
            "active": sum(not booking.is_canceled_at(now) for _, booking in there),
            "limit": EVENT_TYPES[meeting.event_type].seats,
        },
        "created_at": iso_us(meeting.booked_at),
        "updated_at": iso_us(meeting.updated_by(now)),
        "event_memberships": [_host(view, meeting, index) for index in (meeting.host, *meeting.cohosts)],
        "event_guests": [_guest(meeting, email) for email in meeting.guests],
        "calendar_event": _calendar_event(view, meeting),
    }
    if canceled is not None:
        record["cancellation"] = _cancellation(view, meeting, canceled)
    return record


def _host(view: View, meeting: Meeting, index: int) -> Record:
    member = view.world.team[index]
    return {
        "user": view.user(index),
        "user_email": member.email,
        "user_name": member.name,
        "buffered_start_time": iso_us(meeting.start),
        "buffered_end_time": iso_us(meeting.end),
    }


def _guest(meeting: Meeting, email: str) -> Record:
    at = iso_us(meeting.booked_at)
    return {"email": email, "created_at": at, "updated_at": at}


def _location(view: View, meeting: Meeting) -> dict[str, Any] | None:
    match meeting.place:
        case 0:
            room = Dice(view.world.seed, f"room {meeting.ref.number}", meeting.ref.group).between(10**9, 10**10 - 1)
            data = {"id": str(room), "settings": {"global_dial_in_numbers": []}}
            return {
                "type": "zoom_conference",
                "status": "pushed",
                "join_url": f"https://zoom.us/j/{room}",
                "data": data,
            }
        case 1 | 2:
            join_url = f"https://calendly.com/events/{view.uuids.event(meeting.ref)[-36:]}/google_meet"
            return {"type": "google_conference", "status": "pushed", "join_url": join_url}
        case 3:
            return {"type": "outbound_call", "location": "+1 212 555 0100"}
        case 4:
            return {"type": "physical", "location": "Calendly Office"}
        case _:
            return None


def _calendar_event(view: View, meeting: Meeting) -> dict[str, str] | None:
    if meeting.place == 4:
        return None
    return {"kind": "google", "external_id": view.uuids.event(meeting.ref)[-36:].replace("-", "")[:26]}


def invitee(view: View, meeting: Meeting, number: int, booking: Booking) -> Record:
    """Invitee `number` of a meeting."""
    now = view.world.now
    is_canceled = booking.is_canceled_at(now)
    has_moved = is_canceled and booking.moved_to is not None
    uri = view.uuids.invitee(meeting.ref, number)
    first, last = _split(booking.name) if meeting.event_type == WEBINAR else (None, None)
    record: Record = {
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
        "event": view.uuids.event(meeting.ref),
        "created_at": iso_us(booking.booked_at),
        "updated_at": iso_us(booking.updated_by(now)),
        "tracking": _tracking(booking),
        "text_reminder_number": None,
        "rescheduled": has_moved,
        "old_invitee": _first_of(view, booking.moved_from),
        "new_invitee": _first_of(view, booking.moved_to) if has_moved else None,
        "cancel_url": f"https://calendly.com/cancellations/{uri[-36:]}",
        "reschedule_url": f"https://calendly.com/reschedulings/{uri[-36:]}",
        "routing_form_submission": None,
        "payment": None,
        "no_show": _no_show(view, meeting, number, booking),
        "reconfirmation": _reconfirmation(meeting, booking, now),
    }
    if is_canceled:
        record["cancellation"] = _cancellation(view, meeting, booking)
    return record


def _first_of(view: View, ref: Ref | None) -> str | None:
    return view.uuids.invitee(ref, 0) if ref is not None else None


def _cancellation(view: View, meeting: Meeting, booking: Booking) -> Record:
    by_host = booking.canceled_by == "host"
    return {
        "canceled_by": view.world.team[meeting.host].name if by_host else booking.name,
        "reason": booking.reason,
        "canceler_type": booking.canceled_by,
    }


def _no_show(view: View, meeting: Meeting, number: int, booking: Booking) -> Record | None:
    if not booking.is_no_show_at(view.world.now):
        return None
    return {"uri": view.uuids.no_show(meeting.ref, number), "created_at": iso_us(booking.no_show_at)}


def no_show(view: View, meeting: Meeting, number: int, booking: Booking) -> Record | None:
    """The mark itself, where there is one now."""
    mark = _no_show(view, meeting, number, booking)
    return mark and {**mark, "invitee": view.uuids.invitee(meeting.ref, number)}


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
