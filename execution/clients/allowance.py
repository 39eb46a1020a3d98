"""What a vendor's headers say of how much is left and how long to wait.

Retry-After                             seconds, or an HTTP date
X-RateLimit-*, RateLimit-*              Remaining; Reset in seconds left, or as seconds or milliseconds since 1970
X-HubSpot-RateLimit-*                   Remaining and Max in a rolling Interval-Milliseconds, without a reset
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?")
_EPOCH_S = 1_000_000_000
_EPOCH_MS = 1_000_000_000_000
_FAMILIES = ("x-ratelimit-", "ratelimit-", "x-rate-limit-", "x-hubspot-ratelimit-")


@dataclass(frozen=True, slots=True)
class Allowance:
    """`remaining` requests until the window ends in `reset_s` seconds (None: the vendor does not say)."""

    remaining: int
    reset_s: float | None


def allowance(headers: Mapping[str, str], now: float) -> Allowance | None:
    """What is left, by the first family of headers that says so; None where none does. `now`: seconds since 1970."""
    for family in _FAMILIES:
        remaining = _number(headers.get(family + "remaining"))
        if remaining is not None:
            return Allowance(int(remaining), _reset(family, headers, now))
    return None


def _reset(family: str, headers: Mapping[str, str], now: float) -> float | None:
    reset = _number(headers.get(family + "reset"))
    if reset is not None:
        return seconds_left(reset, headers, now)
    interval_ms, most = _number(headers.get(family + "interval-milliseconds")), _number(headers.get(family + "max"))
    # A rolling window gives one request back at a time: waiting out the whole of it would halve the speed.
    return interval_ms / 1000 / most if interval_ms and most else None


def seconds_left(reset: float, headers: Mapping[str, str], now: float) -> float:
    """Seconds until a reset given in seconds left or since 1970; by the vendor's own clock where it shows it."""
    if reset < _EPOCH_S:
        return reset
    moment = reset / 1000 if reset >= _EPOCH_MS else reset
    return max(0.0, moment - (_date(headers.get("date")) or now))


def asked_to_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait before asking again, by Retry-After or else by the reset of a spent window; None: unsaid."""
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None:
        return seconds_left(seconds, headers, now)
    moment = _date(text)
    if moment is not None:
        return max(0.0, moment - (_date(headers.get("date")) or now))
    for family in _FAMILIES:
        reset, remaining = _number(headers.get(family + "reset")), _number(headers.get(family + "remaining"))
        if reset is not None and not remaining:
            return seconds_left(reset, headers, now)
    return None


def _number(text: str | None) -> float | None:
    match = _NUMBER.fullmatch(text.strip()) if text else None
    return float(match[0]) if match else None


def _date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
