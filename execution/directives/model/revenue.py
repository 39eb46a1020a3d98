"""`kind: revenue`: what recurring revenue is, how its changes are told apart, and the figures made of them."""

from typing import Annotated, Literal

from pydantic import Field

from execution.directives.model.shape import Directive, Duration, Name, Shape

Status = Literal["trialing", "active", "past_due", "unpaid", "paused", "incomplete", "incomplete_expired", "canceled"]


class Churn(Shape):
    """Two expressions about one churn: `type` gives voluntary, involuntary or nothing; `win_back` a truth value."""

    type: str
    win_back: str


class Metric(Shape):
    """One figure of a period: an expression over the period's sums."""

    value: str
    unit: str
    meaning: str
    null: str = "nothing to divide by"


class Revenue(Directive):
    """The revenue directive; a workspace has one.

    `counts` are the statuses in which a subscription counts. `sources` is the order of precedence where several know a
    customer's subscriptions. Who pays again within `gap` of the day they stopped had not left; who comes back later is
    reactivated, or new once `new_again_after` has gone by. `margin` is the share of revenue that is left after what it
    costs to serve it.
    """

    kind: Literal["revenue"]
    counts: Annotated[tuple[Status, ...], Field(min_length=1)]
    sources: tuple[Name, ...] = ()
    gap: Duration = Field(default="0d", validate_default=True)
    new_again_after: Duration | None = None
    margin: Annotated[float, Field(gt=0, le=1)] = 1.0
    churn: Churn
    metrics: dict[Name, Metric] = {}
