"""Where bars begin and end: a bridge adds up, a gap stays one, and a scale that does not begin at zero says so."""

import re
from decimal import Decimal
from typing import Any

import pytest

from execution.charts import rows
from execution.charts.drawing import Drawing
from tests.charts.figures_of_a_team import ROWS


def ends(drawing: Drawing) -> list[tuple[float, float] | None]:
    return [(one["begin"], one["end"]) if one["known"] else None for one in drawing.values]


def total(amount: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"label": "MRR", "amount": amount, "kind": "total"}


def change(amount: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"label": "New", "amount": amount, "kind": "change"}


def test_a_bridge_leads_from_one_total_to_the_next() -> None:
    drawing = rows.bridge([total(100), change(60), change(-90), total(70)], "USD")
    assert ends(drawing) == [(0, 100), (100, 160), (160, 70), (0, 70)]
    assert [one["shown"] for one in drawing.values] == ["USD 100", "+USD 60", "\u2212USD 90", "USD 70"]
    assert [one["join"] for one in drawing.values] == [100, 160, 70, None]
    assert [re.sub(r".*gtm-|\)", "", one["colour"]) for one in drawing.values] == ["total", "up", "down", "total"]
    assert drawing.subtitle == ""


def test_after_an_unknown_amount_nobody_knows_where_the_rest_hangs() -> None:
    drawing = rows.bridge([total(100), change(None), change(20), total(150), change(5)], "USD")
    assert ends(drawing) == [(0, 100), None, None, (0, 150), (150, 155)]
    assert [one["shown"] for one in drawing.values][1:3] == ["not captured", "+USD 20"]


def test_small_changes_are_seen_beside_large_totals_and_the_picture_says_how() -> None:
    drawing = rows.bridge(ROWS["bridge"], "USD")
    assert drawing.subtitle == "bars begin at USD 150,000, not at zero"
    assert ends(drawing)[0] == (0, 32400)
    assert ends(drawing)[1] == (32400, 46600)


@pytest.mark.parametrize("amounts", [(0, 5), (-10, 5), (100, 0), (Decimal(100), Decimal(60))])
def test_otherwise_bars_begin_at_zero(amounts: tuple[Any, Any]) -> None:
    first, moved = amounts
    assert rows.bridge([total(first), change(moved), total(first + moved)], "USD").subtitle == ""


def test_bands_have_a_colour_by_their_place_and_those_of_whom_nothing_is_known_another() -> None:
    drawing = rows.bands(ROWS["bands"], "USD")
    colours = [re.sub(r".*gtm-|\)", "", one["colour"]) for one in drawing.values]
    assert colours == ["band0", "band1", "band3", "band4", "unknown"]
    assert [one["shown"] for one in drawing.values] == [
        "124 · 53% · USD 96,000", "61 · 26% · USD 51,200", "33 · 14%", "not captured", "14 · 6% · USD 1,200",
    ]  # fmt: skip
    assert rows.bands([{"label": "All", "count": 3, "amount": None}], "").values[0]["colour"] == "var(--gtm-band0)"


def test_bars_below_zero_go_the_other_way() -> None:
    drawing = rows.bars([{"label": "Net", "value": -3}, {"label": "New", "value": None}], "")
    assert ends(drawing) == [(0, -3), None]
    assert drawing.values[0]["right"] == 0


def test_a_funnel_says_the_share_that_it_was_given() -> None:
    drawing = rows.funnel(ROWS["funnel"], "")
    assert [one["shown"] for one in drawing.values] == ["1,240 · 100%", "410 · 33%", "not captured", "41 · 3%"]
