"""`kind: segment`: a named set of an entity's rows, or a named division of them into groups."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from execution.directives.model.shape import Directive, Name, Shape, UnfitError


def _condition(value: object) -> object:
    """What is written as a condition; `true` takes everybody who is left."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and not value.strip():
        raise UnfitError("a condition that says nothing", hint="write a comparison, as in mrr >= 500")
    return value


Condition = Annotated[str, BeforeValidator(_condition)]
SegmentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[^.\s]+)?$", max_length=127)]
"""A segment, or one of its groups, as in `mrr_tier.enterprise`."""


class Group(Shape):
    """One group of a division; a row belongs to the first whose `when` holds."""

    when: Condition
    meaning: str = ""


class Segment(Directive):
    """A segment directive: `when` for one set of rows, or `groups` for a division of them.

    `null` says what it means that a row's place is unknown, or in none of the groups.
    """

    kind: Literal["segment"]
    entity: Name
    meaning: Annotated[str, Field(min_length=1)]
    when: Condition | None = None
    groups: dict[Name, Group] = {}
    null: str = "what it depends on is not known"

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "Segment":
        if (self.when is None) == (not self.groups):
            raise UnfitError("a segment has either when: or groups:", hint="write one of the two")
        return self

    @property
    def type(self) -> str:
        """The DuckDB type of the column that says where a row belongs."""
        return "BOOLEAN" if self.when is not None else "VARCHAR"

    def conditions(self) -> dict[tuple[str, ...], str]:
        """Every condition by its place in the frontmatter."""
        if self.when is not None:
            return {("when",): self.when}
        return {("groups", name, "when"): group.when for name, group in self.groups.items()}

    def tried(self) -> tuple[tuple[str, str | None], ...]:
        """The conditions of the groups in the order in which they are tried, each with where a row then is."""
        return tuple((group.when, name) for name, group in self.groups.items())
