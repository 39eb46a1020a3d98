"""Stripe's ways to say no."""

from execution.sandbox.exchange import Header, Record, Reply, json_reply

_DOCS = "https://stripe.com/docs/error-codes/"
_MISSING_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we "
    "can help at https://support.stripe.com/."
)
_TOO_MANY = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The vendor says no, with this status and body."""

    def __init__(self, status: int, body: Record) -> None:
        super().__init__(body["error"]["message"])
        self.status = status
        self.body = body


def body(message: str, **more: str) -> Record:
    """An error body of the kind that callers cause."""
    documented = {"doc_url": _DOCS + more["code"].replace("_", "-")} if "code" in more else {}
    return {"error": {"type": "invalid_request_error", "message": message, **documented, **more}}


def invalid(message: str, param: str, code: str = "parameter_invalid_integer") -> Refusal:
    """400."""
    return Refusal(400, body(message, param=param, code=code))


def unknown(names: list[str]) -> Refusal:
    """400 for parameters that the endpoint does not take."""
    listed = ", ".join(names)
    what = "parameter" if len(names) == 1 else "parameters"
    return Refusal(400, body(f"Received unknown {what}: {listed}", param=names[0], code="parameter_unknown"))


def missing(what: str, id_: str, param: str = "id", status: int = 404) -> Refusal:
    """404 for a thing that is not there; 400 where it was named in a parameter of a list."""
    return Refusal(status, body(f"No such {what}: '{id_}'", param=param, code="resource_missing"))


def no_such_url(method: str, path: str) -> Refusal:
    """404 for a path that is none."""
    message = (
        f"Unrecognized request URL ({method}: {path}). If you are trying to list objects, remove the trailing slash. "
        "If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. "
        "Please see https://stripe.com/docs or we can help at https://support.stripe.com/."
    )
    return Refusal(404, body(message))


def unauthorized(key: str | None) -> Reply:
    """401, which shows the first and last of a key that is wrong."""
    if not key:
        return json_reply(401, body(_MISSING_KEY))
    return json_reply(401, body(f"Invalid API Key provided: {key[:3]}{'*' * 8}{key[-2:]}"))


def too_many() -> Reply:
    """429."""
    headers: list[Header] = [(b"stripe-rate-limited-reason", b"global-rate"), (b"stripe-should-retry", b"true")]
    return json_reply(429, body(_TOO_MANY, code="rate_limit"), headers)


def failure(status: int) -> Reply:
    """Stripe's words for a status."""
    if status == 401:
        return unauthorized(None)
    if status == 429:
        return too_many()
    if status < 500:
        return json_reply(status, body("The request was unacceptable."))
    headers: list[Header] = [(b"stripe-should-retry", b"true")]
    message = "An unknown error occurred"
    return json_reply(status, {"error": {"type": "api_error", "message": message}}, headers)
