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


class Entity(Directive):
    """An entity directive.

    `rows: shared`: sources write columns of one common row per `key` (customers by e-mail, companies by domain).
    `rows: owned`: every row belongs to one source; the key is (source, key) and the rows stand side by side.
    `past` says what of a row is known of an earlier moment; without it nothing but its key.
    """

    kind: Literal["entity"]
    key: Name
    rows: Literal["shared", "owned"]
    columns: Annotated[dict[Name, EntityColumn], Field(min_length=1)]
    past: Past | None = None
