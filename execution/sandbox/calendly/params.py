"""What Calendly accepts in a query: each endpoint's parameters, and the vendor's answer to anything else."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from execution.sandbox.exchange import Record
from execution.sandbox.world import moments

DEFAULT_COUNT, MOST = 20, 100

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URI = re.compile(r"https://api\.calendly\.com/[a-z_]+/[0-9A-Za-z-]+")

Check = Callable[[str], str | None]
"""What is wrong with a value, or None."""
Accepted = Mapping[str, Check]
"""An endpoint's parameters."""


def _one_of(*allowed: str) -> Check:
    return lambda value: None if value in allowed else f"must be one of: {', '.join(allowed)}"


def _sort(field: str) -> Check:
    allowed = {field, f"{field}:asc", f"{field}:desc"}
    return lambda value: None if value in allowed else "is invalid"


def _matches(pattern: re.Pattern[str], kind: str) -> Check:
    return lambda value: None if pattern.fullmatch(value) else f"must be a valid {kind}"


def _time(value: str) -> str | None:
    return None if moments.parse(value) is not None else "must be a valid UTC time"


def _count(value: str) -> str | None:
    if not value.isdecimal():
        return "must be a number"
    if int(value) < 1:
        return "must be greater than or equal to 1"
    return None if int(value) <= MOST else f"must be less than or equal to {MOST}"


def _any(_value: str) -> str | None:
    return None


_PAGED: Accepted = {"count": _count, "page_token": _any}
_STATUS = _one_of("active", "canceled")
_BOOLEAN = _one_of("true", "false")
_EMAIL_ADDRESS = _matches(_EMAIL, "email")
_URI_REFERENCE = _matches(_URI, "URI")

EVENTS: Accepted = {
    **_PAGED,
    "user": _URI_REFERENCE,
    "organization": _URI_REFERENCE,
    "invitee_email": _EMAIL_ADDRESS,
    "status": _STATUS,
    "sort": _sort("start_time"),
    "min_start_time": _time,
    "max_start_time": _time,
}
INVITEES: Accepted = {
    **_PAGED,
    "status": _STATUS,
    "sort": _sort("created_at"),
    "email": _EMAIL_ADDRESS,
}
EVENT_TYPES: Accepted = {
    **_PAGED,
    "user": _URI_REFERENCE,
    "organization": _URI_REFERENCE,
    "active": _BOOLEAN,
    "admin_managed": _BOOLEAN,
    "sort": _sort("name"),
}
MEMBERSHIPS: Accepted = {
    **_PAGED,
    "user": _URI_REFERENCE,
    "organization": _URI_REFERENCE,
    "email": _EMAIL_ADDRESS,
}
NONE: Accepted = {}


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The vendor says no, with this status and body."""

    def __init__(self, status: int, body: Record) -> None:
        super().__init__(body["message"])
        self.status = status
        self.body = body


class Span(NamedTuple):
    """Start times asked for: from `low` on, before `high`."""

    low: int
    high: int


def checked(given: list[tuple[str, str]], accepted: Accepted) -> dict[str, str]:
    """The parameters by name. Raises Refusal (400), naming every one that is unknown or has a bad value."""
    details = []
    for name, value in given:
        problem = accepted[name](value) if name in accepted else "is not a known parameter"
        if problem:
            details.append({"parameter": name, "message": problem})
    if details:
        raise invalid(details)
    return dict(given)


def count_of(params: Mapping[str, str]) -> int:
    """How many rows a page may have."""
    return int(params.get("count", DEFAULT_COUNT))


def span_of(params: Mapping[str, str]) -> Span:
    """The start times asked for."""
    low, high = (moments.parse(params.get(name, "")) for name in ("min_start_time", "max_start_time"))
    return Span(0 if low is None else low, moments.NEVER if high is None else high)


def invalid(details: list[dict[str, str]]) -> Refusal:
    """400."""
    return Refusal(
        400, {"title": "Invalid Argument", "message": "The supplied parameters are invalid.", "details": details}
    )


def denied(message: str) -> Refusal:
    """403."""
    return Refusal(403, {"title": "Permission Denied", "message": message})


def missing() -> Refusal:
    """404."""
    return Refusal(404, {"title": "Resource Not Found", "message": "The server could not find the requested resource."})
