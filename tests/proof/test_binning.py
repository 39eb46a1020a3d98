"""Groups of values, and the points they get: as a person would write them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.proof.binning import MOST_GROUPS, Group, Seen, roundest, shown, steps_of
from execution.proof.learning import points_of


@pytest.mark.parametrize(
    ("above", "up_to", "wanted"),
    [
        ("11", "13", "12"),
        ("7", "12", "10"),
        ("88", "103", "100"),
        ("24.1", "25.9", "25"),
        ("0.234", "0.261", "0.25"),
        ("0.2341", "0.2349", "0.2345"),
        ("-13", "-11", "-12"),
        ("5", "6", "6"),
        ("999", "1500", "1000"),
    ],
)
def test_cuts_are_round(above: str, up_to: str, wanted: str) -> None:
    assert roundest(Fraction(above), Fraction(up_to)) == Fraction(wanted)


@given(st.integers(-10_000, 10_000), st.integers(1, 500), st.sampled_from((1, 2, 10, 100)))
def test_a_cut_lies_where_it_must(above: int, more: int, scale: int) -> None:
    low, high = Fraction(above, scale), Fraction(above + more, scale)
    assert low < roundest(low, high) <= high


def test_numbers_are_cut_where_rates_change() -> None:
    """Below 12 months half leave, later a tenth."""
    seen = [Seen(Fraction(month), 50 if month < 12 else 10, 50 if month < 12 else 90) for month in range(1, 37)]
    steps = steps_of("tenure", "BIGINT", seen)
    assert steps is not None
    assert [group.below for group in steps.groups] == [12, None]
    assert steps.odds[0] < 0 < steps.odds[1]
    assert steps.expression(points_of(steps.odds)) == "case when tenure < 12 then 0 else 100 end"


def test_values_that_do_not_differ_have_no_points() -> None:
    seen = [Seen(Fraction(month), 30, 70) for month in range(1, 37)]
    assert steps_of("tenure", "BIGINT", seen) is None
    assert steps_of("tenure", "BIGINT", seen[:1]) is None
    assert steps_of("tenure", "BIGINT", []) is None


def test_names_stand_for_themselves_and_rare_ones_for_the_whole() -> None:
    seen = [Seen("month", 450, 550), Seen("it's two", 20, 480), Seen("year", 60, 440), Seen("odd", 3, 4)]
    steps = steps_of("contract", "VARCHAR", seen, Group(2, 5))
    assert steps is not None
    assert [group.values for group in steps.groups] == [("month",), ("year",), ("it's two",), ()]
    assert steps.lines(["a", "b", "c", "d"]) == (
        "case",
        "  when contract = 'month' then a",
        "  when contract = 'year' then b",
        "  when contract = 'it''s two' then c",
        "  else d",
        "end",
    )


def test_names_with_like_rates_are_one_group() -> None:
    seen = [Seen("a", 100, 400), Seen("b", 104, 396), Seen("c", 300, 200)]
    steps = steps_of("kind", "VARCHAR", seen)
    assert steps is not None
    assert [group.values for group in steps.groups] == [("c",), ("a", "b"), ()]


def test_truth_values_are_two_groups() -> None:
    steps = steps_of("is_new", "BOOLEAN", [Seen(False, 100, 900), Seen(True, 400, 600)])
    assert steps is not None
    assert steps.expression(points_of(steps.odds)) == "case when is_new then 0 else 100 end"
    assert steps_of("is_new", "BOOLEAN", [Seen(True, 400, 600)]) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 100), st.integers(0, 40), st.integers(1, 60)),
        min_size=2,
        max_size=80,
        unique_by=lambda row: row[0],
    )
)
def test_every_value_is_in_one_group_and_no_row_is_lost(rows: list[tuple[int, int, int]]) -> None:
    seen = [Seen(Fraction(value), events, others) for value, events, others in rows]
    steps = steps_of("x", "BIGINT", seen)
    if steps is None:
        return
    assert 2 <= len(steps.groups) <= MOST_GROUPS
    assert sum(group.rows for group in steps.groups) == sum(s.events + s.others for s in seen)
    cuts = [group.below for group in steps.groups[:-1]]
    assert cuts == sorted(cut for cut in cuts if cut is not None)
    assert steps.groups[-1].below is None


def test_points_go_from_0_to_100_in_steps_of_five() -> None:
    assert points_of([-1.0, 0.13, 1.0]) == [0, 55, 100]


def test_numbers_are_written_shortly() -> None:
    assert [shown(Fraction(text)) for text in ("12", "0.25", "-3", "25.50")] == ["12", "0.25", "-3", "25.5"]
