"""What a search asks for, and what the vendor refuses before it looks."""

from typing import Literal

import msgspec

from execution.sandbox.hubspot.errors import invalid
from execution.sandbox.hubspot.kinds import Kind
from execution.sandbox.hubspot.values import number_of

MOST_RESULTS = 10_000
MOST_PER_PAGE = 200
MOST_GROUPS, MOST_PER_GROUP, MOST_FILTERS = 5, 6, 18
"""The strictest that the vendor's pages say: others allow six groups, ten filters in one, 25 in all."""

Operator = Literal[
    "BETWEEN",
    "CONTAINS_TOKEN",
    "EQ",
    "GT",
    "GTE",
    "HAS_PROPERTY",
    "IN",
    "LT",
    "LTE",
    "NEQ",
    "NOT_CONTAINS_TOKEN",
    "NOT_HAS_PROPERTY",
    "NOT_IN",
]


class Filter(msgspec.Struct, frozen=True, rename="camel"):
    """One condition."""

    property_name: str
    operator: Operator
    value: str | None = None
    high_value: str | None = None
    values: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True):
    """Conditions that must all hold."""

    filters: tuple[Filter, ...]


class Sort(msgspec.Struct, frozen=True, rename="camel"):
    """One sort key; a bare name sorts ascending, with a leading minus descending."""

    property_name: str
    direction: Literal["ASCENDING", "DESCENDING"] = "ASCENDING"


class Search(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a search."""

    filter_groups: tuple[Group, ...] = ()
    sorts: tuple[str | Sort, ...] = ()
    properties: tuple[str, ...] = ()
    query: str | None = None
    limit: int = 10
    after: str | int | None = None


def parse(body: bytes, kind: Kind) -> Search:
    """The search asked for. Raises Refusal (400) for what the vendor refuses."""
    try:
        search = msgspec.json.decode(body, type=Search)
    except msgspec.DecodeError as error:
        raise invalid(f"Invalid input JSON: {error}") from error
    groups = search.filter_groups
    if not 0 <= search.limit <= MOST_PER_PAGE:
        raise invalid(f"Invalid request: limit must be between 0 and {MOST_PER_PAGE}, was {search.limit}")
    sizes = [len(group.filters) for group in groups]
    if len(groups) > MOST_GROUPS or max(sizes, default=0) > MOST_PER_GROUP or sum(sizes) > MOST_FILTERS:
        raise invalid("Invalid request: too many filters or filter groups")
    if len(search.sorts) > 1:
        raise invalid("Invalid request: only one sort is allowed")
    named = [filter_.property_name for group in groups for filter_ in group.filters]
    unknown = [name for name in (*named, *(sort_of(search)[:1])) if name not in kind.by_name]
    if unknown:
        raise invalid(f'Property "{unknown[0]}" does not exist', code="PROPERTY_DOESNT_EXIST")
    for group in groups:
        for filter_ in group.filters:
            _check(filter_, kind)
    return search


def _check(filter_: Filter, kind: Kind) -> None:
    needs_none = filter_.operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}
    needs_many = filter_.operator in {"IN", "NOT_IN"}
    if not needs_none and not (filter_.values if needs_many else filter_.value is not None):
        raise invalid(f"operator {filter_.operator} requires {'values' if needs_many else 'a value'}")
    if filter_.operator == "BETWEEN" and filter_.high_value is None:
        raise invalid("operator BETWEEN requires a highValue")
    if kind.by_name[filter_.property_name].kind[0] in {"datetime", "number"}:
        for text in (filter_.value, filter_.high_value):
            if text is not None and number_of(text) is None:
                raise invalid(f"{text} is not a valid value for {filter_.property_name}", code="INVALID_VALUE")


def offset_of(search: Search) -> int:
    """How many results to skip. Raises Refusal (400) beyond the ten-thousandth."""
    text = str(search.after or 0)
    if not text.isdecimal():
        raise invalid(f"Invalid request: after must be a number, was {text}")
    if int(text) + search.limit > MOST_RESULTS:
        raise invalid(f"Paging through results is limited to {MOST_RESULTS} results per query")
    return int(text)


def sort_of(search: Search) -> tuple[str, bool]:
    """(property, descending); by record id where nothing is asked for."""
    for sort in search.sorts:
        if isinstance(sort, str):
            return sort.removeprefix("-"), sort.startswith("-")
        return sort.property_name, sort.direction == "DESCENDING"
    return "hs_object_id", False
