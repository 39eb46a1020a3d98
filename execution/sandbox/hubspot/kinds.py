"""The three kinds of records: which properties they have, how they are called and numbered, and how they are found."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, Protocol

from execution.sandbox.exchange import Record
from execution.sandbox.hubspot import ids
from execution.sandbox.hubspot.properties import COMPANY_PROPERTIES, CONTACT_PROPERTIES, DEAL_PROPERTIES, Property
from execution.sandbox.world.moments import NEVER

Values = dict[str, str | None]


class Dates(NamedTuple):
    """When a record was made, last changed and deleted, and when it changes next of itself; microseconds."""

    created: int
    modified: int
    gone: int
    upcoming: int


NOWHERE = Dates(NEVER, NEVER, NEVER, NEVER)
"""The times of a record that does not exist."""


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

    def parts(self, numbers: Sequence[int], names: tuple[str, ...]) -> list[bytes]:
        """Their JSON, comma-separated, in parts: joining them is left to whoever adds the rest of the page."""

    def record(self, number: int, names: tuple[str, ...]) -> Record:
        """One record as it is now."""

    def values(self, number: int) -> Values:
        """All properties of one record as they are now."""

    def render_ahead(self) -> None:
        """Render what is not rendered yet."""

    def moved_on(self) -> None:
        """Catch up with the world."""


@dataclass(frozen=True, eq=False)
class Kind:
    """Contacts, companies or deals. `id_of` and `number_of` go from a record's number to its id and back."""

    name: str
    one: str
    type_id: str
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

    @property
    def group(self) -> str:
        """The group that its properties are in."""
        return f"{self.one}information"


def after(numbers: "array[int]", number: int) -> int:
    """The place in `numbers` of the first one greater than `number`."""
    return bisect_left(numbers, number + 1)


CONTACTS = Kind(
    "contacts", "contact", "0-1", CONTACT_PROPERTIES,
    ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"), "lastmodifieddate",
    ("firstname", "lastname", "email", "phone", "company", "hs_additional_emails"), ids.contact_id, ids.person_of,
)  # fmt: skip
COMPANIES = Kind(
    "companies", "company", "0-2", COMPANY_PROPERTIES,
    ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"), "hs_lastmodifieddate",
    ("name", "domain", "phone", "website"), ids.company_id, ids.account_of,
)  # fmt: skip
DEALS = Kind(
    "deals", "deal", "0-3", DEAL_PROPERTIES,
    ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"),
    "hs_lastmodifieddate", ("dealname", "description", "dealstage"), ids.deal_id, ids.deal_of,
)  # fmt: skip
KINDS = {name: kind for kind in (CONTACTS, COMPANIES, DEALS) for name in (kind.name, kind.type_id, kind.one)}
"""The kinds by every name that paths know them by."""
