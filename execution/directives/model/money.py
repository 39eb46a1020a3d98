"""What money of other currencies is worth: the rates that a team declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import AfterValidator, PlainValidator

from execution.directives.model.shape import UnfitError

PLACES = 10
"""Digits after the point that a rate may have."""
LARGEST = 10**8


@dataclass(frozen=True, slots=True)
class Rate:
    """From `since` on, one unit is worth `rate` units of the base currency; without a day, always."""

    since: date | None
    rate: Decimal


def _currency(code: str) -> str:
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        raise UnfitError(f"'{code[:20]}' is no currency", hint="write its ISO 4217 code, as in EUR")
    return code


def _rates(written: object) -> tuple[Rate, ...]:
    """A rate, or rates by the day they begin on, in the order of days. Raises UnfitError for what is none."""
    if isinstance(written, tuple):
        return written
    if not isinstance(written, Mapping):
        return (Rate(None, _rate(written)),)
    if not written:
        raise UnfitError("no rate is written here", hint="write one, or one for each day that a rate begins on")
    days = {_day(text): value for text, value in written.items()}
    return tuple(Rate(day, _rate(days[day], f" from {day} on")) for day in sorted(days))


def _rate(written: object, when: str = "") -> Decimal:
    hint = "write how many units of the base currency one unit is worth, as in 1.08"
    try:
        rate = Decimal("nan" if isinstance(written, bool) else str(written))
    except InvalidOperation:
        raise UnfitError(f"the rate{when}, '{str(written)[:20]}', is no number", hint=hint) from None
    if not rate.is_finite() or rate <= 0:
        raise UnfitError(f"the rate{when}, {written}, is no number above 0", hint=hint)
    if rate >= LARGEST or rate != round(rate, PLACES):
        raise UnfitError(f"the rate{when}, {written}, is too long", hint=f"{PLACES} digits after the point are kept")
    return rate


def _day(text: object) -> date:
    try:
        if len(str(text)) == len("2026-01-31"):
            return date.fromisoformat(str(text))
    except ValueError:
        pass
    raise UnfitError(f"'{str(text)[:20]}' is no day", hint="write the day that a rate begins on, as in 2026-01-31")


Currency = Annotated[str, AfterValidator(_currency)]
Rates = Annotated[tuple[Rate, ...], PlainValidator(_rates)]
RatesByCurrency = dict[Currency, Rates]
