"""How people write values, and whether what they wrote still says what the store has.

A number holds where the value rounds to it at the digits that are written: 28.8 and 29 hold for 28.824, 28.9 does not.
What cannot be read, or would need guessing, is told with the reason and never holds.
"""

import html
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from execution.files.quoting import plain
from execution.proof.days import span_of
from execution.proof.quantities import Quantity, quantity_of, share_factors, time_factor

NOT_CAPTURED = "not captured"
_ABSENT = frozenset({NOT_CAPTURED, "not known", "unknown", "n/a", "none known"})
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ZONED = re.compile(r"(.*\d:\d{2}) ?(Z|[A-Za-z][A-Za-z_+-]*(?:/[A-Za-z_+-]+){0,2})")
_WRAPPING = re.compile(r"^(\*\*|__|\*|_|`)(.+)\1$")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a value is: its `unit` as the directive has it (empty where nobody says), the code of the currency it is
    in if it is money, what it means where there is none, and the zone in which days are told. `is_declared` says
    whether a directive tells all that; of a query's result nobody does."""

    unit: str = ""
    currency: str | None = None
    null: str = NOT_CAPTURED
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    is_declared: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether what is written holds; None where that cannot be told. `reason` says what is wrong beside the value."""

    holds: bool | None
    reason: str = ""


def agreement(written: str, value: object, meaning: Meaning) -> Verdict:
    """Whether `written`, as it stands in Markdown, says what `value` is."""
    text = _text_of(written)
    if not text:
        return Verdict(None, "nothing is written")
    if text.casefold() in _ABSENT | {meaning.null.casefold()}:
        return Verdict(value is None or (isinstance(value, str) and _alike(text, value)))
    match value:
        case None:
            return Verdict(holds=False)
        case bool():
            said = _YES_NO.get(text.casefold())
            return Verdict(None, "it is a yes or a no") if said is None else Verdict(said == value)
        case int() | float() | Decimal():
            return _number(text, Decimal(str(value)), meaning)
        case date():
            return _moment(text, value, meaning)
        case list() | tuple() if all(not isinstance(item, Mapping | list) for item in value):
            return Verdict(_alike(text, ", ".join(str(item) for item in value)))
        case str():
            return Verdict(_alike(text, value) or _alike(text, plain(value)))
        case _:
            return Verdict(None, "it is a list of records; cite one of its values with a query")


def shown(value: object, meaning: Meaning) -> str:
    """A value as people would write it."""
    match value:
        case None:
            return meaning.null
        case bool():
            return "yes" if value else "no"
        case int() | float() | Decimal():
            return _shown_number(Decimal(str(value)), meaning)
        case datetime():
            return f"{_local(value, meaning.zone):%Y-%m-%d %H:%M} {meaning.zone.key}"
        case date():
            return value.isoformat()
        case list() | tuple() | dict():
            return plain(json.dumps(value, default=str, ensure_ascii=False))
        case _:
            return plain(str(value))


def _text_of(written: str) -> str:
    """The text that the Markdown shows."""
    text = " ".join(html.unescape(_ESCAPED.sub(r"\1", written)).split())
    while wrapped := _WRAPPING.match(text):
        text = wrapped[2].strip()
    return text


def _alike(one: str, other: str) -> bool:
    return _folded(one) == _folded(other)


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[_-]", " ", unicodedata.normalize("NFC", text)).casefold().split())


# --- numbers --------------------------------------------------------------------------------------


def _number(text: str, value: Decimal, meaning: Meaning) -> Verdict:
    quantity = quantity_of(text)
    if isinstance(quantity, str):
        return Verdict(None, quantity)
    if not value.is_finite():
        return Verdict(holds=False)
    if wrong := _of_another_kind(quantity, meaning):
        return wrong
    factors = share_factors(quantity, value, meaning.unit)
    if factors is None:
        return Verdict(None, f"it is no share: it is in {meaning.unit}")
    lasting = time_factor(quantity, meaning.unit)
    if lasting is None:
        return Verdict(None, f"it is in {meaning.unit}, which {quantity.noun} cannot be compared with")
    within = quantity.step * lasting / 2
    return Verdict(any(abs(value * factor - quantity.number * lasting) <= within for factor in factors))


def _of_another_kind(quantity: Quantity, meaning: Meaning) -> Verdict | None:
    """Why a number cannot be the value's, whatever it is."""
    if quantity.currencies:
        if meaning.currency is None:
            return Verdict(
                holds=False, reason="it is no money" + (f": it is in {meaning.unit}" if meaning.unit else "")
            )
        if meaning.currency not in quantity.currencies:
            said = "it is" if meaning.is_declared else "money that a query gives is"
            return Verdict(holds=False, reason=f"{said} in {meaning.currency}")
    if quantity.of is not None:
        scale = re.fullmatch(r"-?\d+(?:-| to )(\d+)", meaning.unit)
        if scale is None:
            return Verdict(None, f"only one figure is cited; cite {quantity.of} too")
        if Decimal(scale[1]) != quantity.of:
            return Verdict(holds=False, reason=f"it is on a scale of {meaning.unit}")
    return None


def _shown_number(value: Decimal, meaning: Meaning) -> str:
    if not value.is_finite():
        return str(value)
    whole = value == value.to_integral_value()
    money = meaning.is_declared and meaning.currency is not None
    digits = 0 if whole else 2 if money else min(max(-int(value.normalize().as_tuple().exponent), 0), 6)
    figure = f"{value:,.{digits}f}"
    if money:
        return f"{meaning.currency} {figure}"
    return f"{figure} %" if meaning.unit == "percent" else figure


# --- days -----------------------------------------------------------------------------------------


def _moment(text: str, value: date, meaning: Meaning) -> Verdict:
    clock, zone = _zoned(text, meaning.zone)
    span = span_of(clock)
    if span is None or zone is None:
        return Verdict(None, "the day cannot be read; write it as 2026-12-31")
    if isinstance(value, datetime):
        return Verdict(span[0] <= _local(value, zone).replace(tzinfo=None) < span[1])
    return Verdict(span[0].date() <= value < span[1].date() or span[0].date() == value)


def _zoned(text: str, zone: ZoneInfo) -> tuple[str, ZoneInfo | None]:
    """The time without the zone behind it, and that zone: the team's where none is written, None where there is no
    such."""
    named = _ZONED.fullmatch(text)
    if named is None:
        return text, zone
    try:
        return named[1], ZoneInfo("UTC" if named[2] == "Z" else named[2])
    except (KeyError, ValueError, OSError):
        return text, None


def _local(value: datetime, zone: ZoneInfo) -> datetime:
    """A stored time, which is naive UTC, by the clocks of a zone."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone)
