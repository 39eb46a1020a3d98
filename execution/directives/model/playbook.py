"""`kind: playbook`: what is done one after the other when something happens."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from execution.directives.model.shape import Directive, Duration, Name, Shape


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Move(Shape):
    """One step: a task for somebody, `after` the alert fired, due `within` so long from then."""

    title: Annotated[str, Field(min_length=1)]
    after: Duration = timedelta(0)
    within: Duration = timedelta(days=1)
    to: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ("owner",)
    note: str = ""


class Playbook(Directive):
    """A playbook directive: `steps` in order. Those that are still to come are dropped when the alert resolves, unless
    `finish` says that they are done even so."""

    kind: Literal["playbook"]
    meaning: str = ""
    steps: Annotated[tuple[Move, ...], Field(min_length=1)]
    finish: bool = False
