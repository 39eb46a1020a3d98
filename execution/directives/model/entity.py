"""`kind: entity`: one table of the store that people read: its columns, and who may write each."""

from typing import Annotated, Literal

from pydantic import Field

from execution.directives.model.outcome import Past
from execution.directives.model.shape import Directive, Name, Shape

EntityType = Literal["text", "integer", "decimal", "number", "boolean", "timestamp", "date", "json", "uuid"]


class EntityColumn(Shape):
    """`from` is the order of precedence among sources, or the one part of the system that fills the column:
    `measures`, `health`, `system`. A source that is not named there comes after those that are, by name: adding one
    takes no edit here. `null` says what an empty value means."""

    type: EntityType
    sources: tuple[str, ...] = Field(default=(), alias="from")
    unit: str | None = None
    meaning: str = ""
    null: str = "not captured"


class Texts(Shape):
    """What customers said or wrote in rows of an entity, which keywords of triggers look into: `columns` are read one
    after the other, of the rows that `where` holds for; `who` is the customer's e-mail, `at` when it was said."""

    columns: Annotated[tuple[Name, ...], Field(min_length=1)]
    who: Name
    at: Name
    where: str | None = None


class Entity(Directive):
    """An entity directive.

    `rows: shared`: sources write columns of one common row per `key` (customers by e-mail, companies by domain).
    `rows: owned`: every row belongs to one source; the key is (source, key) and the rows stand side by side.
    `past` says what of a row is known of an earlier moment; without it nothing but its key. `texts` says what in it are
    customers' own words.
    """

    kind: Literal["entity"]
    key: Name
    rows: Literal["shared", "owned"]
    columns: Annotated[dict[Name, EntityColumn], Field(min_length=1)]
    past: Past | None = None
    texts: Texts | None = None
