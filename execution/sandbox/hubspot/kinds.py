"""The kinds of records: which properties they have, how they are called and numbered."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from execution.sandbox.exchange import Record
from execution.sandbox.hubspot.properties import Property


class Index(Protocol):
    """All records of a kind at a glance, by number; times in microseconds."""

    modified: "array[int]"
    created: "array[int]"
    live: "array[int]"
    archived: "array[int]"
    version: int


class Library(Protocol):
    """The records of a kind, found and rendered."""

    @property
    def index(self) -> Index:
        """All of them at a glance."""

    def parts(self, indexes: Sequence[int], names: tuple[str, ...]) -> list[bytes]:
        """Their JSON, comma-separated, in parts."""

    def record(self, index: int, names: tuple[str, ...]) -> Record:
        """One record as it is now."""

    def values(self, index: int) -> dict[str, str | None]:
        """All properties of one record as they are now."""

    def moved_on(self) -> None:
        """Catch up with the world."""


@dataclass(frozen=True, eq=False)
class Kind:
    """Contacts, companies or deals. `id_of` and `number_of` go from a record's number to its id and back."""

    name: str
    one: str
    type_id: str
    group: str
    properties: tuple[Property, ...]
    default: tuple[str, ...]
    modified: str
    searched: tuple[str, ...]
    id_of: Callable[[int], int]
    number_of: Callable[[int], int | None]

    @cached_property
    def by_name(self) -> Mapping[str, Property]:
        """The definitions of its properties."""
        return {property_.name: property_ for property_ in self.properties}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All its properties, in the alphabet's order."""
        return tuple(sorted(self.by_name))

    @cached_property
    def selected(self) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
        """The properties that come back where these are asked for; unknown names are ignored, as the vendor does."""
        always = {"createdate", "hs_object_id", self.modified}

        def chosen(asked: tuple[str, ...]) -> tuple[str, ...]:
            names = [name for name in asked if name]
            return tuple(sorted({*always, *(n for n in names if n in self.by_name)})) if names else self.default

        return lru_cache(256)(chosen)


def after(numbers: "array[int]", number: int) -> int:
    """The place in `numbers` of the first one greater than `number`."""
    return bisect_left(numbers, number + 1)
