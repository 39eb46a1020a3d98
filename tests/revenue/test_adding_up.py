"""Whatever happens to subscriptions, the movements add up to the change in recurring revenue: to the last of four
decimals, for every customer and account, in every currency and in base, over any span of days however it is cut."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.revenue.book import Book, program

FIRST = date(2026, 1, 1)
DAYS = 120
RATES = {"USD": Decimal(1), "EUR": Decimal("1.0837"), "JPY": Decimal("0.0067")}
"""And GBP, which has none."""
COUNTED = {"active", "past_due"}


@dataclass(frozen=True)
class Look:
    """What a subscription was seen to be on a day: its status, and its yearly amount (None is unknown)."""

    day: int
    status: str
    yearly: Decimal | None


@dataclass(frozen=True)
class Life:
    """One subscription: whose, in which currency, and every look at it."""

    customer: str
    currency: str
    looks: tuple[Look, ...]
    number: int = 0

    def at(self, day: int) -> Decimal | None:
        """Its yearly amount at the end of a day; None where that is unknown, 0 where it does not count."""
        held = [look for look in self.looks if look.day <= day]
        return Decimal(0) if not held or held[-1].status not in COUNTED else held[-1].yearly


def amounts() -> st.SearchStrategy[Decimal | None]:
    exact = st.integers(0, 5_000_000).map(lambda minor: Decimal(minor) / 100)
    return st.one_of(exact, exact, exact, st.just(Decimal(0)), st.none())


def looks() -> st.SearchStrategy[tuple[Look, ...]]:
    one = st.builds(
        Look,
        st.integers(0, DAYS - 1),
        st.sampled_from(["active", "active", "past_due", "canceled", "paused"]),
        amounts(),
    )
    return st.lists(one, min_size=1, max_size=6, unique_by=lambda look: look.day).map(in_order)


def in_order(found: list[Look]) -> tuple[Look, ...]:
    """By day, without those that saw nothing new."""
    ordered = sorted(found, key=lambda look: look.day)
    news = [one for before, one in pairwise(ordered) if (one.status, one.yearly) != (before.status, before.yearly)]
    return (ordered[0], *news)


LIVES = st.lists(
    st.builds(
        Life,
        st.sampled_from(["ann@acme.com", "bob@acme.com", "eve@other.org", "kim@gmail.com"]),
        st.sampled_from(["USD", "EUR", "JPY", "GBP"]),
        looks(),
    ),
    min_size=1,
    max_size=5,
).map(lambda lives: [Life(life.customer, life.currency, life.looks, number) for number, life in enumerate(lives)])


def month(yearly: Decimal | None, rate: Decimal | None = Decimal(1)) -> Decimal:
    """A twelfth to four decimals; nothing for what is unknown."""
    if yearly is None or rate is None:
        return Decimal(0)
    return (yearly * rate / 12).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def account(customer: str) -> str:
    domain = customer.partition("@")[2]
    return customer if domain == "gmail.com" else domain


@dataclass
class Truth:
    """What every key came to at the end of every day, worked out one subscription and one day after the other."""

    lives: list[Life]
    owners: dict[str, Any] = field(default_factory=lambda: {"customers": lambda c: c, "companies": account})

    def base(self, entity: str, day: int) -> dict[str, Decimal]:
        found: dict[str, Decimal] = defaultdict(Decimal)
        for life in self.lives:
            found[self.owners[entity](life.customer)] += month(life.at(day), RATES.get(life.currency))
        return found

    def own(self, entity: str, day: int) -> dict[tuple[str, str], Decimal]:
        found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for life in self.lives:
            found[self.owners[entity](life.customer), life.currency] += month(life.at(day))
        return found

    def paying(self, entity: str, day: int) -> set[str]:
        return {
            self.owners[entity](life.customer)
            for life in self.lives
            if (held := life.at(day)) is None or held > 0
        }  # fmt: skip


def day_of(number: int) -> date:
    return FIRST + timedelta(days=number)


def moment_of(number: int) -> datetime:
    return datetime(2026, 1, 1, 6, tzinfo=UTC) + timedelta(days=number)


def row_of(life: Life, look: Look) -> dict[str, Any]:
    return {
        "subscription_id": f"sub_{life.number}", "payer": f"cus_{life.number}", "email": life.customer,
        "status": look.status, "currency": life.currency, "yearly_amount": look.yearly,
        "changed_at": moment_of(look.day).replace(tzinfo=None),
    }  # fmt: skip


def new_book() -> Book:
    rates = tuple((code, str(rate)) for code, rate in RATES.items() if code != "USD")
    return Book(program(*rates, gap=timedelta(0)))


def told(lives: list[Life]) -> Book:
    """A book in which every look at every subscription was noted, and then worked out at once."""
    book = new_book()
    rows = [row_of(life, look) for life in lives for look in life.looks]
    book.saw(*({**row, "seen_at": row["changed_at"]} for row in rows))
    book.put("subscriptions", *(row_of(life, life.looks[-1]) for life in lives))
    book.run(moment_of(DAYS))
    return book


def told_day_by_day(lives: list[Life]) -> Book:
    """The same with a run on every day that has news."""
    book = new_book()
    for day in sorted({look.day for life in lives for look in life.looks}):
        held = [(life, [look for look in life.looks if look.day <= day]) for life in lives]
        book.put("subscriptions", *(row_of(life, seen[-1]) for life, seen in held if seen))
        book.run(moment_of(day))
    return book


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LIVES, st.lists(st.integers(0, DAYS), min_size=2, max_size=5, unique=True))
def test_movements_add_up_to_the_change_in_revenue(lives: list[Life], cuts: list[int]) -> None:
    book, truth = told(lives), Truth(lives)
    days = sorted(cuts)
    spans = [(day_of(first), day_of(last - 1)) for first, last in pairwise(days)]
    whole = (day_of(days[0]), day_of(days[-1] - 1))
    for entity in ("customers", "companies"):
        *parts, total = book.bridge(*spans, whole, entity=entity)
        kinds = ("new", "expansion", "contraction", "churn", "reactivation", "correction")
        for row, (first, last) in zip([*parts, total], [*pairwise(days), (days[0], days[-1])], strict=True):
            assert row["opening"] == sum(truth.base(entity, first - 1).values())
            assert row["closing"] == sum(truth.base(entity, last - 1).values())
            assert row["opening"] + sum(row[kind] for kind in kinds) == row["closing"]
            assert row["customers_opening"] == len(truth.paying(entity, first - 1))
            assert row["customers_closing"] == len(truth.paying(entity, last - 1))
            assert row["kept"] + row["grown"] == row["retained"]
        for kind in kinds:
            assert sum(row[kind] for row in parts) == total[kind]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LIVES)
def test_every_line_adds_up_for_every_key_and_currency(lives: list[Life]) -> None:
    book, truth = told(lives), Truth(lives)
    for entity in ("customers", "companies"):
        from execution.revenue.movements import lines_sql

        own: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        base: dict[str, Decimal] = defaultdict(Decimal)
        seen: set[tuple[str, date]] = set()
        lines = book.rows(
            f"SELECT key, currency, day, change, mrr_before, mrr_after, change_base, total_before, total_after "
            f"FROM ({lines_sql(entity)}) ORDER BY day, turn, key, currency"
        )
        for key, currency, day, change, before, after, change_base, *_ in lines:
            assert before == own[key, currency]
            own[key, currency] += change
            base[key] += change_base or 0
            assert after == own[key, currency]
            assert (change_base is None) == (currency == "GBP")
            seen.add((key, day))
        for key, day in seen:
            number = (day - FIRST).days
            at_end = [line for line in lines if line[0] == key and line[2] <= day]
            assert at_end[-1][8] == truth.base(entity, number)[key]
        assert {key: value for key, value in own.items() if value} == {
            key: value for key, value in truth.own(entity, DAYS).items() if value
        }
        assert {key: value for key, value in base.items() if value} == {
            key: value for key, value in truth.base(entity, DAYS).items() if value
        }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LIVES)
def test_a_movement_is_called_what_it_is(lives: list[Life]) -> None:
    book, truth = told(lives), Truth(lives)
    for entity in ("customers", "companies"):
        paid: set[str] = set()
        found = {
            (key, day): kind
            for key, day, kind in book.rows(
                f"SELECT key, day, kind FROM derived.mrr_movements WHERE entity = '{entity}'"
            )
        }
        for number in range(DAYS):
            before, after = truth.paying(entity, number - 1), truth.paying(entity, number)
            for key in after - before:
                assert found.pop((key, day_of(number))) == ("reactivation" if key in paid else "new")
            for key in before - after:
                assert found.pop((key, day_of(number))) == "churn"
            for key in before & after:
                kind = found.pop((key, day_of(number)), None)
                less = truth.base(entity, number)[key] - truth.base(entity, number - 1)[key]
                assert less == 0 or kind == "correction" or kind == ("expansion" if less > 0 else "contraction")
            paid |= after
        assert found == {}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LIVES)
def test_a_ledger_told_bit_by_bit_is_the_one_told_at_once(lives: list[Life]) -> None:
    bit_by_bit, at_once = told_day_by_day(lives), told(lives)
    for table in ("mrr_ledger", "mrr_steps", "churn_events"):
        sql = f"FROM derived.{table} ORDER BY ALL"
        assert bit_by_bit.rows(sql) == at_once.rows(sql)
