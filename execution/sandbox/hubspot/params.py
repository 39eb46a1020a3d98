"""How HubSpot reads a query."""

from collections.abc import Iterable

from execution.sandbox.hubspot.errors import invalid


def joined(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters by name; those given several times, as lists may be, joined by commas."""
    params: dict[str, str] = {}
    for name, value in given:
        params[name] = f"{params[name]},{value}" if name in params else value
    return params


def limit_of(params: dict[str, str], most: int, default: int) -> int:
    """How many records a page may have. Raises Refusal (400)."""
    text = params.get("limit", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise invalid(f"Invalid request: limit must be between 1 and {most}, was {text}")
    return int(text)
