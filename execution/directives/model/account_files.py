"""What the settings say of the accounts' context files: which tiers for whom, and who should be known there."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from execution.directives.model.segment import SegmentName
from execution.directives.model.shape import Shape

Tier = Literal["compact", "standard", "extended"]

EVERYBODY = "all"
"""What stands where no segment is to say who gets one."""


def listed(value: object) -> object:
    """One name is a list of one."""
    return (value,) if isinstance(value, str) else value


Segments = Annotated[tuple[SegmentName, ...], BeforeValidator(listed)]
Phrases = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(listed)]


class Tiers(Shape):
    """For which of the accounts in `briefs` each tier is written: `all`, segments, or nobody (`[]`)."""

    compact: Segments = (EVERYBODY,)
    standard: Segments = (EVERYBODY,)
    extended: Segments = ()

    def of(self, tier: Tier) -> Sequence[str]:
        """The segments whose accounts get that tier."""
        by_tier = {"compact": self.compact, "standard": self.standard, "extended": self.extended}
        return by_tier[tier]


class Role(Shape):
    """A part that somebody plays in an account's decisions.

    `spelled` are the words by which people write it on the list of stakeholders, `titles` words of a job title by which
    somebody has it without being listed; `unless` are those that take it away from either. Where it is `wanted`, an
    account without anybody has a gap, and `missing` says what to do about it.
    """

    title: Annotated[str, Field(min_length=1)]
    spelled: Phrases = ()
    titles: Phrases = ()
    unless: Phrases = ()
    wanted: bool = False
    missing: str = ""
