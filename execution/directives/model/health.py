"""`kind: health`: a score from 0 to 100, and everything that follows from it."""

from typing import Annotated, Literal

from pydantic import Field

from execution.directives.model.shape import Directive, Name, Shape


class Component(Shape):
    """A part of the score. `score` is an expression over columns and measures, 0 to 100; where any of `needs`
    is NULL the component is dropped and the others' weights are normalised without it."""

    weight: Annotated[float, Field(gt=0)]
    score: str
    needs: Annotated[tuple[Name, ...], Field(min_length=1)]
    label: str = ""


class Penalty(Shape):
    """Points taken off when `when` holds (unknown takes nothing off)."""

    when: str
    points: str
    reason: str


class Signal(Shape):
    """Something a person should know, whatever the score."""

    when: str
    severity: Literal["critical", "high", "medium", "low"]
    message: str
    churn_factor: Annotated[float, Field(gt=0)] = 1.0


class Action(Shape):
    """What to do; the first whose `when` holds is recommended."""

    when: str
    action: str


class Health(Directive):
    """A health directive. `bands` maps a label to the least score it takes; `coverage_floor` is the share of
    weight (0 to 1) below which there is a score range but no label."""

    kind: Literal["health"]
    version: int = 1
    entity: Name
    components: Annotated[dict[Name, Component], Field(min_length=1)]
    penalties: dict[Name, Penalty] = {}
    signals: dict[Name, Signal] = {}
    actions: tuple[Action, ...] = ()
    bands: Annotated[dict[Name, float], Field(min_length=1)]
    coverage_floor: Annotated[float, Field(ge=0, le=1)] = 0.5
