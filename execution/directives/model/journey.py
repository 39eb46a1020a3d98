"""`kind: journey`: the way of an entity's rows through stages, each with what ends it and how long it takes.

A journey is a segment whose groups are stages. A row stands in the furthest stage whose condition holds, so stages are
written in the order in which they are gone through, and going back is possible.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from execution.directives.model.segment import Condition, Group, Segment
from execution.directives.model.shape import Duration, Name, Shape, UnfitError


def _said(value: object) -> object:
    """A criterion that is a sentence alone is one that people judge."""
    return {"says": value} if isinstance(value, str) else value


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _some_time(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise UnfitError("a stage that takes no time", hint="write how long it normally takes, as in 14d")
    return value


class Criterion(Shape):
    """What has to be so before a stage is over. Without `when` a person judges it."""

    says: Annotated[str, Field(min_length=1)]
    when: Condition | None = None


class Stage(Group):
    """One stage: `when` a row has come so far, `since` when (where the data tell it), what ends it, how long it
    normally takes, who sees to it, and which actions a trigger takes when a row enters it."""

    meaning: Annotated[str, Field(min_length=1)]
    since: str | None = None
    exit: tuple[Annotated[Criterion, BeforeValidator(_said)], ...] = ()
    benchmark: Annotated[Duration, AfterValidator(_some_time)] | None = None
    owner: Name | None = None
    actions: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()


class Journey(Segment):
    """A journey directive. `where` says whom it is for; others are in no stage."""

    kind: Literal["journey"]  # type: ignore[assignment]  # used as a segment, written as itself
    where: Condition | None = None
    groups: dict[Name, Stage] = Field(alias="stages", min_length=1)  # type: ignore[assignment]  # never written to
    null: str = "it is not on this way, or what tells is not known"

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "Journey":
        if self.when is not None:
            raise UnfitError(
                "a journey has stages and no when: of its own", hint="write where: for whom the journey is for"
            )
        return self

    def conditions(self) -> dict[tuple[str, ...], str]:
        """Every condition that places a row, by its place in the frontmatter."""
        found: dict[tuple[str, ...], str] = {("where",): self.where} if self.where is not None else {}
        return found | {("stages", name, "when"): stage.when for name, stage in self.groups.items()}

    def tried(self) -> tuple[tuple[str, str | None], ...]:
        """The furthest stage is tried first; of whom the journey is not for, none."""
        outside = [(f"(\n{self.where}\n) IS NOT TRUE", None)] if self.where is not None else []
        return (*outside, *((stage.when, name) for name, stage in reversed(self.groups.items())))
