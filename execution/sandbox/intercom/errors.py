"""Intercom's ways to say no."""

from itertools import count
from uuid import UUID

from execution.sandbox.exchange import Header, Record, Reply, json_reply

_FAILURES = {
    400: ("bad_request", "Bad request"),
    401: ("unauthorized", "Access Token Invalid"),
    403: ("forbidden", "The app is not permitted to perform this action"),
    404: ("not_found", "Resource Not Found"),
    414: ("uri_too_long", "Request-URI Too Long"),
    429: ("rate_limit_exceeded", "Exceeded rate limit of 10000 in 1_minute_app"),
}
_BROKEN = ("server_error", "Server Error")
SCROLL_LOST = "Request failed due to an internal network error. Please restart the scroll operation."

_numbers = count(1)


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The vendor says no, with this status and body."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = body(code, message)


def body(code: str, message: str) -> Record:
    """An error body; every one has a request id of its own."""
    request = str(UUID(int=next(_numbers) << 64 | 0x4000_8000 << 32, version=4))
    return {"type": "error.list", "request_id": request, "errors": [{"code": code, "message": message}]}


def invalid(message: str, code: str = "parameter_invalid") -> Refusal:
    """400."""
    return Refusal(400, code, message)


def missing(what: str) -> Refusal:
    """404."""
    return Refusal(404, "not_found", f"{what} Not Found")


def failure(status: int, headers: list[Header] | None = None) -> Reply:
    """Intercom's words for a status."""
    return json_reply(status, body(*_FAILURES.get(status, _BROKEN)), headers or [])
