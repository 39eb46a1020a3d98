"""Pictures: the same rows the same bytes, what is unknown a gap, and no name that does anything."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.charts import KINDS, draw
from execution.errors import UsageError
from tests.charts.figures_of_a_team import HOSTILE, ROWS, TITLES, UNITS
from tests.conftest import Golden

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
HARMLESS = {"svg", "title", "desc", "style", "rect", "g", "path", "line", "circle", "text", "polyline"}


def picture(kind: str, rows: Any = None) -> str:  # noqa: ANN401 - rows, or those of the team
    return draw(kind, ROWS[kind] if rows is None else rows, title=TITLES[kind], unit=UNITS.get(kind, ""))


def parsed(svg: str) -> Element:
    return fromstring(svg)  # noqa: S314 - ours


def words_of(svg: str) -> list[str]:
    return [each.text or "" for each in parsed(svg).iter(f"{SVG}text")]


def described(svg: str) -> str:
    found = parsed(svg).find(f"{SVG}desc")
    assert found is not None
    return found.text or ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_as_it_was_looked_at(kind: str, golden: Golden) -> None:
    golden(f"charts/{kind}.svg", picture(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_says_what_it_is_to_those_who_do_not_see_it(kind: str) -> None:
    root = parsed(picture(kind))
    title = root.find(f"{SVG}title")
    assert root.get("role") == "img"
    assert title is not None
    assert title.text == TITLES[kind]
    assert any(character.isdigit() for character in described(picture(kind))), "the figures in words"


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_needs_nothing_from_outside(kind: str) -> None:
    svg = picture(kind)
    root = parsed(svg)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= HARMLESS
    assert not [name for each in root.iter() for name in each.attrib if "href" in name or name.startswith("on")]
    style = "".join(each.text or "" for each in root.iter(f"{SVG}style"))
    assert "url(" not in style
    assert "@import" not in style


def test_the_same_rows_give_the_same_bytes_in_another_process_and_time_zone() -> None:
    code = (
        "from tests.charts.figures_of_a_team import ROWS, TITLES, UNITS; from execution.charts import draw; import sys;"
        "sys.stdout.buffer.write(''.join(draw(kind, ROWS[kind], title=TITLES[kind], unit=UNITS.get(kind, ''))"
        " for kind in ROWS).encode())"
    )
    elsewhere = {**os.environ, "TZ": "Pacific/Kiritimati", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=elsewhere, capture_output=True, check=True)
    assert done.stdout.decode() == "".join(picture(kind) for kind in ROWS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "sparkline"])
def test_without_rows_it_says_that_there_is_nothing_to_show(kind: str) -> None:
    svg = draw(kind, [], title="Quiet", unit="USD")
    assert words_of(svg) == ["Quiet", "There is nothing to show."]
    assert described(svg) == "There is nothing to show."


def test_a_line_without_a_known_figure_is_no_line() -> None:
    rows = [{"day": "2026-01-01", "series": "MRR", "value": None}]
    assert words_of(draw("trend", rows, title="MRR"))[1] == "There is nothing to show."
    assert described(draw("trend", rows, title="MRR")) == "MRR not captured."
    assert "<polyline" not in draw("sparkline", [{"day": "2026-01-01", "value": None}], title="MRR")


def test_there_are_just_these_kinds_and_rows_have_their_fields() -> None:
    with pytest.raises(UsageError, match="there is no picture 'pie'") as caught:
        draw("pie", [], title="")
    assert (caught.value.code, "bridge" in caught.value.hint) == ("E296", True)
    with pytest.raises(UsageError, match="has no field 'value'") as caught:
        draw("bars", [{"label": "Acme", "amount": 1}], title="")
    assert (caught.value.code, caught.value.hint) == ("E296", "it has: label, amount")
    with pytest.raises(UsageError, match="'many' is no number"):
        draw("bars", [{"label": "Acme", "value": "many"}], title="")
    with pytest.raises(UsageError, match="'soon' is no day"):
        draw("sparkline", [{"day": "soon", "value": 1}], title="")


def test_what_a_name_says_is_shown_and_does_nothing() -> None:
    svg = draw("bars", [{"label": HOSTILE, "value": 1}], title=HOSTILE)
    assert "<script" not in svg
    assert "\u202e" not in svg
    assert "\x07" not in svg
    shown = words_of(svg)
    assert shown[0].startswith('<script>alert(1)</script> & "Ärger" 🚀 株式会社'), "the title as it is, cut"
    assert shown[1].startswith("<script>")
    assert "{{7*7}}" in described(svg)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "label": st.one_of(st.none(), st.text(max_size=40), st.just(HOSTILE)),
                "value": st.one_of(st.none(), st.integers(-(10**15), 10**15), st.floats(), st.decimals()),
            }
        ),
        max_size=6,
    ),
    st.text(max_size=300),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_rows_are_a_picture_is_a_picture(rows: list[dict[str, Any]], title: str) -> None:
    root = parsed(draw("bars", rows, title=title, unit="EUR"))
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= HARMLESS


def test_a_sparkline_is_drawn_quickly_enough_for_thousands() -> None:
    began = time.perf_counter()
    for _ in range(200):
        picture("sparkline")
    assert time.perf_counter() - began < 2, "measured: 0.04 s"
