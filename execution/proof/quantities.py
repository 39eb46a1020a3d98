"""A number as people write it: `USD 1,200`, `1.2k`, `85 %`, `28.8/100`, `about 15 days`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

_FEW = Decimal(1)

SYMBOLS: Mapping[str, frozenset[str]] = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL", "CLP", "COP", "ARS"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}),
}
"""Which currencies a sign may stand for."""

_SCALES = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6, "b": 10**9, "bn": 10**9, "billion": 10**9,
}  # fmt: skip
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_LONGER = ("month", "quarter", "year")
"""Lengths of time that are not always as many days."""

_BLANK = "[ \u00a0\u202f]"
_GROUPED = re.compile(r"\d{1,3}(?:([,.'\u2019 \u00a0\u202f])\d{3})(?:\1\d{3})*")
_SHAPE = re.compile(
    rf"""(?:(?:about|around|roughly|some|approx\.?|ca\.?|~|≈){_BLANK}*)?
    (?P<sign>[-\u2212+])?{_BLANK}?(?:(?P<before>[A-Z]{{3}}|[$€£¥₹]){_BLANK}?)?(?P<inner>[-\u2212+])?
    (?P<number>\d(?:[\d.,'\u2019\u00a0\u202f]|[ ](?=\d{{3}}(?!\d)))*)
    (?:{_BLANK}?(?P<scale>k|K|M|m|mn|bn|B|thousand|million|billion)(?![a-zA-Z]))?
    (?:{_BLANK}?(?P<after>%|percent\b|[A-Z]{{3}}\b|[$€£¥₹]))?
    (?:{_BLANK}*(?:/|of\b|out{_BLANK}of\b){_BLANK}*(?P<of>\d+))?
    (?:{_BLANK}(?P<nouns>[^\W\d]+(?:[ -][^\W\d]+){{0,3}}))?[.]?""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, how much its last written digit is worth, and what stands around it: the currencies it may be in
    (none where none is written), whether it is a share, out of how many, and the words behind it."""

    number: Decimal
    step: Decimal
    currencies: frozenset[str]
    is_share: bool
    of: Decimal | None
    noun: str


def quantity_of(text: str) -> Quantity | str:
    """The quantity that a text is, or why it is none."""
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None:
        return "this is not one number"
    figure = _decimal(shape["number"])
    if figure is None:
        return f"{shape['number']} is no number: its separators do not fit together"
    scale = Decimal(_SCALES[(shape["scale"] or "").lower()]) if shape["scale"] else _FEW
    is_negative = (shape["sign"] or shape["inner"] or "+") in "-\u2212"
    marks = [mark for mark in (shape["before"], shape["after"]) if mark and mark not in ("%", "percent")]
    if len(marks) > 1 and SYMBOLS.get(marks[0], {marks[0]}).isdisjoint(SYMBOLS.get(marks[1], {marks[1]})):
        return "two currencies are written"
    return Quantity(
        number=figure * scale * (-1 if is_negative else 1),
        step=Decimal(1).scaleb(int(figure.as_tuple().exponent)) * scale,
        currencies=_currencies(marks),
        is_share=shape["after"] in ("%", "percent"),
        of=Decimal(shape["of"]) if shape["of"] else None,
        noun=(shape["nouns"] or "").lower(),
    )


def _currencies(marks: list[str]) -> frozenset[str]:
    found = [SYMBOLS.get(mark, frozenset({mark})) for mark in marks]
    return frozenset.intersection(*found) if found else frozenset()


def _decimal(text: str) -> Decimal | None:
    """The number, with as many decimals as are written. A comma or a point before three digits groups them, but a
    point alone is a decimal point; of both, the last is."""
    digits = text.rstrip(".,'\u2019 \u00a0\u202f")
    point = max(digits.rfind("."), digits.rfind(","))
    whole, decimals = digits, ""
    is_grouped = _GROUPED.fullmatch(digits) is not None
    if point >= 0 and not (is_grouped and (digits[point] == "," or digits.count(".") > 1)):
        whole, decimals = digits[:point], digits[point + 1 :]
    if not decimals.isdigit() and decimals:
        return None
    if not whole.isdigit() and not _GROUPED.fullmatch(whole):
        return None
    bare = re.sub(r"\D", "", whole)
    return Decimal(f"{bare}.{decimals}" if decimals else bare)


def share_factors(quantity: Quantity, value: Decimal, unit: str) -> tuple[Decimal, ...] | None:
    """By what the value may be multiplied to be the written number; None where it is no share and `%` is written."""
    hundred = Decimal(100)
    if not quantity.is_share:
        return (_FEW,)
    if unit in ("0-1", "share"):
        return (hundred,)
    if "percent" in unit or unit == "0-100":
        return (_FEW,)
    if unit:
        return None
    return (_FEW, hundred) if abs(value) <= 1 else (_FEW,)


def time_factor(quantity: Quantity, unit: str) -> Decimal | None:
    """How many of the value's unit one of the written noun is: 7 for weeks of days, 1 where time has no part in it;
    None where the two cannot be compared."""
    written, stored = _time(quantity.noun), _time(unit)
    if written is None or not unit:
        return _FEW
    if written == stored:
        return _FEW
    if written not in _SECONDS or stored not in _SECONDS:
        return None
    return Decimal(_SECONDS[written]) / _SECONDS[stored]


def _time(words: str) -> str | None:
    """The length of time that words begin with."""
    first = words.partition(" ")[0].removesuffix("s")
    return first if first in _SECONDS or first in _LONGER else None
