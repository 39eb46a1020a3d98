"""Figures and words as pictures write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from execution.charts.figures import day, figure, number, share
from execution.charts.labels import fitting, words

MINUS = "\u2212"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1200, "USD", "USD 1,200"),
        (-1200.4, "USD", f"{MINUS}USD 1,200"),
        (0, "", "0"),
        (0.125, "%", "0.12%"),
        (12.5, "days", "12.5 days"),
        (1, "deals", "1 deal"),
        (None, "USD", "not captured"),
        (1e15, "", "1,000,000,000,000,000"),
    ],
)
def test_a_figure_with_its_unit(value: float | None, unit: str, text: str) -> None:
    assert figure(value, unit) == text


def test_what_changed_has_its_sign() -> None:
    assert [figure(value, signed=True) for value in (3, 0, -3)] == ["+3", "0", f"{MINUS}3"]
    assert share(-0.07) == f"{MINUS}7%"


def test_unknown_is_not_zero_and_infinite_is_unknown() -> None:
    assert [number(value) for value in (None, float("nan"), float("inf"), Decimal("NaN"))] == [None] * 4
    assert number(Decimal("0.10")) == 0.1


def test_days_of_every_kind() -> None:
    moment = datetime(2026, 1, 31, 23, tzinfo=UTC)
    assert {day(moment), day(date(2026, 1, 31)), day("2026-01-31"), day("2026-01-31T23:00:00Z")} == {date(2026, 1, 31)}


def test_words_are_one_visible_line_of_their_room() -> None:
    assert words("a\n\tb\u200b\ud800\x00c") == "a bc"
    assert words(None) == "not captured"
    assert fitting("Northbeam", 9) == "Northbeam"
    assert fitting("Northbeam GmbH", 9) == "Northbea…"
    assert fitting("株式会社ホールディングス", 9) == "株式会社…", "a wide character takes two columns"
