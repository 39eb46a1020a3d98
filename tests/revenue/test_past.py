"""Before a subscription was first seen its past is what its source tells, whatever that is."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.revenue.book import Book, program, sub
from tests.revenue.test_adding_up import month

FIRST = datetime(2026, 1, 1, 6)  # noqa: DTZ001 - the store's times are UTC without a zone
SEEN = 100


def at(day: int) -> str:
    return (FIRST + timedelta(days=day)).isoformat(sep=" ")


@st.composite
def pasts(draw: st.DrawFn) -> dict[str, Any]:
    """When a subscription began, how long its trial was, when it ended if it did, and what was billed for it."""
    started = draw(st.integers(0, 60))
    trial = draw(st.sampled_from([0, 0, 7, 14]))
    ended = draw(st.one_of(st.none(), st.integers(started + 1, SEEN - 1)))
    days = draw(st.lists(st.integers(started, SEEN - 1), max_size=4, unique=True))
    money = st.integers(0, 500_000).map(lambda minor: Decimal(minor) / 100)
    bills = sorted((day, draw(money)) for day in days)
    return {"started": started, "trial": trial, "ended": ended, "bills": bills, "yearly": draw(money)}


def expected(past: dict[str, Any], day: int) -> Decimal:
    """The yearly amount at the end of a day, told as a person would."""
    begins = past["started"] + past["trial"]
    ends = past["ended"] if past["ended"] is not None else SEEN
    if begins >= ends or day < begins or (past["ended"] is not None and day >= past["ended"]):
        return past["yearly"] if past["ended"] is None and day >= SEEN else Decimal(0)
    if day >= SEEN:
        return Decimal(past["yearly"])
    told = [amount for billed, amount in past["bills"] if billed <= day]
    later = [amount for billed, amount in past["bills"] if billed < ends]
    return Decimal(told[-1] if told else later[0] if later else past["yearly"])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(pasts(), min_size=1, max_size=6))
def test_the_past_is_what_the_source_tells(told: list[dict[str, Any]]) -> None:
    book = Book(program(gap=timedelta(0)))
    book.put(
        "subscriptions",
        *(
            sub(
                f"s{number}", f"p{number}@x{number}.com", status="active" if past["ended"] is None else "canceled",
                yearly_amount=past["yearly"], started_at=at(past["started"]), changed_at=at(SEEN),
                trial_ends_at=at(past["started"] + past["trial"]) if past["trial"] else None,
                ended_at=None if past["ended"] is None else at(past["ended"]),
            )
            for number, past in enumerate(told)
        ),
    )  # fmt: skip
    book.put(
        "subscription_changes",
        *(
            {"change_id": f"{number} {day}", "subscription_id": f"s{number}", "occurred_at": at(day),
             "currency": "USD", "yearly_amount": amount}
            for number, past in enumerate(told) for day, amount in past["bills"]
        ),
    )  # fmt: skip
    book.run()
    for number, past in enumerate(told):
        moves = book.rows(
            f"SELECT day, total_after FROM derived.mrr_movements WHERE key = 'p{number}@x{number}.com' ORDER BY day"
        )
        for day in range(SEEN + 2):
            held = [total for moved, total in moves if moved <= date(2026, 1, 1) + timedelta(days=day)]
            assert (held[-1] if held else Decimal(0)) == month(expected(past, day)), (past, day)
