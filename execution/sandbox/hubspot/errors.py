"""HubSpot's ways to say no."""

from collections.abc import Iterable
from itertools import count
from uuid import UUID

from execution.sandbox.exchange import Header, Record, Reply, json_reply

_NO_CREDENTIALS = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at "
    "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)
_FAILURES = {
    400: ("There was a problem with the request.", "VALIDATION_ERROR"),
    401: (_NO_CREDENTIALS, "INVALID_AUTHENTICATION"),
    403: ("This app hasn't been granted all required scopes to make this call.", "MISSING_SCOPES"),
    404: ("resource not found", "OBJECT_NOT_FOUND"),
    405: ("Method Not Allowed", "VALIDATION_ERROR"),
    414: ("Request-URI Too Long", "VALIDATION_ERROR"),
}
_BROKEN = ("internal error", "UNKNOWN")

_numbers = count(1)


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The vendor says no, with this status and body."""

    def __init__(self, status: int, body: Record) -> None:
        super().__init__(body["message"])
        self.status = status
        self.body = body


def body(message: str, category: str, **more: object) -> Record:
    """An error body; every one has a correlation id of its own."""
    correlation = str(UUID(int=next(_numbers) << 64 | 0x4000_8000 << 32, version=4))
    return {"status": "error", "message": message, "correlationId": correlation, "category": category, **more}


def invalid(message: str, code: str = "INVALID_REQUEST") -> Refusal:
    """400."""
    return Refusal(400, body(message, "VALIDATION_ERROR", errors=[{"message": message, "code": code}]))


def standard(message: str, context: dict[str, list[str]]) -> Record:
    """One of the errors of an answer that is right for others."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": message,
        "context": context,
        "errors": [],
        "links": {},
    }


def missing() -> Refusal:
    """404."""
    return Refusal(404, body(*_FAILURES[404]))


def failure(status: int) -> Reply:
    """HubSpot's words for a status."""
    if status == 429:
        return too_many("SECONDLY")
    return json_reply(status, body(*_FAILURES.get(status, _BROKEN)))


def unscoped(scope: str) -> Reply:
    """403 for a token that lacks a scope."""
    context = {"requiredGranularScopes": [scope]}
    return json_reply(403, body(*_FAILURES[403], errors=[{"message": "missing scope", "context": context}]))


def too_many(policy: str, headers: Iterable[Header] = ()) -> Reply:
    """429 of a policy: SECONDLY, TEN_SECONDLY_ROLLING or DAILY."""
    message = f"You have reached your {policy.lower()} limit."
    more = {"errorType": "RATE_LIMIT", "policyName": policy}
    return json_reply(429, body(message, "RATE_LIMITS", **more), headers)
