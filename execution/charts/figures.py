"""Figures as a picture writes them, and whether there is one at all: what is unknown is not zero."""

import math
from datetime import date, datetime
from decimal import Decimal

from execution.errors import UsageError

UNKNOWN = "not captured"
MINUS = "\N{MINUS SIGN}"
_CURRENCY = 3
"""Letters of a currency's code, which stands before its amount."""
_WHOLE = 100
"""From here on, what is behind the point tells nobody anything."""


def number(value: object) -> float | None:
    """A figure; None where it is unknown. Raises UsageError (E296) for what is no number."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if math.isfinite(value) else None
    raise _unfit(value, "number")


def day(value: object) -> date:
    """A day, also of ISO text or a moment. Raises UsageError (E296) for what is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise _unfit(value, "day") from None


def _unfit(value: object, wanted: str) -> UsageError:
    shown = str(value)[:40]
    return UsageError(f"'{shown}' is no {wanted}", hint="look at the rows that the picture is given", code="E296")


def figure(value: float | None, unit: str = "", *, signed: bool = False) -> str:
    """`USD 1,200`, `12%`, `3.5 days`, `not captured`; with `signed` a plus before what grew."""
    if value is None:
        return UNKNOWN
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    digits = _digits(abs(value))
    if unit == "%":
        return f"{sign}{digits}%"
    if len(unit) == _CURRENCY and unit.isupper():
        return f"{sign}{unit} {digits}"
    noun = unit.removesuffix("s") if digits == "1" and not unit.endswith("ss") else unit
    return f"{sign}{digits} {noun}".rstrip()


def _digits(value: float) -> str:
    if value >= _WHOLE or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}".rstrip("0").rstrip(".")


def share(value: float | None) -> str:
    """`87%` of 0.87."""
    return UNKNOWN if value is None else f"{value:.0%}".replace("-", MINUS)
