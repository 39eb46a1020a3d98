"""`kind: measures`: named quantities over the entities, as of a moment."""

from typing import Annotated, Literal

from pydantic import Field

from execution.directives.model.shape import Directive, Name, Shape


class Measure(Shape):
    """One quantity: what it counts in which unit, and what it means when there is none."""

    type: Literal["integer", "decimal", "number", "boolean", "timestamp", "date", "text"]
    unit: str
    meaning: str
    null: str


class Measures(Directive):
    """A measures directive. Its `sql measures` blocks (as many as it likes) each give one row per `entity`
    key and some of the declared columns; a key without a row has NULL, or `otherwise` where zero is the truth.
    `aliases` are other names of its measures."""

    kind: Literal["measures"]
    entity: Name
    measures: Annotated[dict[Name, Measure], Field(min_length=1)]
    otherwise: dict[Name, int] = {}
    aliases: dict[Name, Name] = {}

    def measured(self, name: str) -> str | None:
        """The measure of that name or alias, or None where the directive has no such one."""
        meant = self.aliases.get(name, name)
        return meant if meant in self.measures else None
