"""`kind: goals`: what people are to reach in a day, a week, a month, a quarter, a year."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from execution.directives.model.shape import Directive, Name, Shape

Every = Literal["day", "week", "month", "quarter", "year"]
Targets = dict[Every, dict[Name, Annotated[Decimal, Field(gt=0)]]]


class Goal(Shape):
    """What a goal counts, and in which unit."""

    meaning: Annotated[str, Field(min_length=1)]
    unit: str = ""


class Goals(Directive):
    """A goals directive. `goals` are what can be aimed at, `roles` and `people` how much of it in which time; what
    stands under a person goes before what their role says. `marks` are signs for shares of a goal that were reached,
    in percent, each from that share on."""

    kind: Literal["goals"]
    goals: Annotated[dict[Name, Goal], Field(min_length=1)]
    roles: dict[Name, Targets] = {}
    people: dict[Name, Targets] = {}
    marks: dict[Annotated[int, Field(ge=0)], Annotated[str, Field(min_length=1, max_length=12)]] = {}
