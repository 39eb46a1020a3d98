"""Lines: unbroken only where every day is known, and names that do not cover one another."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from execution.charts import trend as trend_
from execution.charts.cohorts import cohorts
from execution.charts.sparkline import sparkline
from execution.charts.trend import trend
from tests.charts.figures_of_a_team import ROWS


def row(day: int, value: float | None, series: str = "MRR") -> dict[str, Any]:
    return {"day": f"2026-01-{day:02d}", "series": series, "value": value}


def marks(kind: str, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["run"], one["day"]) for one in trend(rows, "").values if one["mark"] == kind]


def test_an_unknown_day_breaks_the_line_and_a_day_alone_is_a_point() -> None:
    rows = [row(1, 10), row(2, 11), row(3, None), row(4, 12), row(5, None), row(6, 9), row(7, 8)]
    assert marks("line", rows) == [
        ("0.0", "2026-01-01"),
        ("0.0", "2026-01-02"),
        ("0.2", "2026-01-06"),
        ("0.2", "2026-01-07"),
    ]
    assert marks("point", rows) == [("0.1", "2026-01-04")]


def test_a_day_that_one_line_has_and_another_has_not_is_a_gap_in_that_one() -> None:
    rows = [row(1, 1), row(2, 1), row(3, 1), row(1, 5, "ARR"), row(3, 5, "ARR")]
    assert marks("point", rows) == [("1.0", "2026-01-01"), ("1.1", "2026-01-03")]


def test_in_words_a_line_says_where_it_began_and_ended_and_what_is_missing() -> None:
    (said,) = trend([row(1, 1500), row(2, None), row(3, 900), row(4, 1200)], "USD").words
    assert said == (
        "MRR USD 1,500 on 2026-01-01, USD 1,200 on 2026-01-04, between USD 900 and USD 1,500, "
        "not captured on 1 of 4 days"
    )


def test_rows_may_come_in_any_order() -> None:
    rows = [row(2, 2), row(1, 1), row(3, None)]
    assert trend(rows, "").values == trend(sorted(rows, key=lambda each: str(each["day"])), "").values


@given(st.lists(st.floats(-200, 400), max_size=8))
def test_names_at_the_ends_of_lines_stay_apart_and_in_order(places: list[float]) -> None:
    moved = trend_._apart(places)
    order = sorted(range(len(places)), key=lambda n: places[n])
    for below, above in pairwise(order):
        assert moved[above] - moved[below] >= trend_._LINE_HEIGHT - 1e-6
    if places:
        assert abs(sum(moved) - sum(places)) < 1e-6 * max(1, len(places)), "none is moved more than it must be"


def test_a_scale_begins_at_zero_where_that_hides_nothing() -> None:
    assert trend([row(1, 10), row(2, 40)], "").params["low"] == 0
    low = trend([row(1, 9900), row(2, 10000)], "").params["low"]
    assert 9800 < low < 9900


def test_cohorts_leave_the_place_of_an_unknown_share_empty() -> None:
    drawing = cohorts(ROWS["cohorts"], "customers")
    assert len(drawing.values) == len(ROWS["cohorts"]) - 1
    assert not [one for one in drawing.values if (one["label"], one["month"]) == ("2026-03", 2)]
    assert [one["customers"] for one in drawing.values if one["label"] == "2026-04"] == ["", "", ""]
    assert "month 2 not captured" in drawing.words[2]


def test_cohorts_that_are_all_alike_have_one_colour() -> None:
    rows = [{"cohort": "a", "month": n, "share": 1, "customers": 2} for n in range(3)]
    assert len({one["colour"] for one in cohorts(rows, "").values}) == 1


def test_a_sparkline_has_a_gap_too() -> None:
    assert sparkline(ROWS["sparkline"], "Health", "points").count("<polyline") == 2
    assert sparkline([row(1, 3)], "Health", "").count("<circle") == 2
