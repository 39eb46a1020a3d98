"""What the settings say of dated notes: which events get one, in which folder of an account."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from execution.directives.model.segment import SegmentName
from execution.directives.model.shape import Duration, Name, Shape


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class NoteFolder(Shape):
    """The events of these `kinds`, so far `back` and `ahead`, of whom `of` names by segment as `briefs` does."""

    kinds: Annotated[tuple[Name, ...], BeforeValidator(_listed), Field(min_length=1)]
    back: Duration = timedelta(days=90)
    ahead: Duration = timedelta(0)
    of: Annotated[tuple[SegmentName, ...], BeforeValidator(_listed), Field(min_length=1)] = ("all",)
