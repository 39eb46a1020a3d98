"""`kind: health`: a score from 0 to 100, and everything that follows from it."""

from fractions import Fraction
from math import isfinite
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from execution.directives.model.segment import SegmentName
from execution.directives.model.shape import Directive, Name, Shape, UnfitError


def _weight(value: object) -> object:
    """What is written as a weight, if it can be one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UnfitError(f"{value!r} is not a weight", hint="write a number greater than 0, as in 25")
    try:
        weight = float(value)
    except ValueError:
        raise UnfitError(f"'{value}' is not a weight", hint="write a number greater than 0, as in 25") from None
    if not isfinite(weight) or weight > 1_000_000:
        raise UnfitError(f"a weight of {weight:g} leaves nothing to the others", hint="write a number up to 1000000")
    if weight <= 0:
        hint = "give it more than 0, or take the component out"
        raise UnfitError(f"a weight of {weight:g} counts for nothing", hint=hint)
    if not Fraction(f"{weight:.6f}"):
        raise UnfitError(f"a weight of {weight:g} is too small to count", hint="weights count to six decimals")
    return weight


def _points(value: float) -> float:
    if not isfinite(value):
        raise UnfitError(f"{value} is no score", hint="a score is 0 to 100")
    return value


Weight = Annotated[float, BeforeValidator(_weight)]
Points = Annotated[float, AfterValidator(_points)]
Share = Annotated[float, Field(ge=0, le=1)]


class Component(Shape):
    """A part of the score. `score` is an expression over columns and measures, 0 to 100; where any of `needs`
    is NULL the component is dropped and the others' weights are normalised without it."""

    weight: Weight
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
    churn_factor: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0


class Expansion(Shape):
    """Room to grow; the first whose `when` holds is the potential."""

    when: str
    potential: Literal["low", "medium", "high"]
    reason: str


class Action(Shape):
    """What to do; the first whose `when` holds is recommended."""

    when: str
    action: str


class Override(Shape):
    """What is otherwise for the rows of a segment; what is not written stays as it is for all."""

    weights: dict[Name, Weight] = {}
    bands: dict[Name, Points] = {}
    coverage_floor: Share | None = None


class Health(Directive):
    """A health directive.

    `where` says whom the score is for; the others have none. `primary` is the one of an entity's scores that fills its
    `from: [health]` columns. `bands` maps a label to the least score it takes, and a row leaves its band only once it
    is `hysteresis` points past the threshold. `coverage_floor` is the share of weight (0 to 1) below which there is a
    score range but no label. `segments` overrides by segment (`enterprise`, or `mrr_tier.enterprise` for a group of
    one); the first that a row belongs to applies.
    """

    kind: Literal["health"]
    version: Annotated[int, Field(ge=1)] = 1
    entity: Name
    primary: bool = False
    where: str | None = None
    components: Annotated[dict[Name, Component], Field(min_length=1)]
    penalties: dict[Name, Penalty] = {}
    signals: dict[Name, Signal] = {}
    expansion: dict[Name, Expansion] = {}
    actions: tuple[Action, ...] = ()
    bands: Annotated[dict[Name, Points], Field(min_length=1)]
    hysteresis: Annotated[float, Field(ge=0, lt=50, allow_inf_nan=False)] = 0
    coverage_floor: Share = 0.5
    segments: dict[SegmentName, Override] = {}
