"""Our organization in Calendly's words: users, memberships and event types."""

from execution.sandbox.calendly.ids import EVENT_TYPE, MEMBERSHIP
from execution.sandbox.calendly.view import View
from execution.sandbox.exchange import Record
from execution.sandbox.world.meetings import EVENT_TYPES, QUESTIONS
from execution.sandbox.world.moments import DAY, iso_us
from execution.sandbox.world.team import ORGANIZATION_NAME, Member

_COLORS = ("#0069ff", "#0ae8f0", "#17e885", "#ccf000", "#ff4f00", "#e55cff", "#8247f5")


def user(view: View, member: Member) -> Record:
    """A user, with `current_organization` as /users/me and /users/{uuid} give it."""
    return {**_user(view, member), "current_organization": view.organization}


def _user(view: View, member: Member) -> Record:
    joined = _joined(view, member)
    return {
        "uri": view.user(member.number),
        "name": member.name,
        "slug": member.slug,
        "email": member.email,
        "scheduling_url": f"https://calendly.com/{member.slug}",
        "timezone": member.timezone,
        "avatar_url": None,
        "created_at": iso_us(joined),
        "updated_at": iso_us(joined + 30 * DAY),
    }


def membership(view: View, member: Member) -> Record:
    """A member of the organization."""
    joined = _joined(view, member)
    return {
        "uri": view.uuids.uri(MEMBERSHIP, member.number),
        "role": member.role,
        "user": _user(view, member),
        "organization": view.organization,
        "created_at": iso_us(joined),
        "updated_at": iso_us(joined),
    }


def _joined(view: View, member: Member) -> int:
    return view.founded + member.number * 7 * DAY + 678_123


def event_type(view: View, index: int) -> Record:
    """One kind of meeting that can be booked."""
    kind = EVENT_TYPES[index]
    slug = kind.name.lower().replace(" ", "-")
    return {
        "uri": view.uuids.uri(EVENT_TYPE, index),
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
        "created_at": iso_us(view.founded + index * DAY),
        "updated_at": iso_us(view.founded + (index + 100) * DAY),
        "internal_note": None,
        "description_plain": f"{kind.name}, {kind.minutes} minutes",
        "description_html": f"<p>{kind.name}, {kind.minutes} minutes</p>",
        "profile": {"type": "User", "name": ORGANIZATION_NAME, "owner": view.user(0)},
        "secret": False,
        "deleted_at": None,
        "admin_managed": False,
        "kind_description": _kind_description(kind.for_many, kind.pooling),
        "custom_questions": [_question(place, text) for place, text in enumerate(QUESTIONS)] if kind.asks else [],
    }


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
