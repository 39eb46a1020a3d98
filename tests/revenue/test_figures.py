"""Spans of days, the figures of a period, cohorts, and what the sums leave out."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from execution.directives.model import Metric
from execution.errors import GtmError, UsageError
from execution.revenue import answers, cohorts, find, periods
from execution.revenue.periods import Span
from tests.revenue.book import Book, program, sub

JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("unit", "cut"),
    [
        ("day", ["2026-01-30", "2026-01-31", "2026-02-01"]),
        ("week", ["2026-02-01"]),
        ("month", ["2026-01-31", "2026-02-01"]),
        ("quarter", ["2026-02-01"]),
        ("year", ["2026-02-01"]),
    ],
)
def test_a_span_is_cut_where_a_unit_begins(unit: str, cut: list[str]) -> None:
    found = periods.spans(Span(date(2026, 1, 30), FEB), unit)
    assert [span.last.isoformat() for span in found] == cut
    assert found[0].first == date(2026, 1, 30)
    assert all(one.last + DAY == other.first for one, other in pairwise(found))


def test_whole_months_are_counted_and_others_measured() -> None:
    assert Span(JAN, FEB - DAY).months == 1
    assert Span(date(2025, 12, 1), FEB - DAY).months == 2
    assert Span(date(2024, 2, 1), date(2024, 2, 29)).months == 1
    assert Span(date(2026, 1, 10), date(2026, 1, 10)).months == Decimal("0.0329")


@pytest.fixture
def book() -> Book:
    book = Book(program(("EUR", "1.1"), gap=timedelta(0)))
    book.put(
        "subscriptions",
        sub("s1", "a@x.com", started_at="2026-01-10"),
        sub("s2", "b@y.com", started_at="2026-01-20", status="canceled", ended_at="2026-02-15"),
        sub("s3", "c@z.com", started_at="2026-02-10", currency="EUR"),
        sub("s4", "d@w.com", started_at="2026-02-11", currency="GBP"),
        sub("s5", "e@v.com", started_at="2026-02-12", yearly_amount=None),
    )
    book.put(
        "subscription_changes",
        {"subscription_id": "s1", "occurred_at": "2026-01-10", "currency": "USD", "yearly_amount": 600},
        {"subscription_id": "s1", "occurred_at": "2026-02-05", "currency": "USD", "yearly_amount": 1200},
    )
    book.run()
    return book


def test_figures_are_of_those_who_paid_at_the_opening(book: Book) -> None:
    january, february = book.bridge((JAN, FEB - DAY), (FEB, MAR - DAY))
    assert january["nrr"] is None
    assert february["opening"] == 150
    assert february["new"] == 110
    assert (february["retained"], february["kept"], february["lost"], february["grown"]) == (100, 50, 100, 50)
    assert (february["nrr"], february["grr"]) == (Decimal("66.6667"), Decimal("33.3333"))
    assert (february["customers_opening"], february["customers_stayed"], february["customers_closing"]) == (2, 1, 4)
    assert february["customers_unpriced"] == 2
    assert february["arpa"] == Decimal(210) / 2
    assert february["ltv"] == Decimal(105) * Decimal("0.8") * 2


def test_nothing_to_divide_by_is_no_figure() -> None:
    empty = Book()
    empty.run()
    (row,) = empty.bridge((JAN, MAR))
    assert row["closing"] == 0
    assert all(row[name] is None for name in empty.directive.metrics)


def test_a_figure_that_fails_names_the_directive(book: Book) -> None:
    metric = Metric(value="cast('much' as decimal(18, 4))", unit="", meaning="")
    wrong = book.directive.model_copy(update={"metrics": {"much": metric}})
    with pytest.raises(GtmError, match="a figure of revenue failed: Conversion Error") as raised:
        periods.read(book.con, wrong, [Span(JAN, FEB)], entity="customers")
    assert raised.value.code == "E371"


def test_every_currency_is_bridged_by_itself(book: Book) -> None:
    rows = {row["currency"]: row for row in periods.by_currency(book.con, Span(FEB, MAR), entity="customers")}
    assert {code: (row["opening"], row["closing"]) for code, row in rows.items()} == {
        "EUR": (0, 100), "GBP": (0, 100), "USD": (150, 100),
    }  # fmt: skip
    assert (rows["USD"]["expansion"], rows["USD"]["churn"]) == (50, -100)


def test_a_cohort_is_followed_from_what_it_began_with(book: Book) -> None:
    rows = cohorts.read(book.con, MAR, entity="customers")
    january = [row for row in rows if row["cohort"] == JAN]
    assert [(row["month"], row["paying"], row["paid_mrr"]) for row in january] == [
        (0, 2, 150),
        (1, 1, 100),
        (2, 1, 100),
    ]
    assert [row["customer_retention"] for row in january] == [100, 50, 50]
    assert january[1]["revenue_retention"] == Decimal("66.6667")
    (first, *_) = [row for row in rows if row["cohort"] == FEB]
    assert (first["customers"], first["mrr"], first["paying"]) == (3, 110, 3)
    assert [row["customer_retention"] for row in cohorts.read(book.con, FEB, entity="companies")] == [100, 100, None][
        :2
    ]


def test_what_is_missing_is_named_with_what_to_write(book: Book) -> None:
    book.put(
        "events",
        {"source_id": "p1", "email": "c@z.com", "kind": "payment", "status": "succeeded", "amount": 5,
         "currency": "CHF", "occurred_at": "2026-02-10"},
    )  # fmt: skip
    found = find(book.con, book.program, MAR)
    assert [(problem.code, problem.message, problem.hint) for problem in found.problems] == [
        (
            "E372",
            "GBP has no rate: 1 subscription of 1 customer, 100.00 GBP a month, are in no sum in USD",
            "add `rates: {GBP: …}` to directives/local/settings.md: what 1 GBP is worth in USD",
        ),
        (
            "E372",
            "CHF has no rate at all: 1 payment cannot be told in USD",
            "add `rates: {CHF: {2026-02-10: …}}` to directives/local/settings.md: what 1 CHF is worth in USD since",
        ),
    ]
    assert found.problems[0].path == "directives/settings.md"
    assert found.notes == ("of unknown worth: 1 subscription of 1 customer (a price in tiers, a discount not shown)",)
    assert find(book.con, book.program, JAN).problems == ()


def test_who_pays_without_an_address_is_told() -> None:
    book = Book()
    book.put("subscriptions", sub("s1", None))
    book.run()
    assert find(book.con, book.program, MAR).notes == (
        "without an e-mail, so nobody's record: 1 subscription, MRR 100.00",
    )


def test_answers_look_no_further_than_asked(book: Book) -> None:
    told = answers.churned(book.con, book.program, Span(JAN, MAR), entity="customers")
    assert [(row["key"], row["mrr"], row["type"]) for row in told.rows] == [("b@y.com", 100, None)]
    assert answers.churned(book.con, book.program, Span(MAR, MAR), entity="customers").rows == ()
    steps = answers.customer(book.con, book.program, "X.com", FEB)
    assert [(row["customer"], row["mrr"], row["basis"]) for row in steps.rows] == [("a@x.com", 50, "billed")]
    with pytest.raises(UsageError, match=r"nobody named 'q@q\.com'"):
        answers.customer(book.con, book.program, "q@q.com", FEB)


def test_a_span_begins_a_year_back_but_not_before_the_ledger(book: Book) -> None:
    assert answers.span_of(book.con, None, MAR) == Span(JAN, MAR)
    assert answers.span_of(book.con, None, date(2027, 5, 5)) == Span(date(2026, 6, 1), date(2027, 5, 5))
    assert answers.span_of(book.con, FEB, MAR) == Span(FEB, MAR)
    with pytest.raises(UsageError, match="2026-03-01 comes after 2026-02-01"):
        answers.span_of(book.con, MAR, FEB)


def test_other_rates_than_those_worked_with_are_told(book: Book) -> None:
    told = answers.bridge(
        book.con, program(("EUR", "1.2"), gap=timedelta(0)), Span(JAN, MAR), by="month", entity="customers"
    )
    assert told.notes[0] == "the definitions have changed since this was worked out: run `gtm score`"


def test_before_it_was_worked_out_there_is_no_answer() -> None:
    empty = Book()
    with pytest.raises(UsageError, match="not been worked out"):
        answers.bridge(empty.con, empty.program, Span(JAN, FEB), by="month", entity="customers")
