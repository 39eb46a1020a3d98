"""`kind: outcome`: something that happens to rows of an entity later on, which a score should have foretold."""

from typing import Annotated, Literal

from pydantic import Field

from execution.directives.model.shape import Directive, Duration, Name, Shape

Foretold = Literal["low score", "high score"]


class Minimum(Shape):
    """The fewest rows, and the fewest events among them, from which anything is concluded; of rows without the event
    there must be as many as of events."""

    rows: Annotated[int, Field(ge=1)] = 200
    events: Annotated[int, Field(ge=2)] = 30


class Outcome(Directive):
    """An outcome directive. Its `sql outcome` block has a row for each key that could have the event at `$as_of`, and
    in `happened_at` when it came, if ever. A score is held against what happened within `horizon`, at moments `every`
    so often, as far back as the store knows.

    Of several about one entity the `primary` one is what weights are learned from.
    """

    kind: Literal["outcome"]
    entity: Name
    horizon: Duration
    every: Duration = Field(default="30d", validate_default=True)
    foretold_by: Foretold = "low score"
    primary: bool = False
    minimum: Minimum = Minimum()


class Label(Shape):
    """What a table says came of each of its rows: the row's `column` has the value `event`, or one other.

    Where it has more than two, `against` are those that stand against the event; rows of any other are left out.
    `observed_at` and `happened_at` are columns with the moment the row is of, and that of the event; `customer` is who
    it is about, where one has several rows. Without `stream` the only one is meant.
    """

    stream: Name | None = None
    column: Name
    event: str | bool | int | float
    against: tuple[str | bool | int | float, ...] = ()
    observed_at: Name | None = None
    happened_at: Name | None = None
    customer: Name | None = None
    title: str = ""
    foretold_by: Foretold = "low score"
    minimum: Minimum = Minimum()


class Past(Shape):
    """What was known of an entity's rows at an earlier moment `$as_of`, out of the rows as they are today.

    `known_from` is an expression for when a row came to be known. `same` are columns that never change once they have
    a value. `columns` are expressions for what others were then. Any other column is only known as it is today.
    """

    known_from: str | None = None
    same: tuple[Name, ...] = ()
    columns: dict[Name, str] = {}
