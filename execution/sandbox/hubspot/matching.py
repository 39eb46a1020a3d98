"""Whether one contact meets one condition of a search."""

import re
from fnmatch import fnmatchcase

from execution.sandbox.hubspot.asking import Filter
from execution.sandbox.hubspot.values import number_of


def holds(filter_: Filter, text: str | None) -> bool:
    match filter_.operator:
        case "HAS_PROPERTY":
            return text is not None
        case "NOT_HAS_PROPERTY":
            return text is None
        case "EQ":
            return text is not None and _same(text, filter_.value or "")
        case "NEQ":
            return text is None or not _same(text, filter_.value or "")
        case "IN":
            return text is not None and text.casefold() in {value.casefold() for value in filter_.values}
        case "NOT_IN":
            return text is not None and text.casefold() not in {value.casefold() for value in filter_.values}
        case "CONTAINS_TOKEN":
            return text is not None and _has_token(text, filter_.value or "")
        case "NOT_CONTAINS_TOKEN":
            return text is None or not _has_token(text, filter_.value or "")
        case _:
            return text is not None and _in_order(filter_, text)


def _same(text: str, value: str) -> bool:
    """Texts are compared without regard to case; times given in milliseconds equal their ISO text."""
    return text.casefold() == value.casefold() or (number_of(text) is not None and number_of(text) == number_of(value))


def _has_token(text: str, value: str) -> bool:
    """`*` stands for any number of characters; without one, a whole word."""
    pattern = value.casefold()
    return any(fnmatchcase(word, pattern) for word in (text.casefold(), *re.split(r"[\s@.,;]+", text.casefold())))


def _in_order(filter_: Filter, text: str) -> bool:
    number, bound = number_of(text), number_of(filter_.value or "")
    if number is None or bound is None:
        return False
    match filter_.operator:
        case "GT":
            return number > bound
        case "GTE":
            return number >= bound
        case "LT":
            return number < bound
        case "LTE":
            return number <= bound
        case _:
            return bound <= number <= (number_of(filter_.high_value or "") or 0)


def searchable(values: dict[str, str | None], fields: tuple[str, ...]) -> str:
    return " ".join(values[name] or "" for name in fields).casefold()
