"""Every picture's colours can be told from what is behind them: by day, by night, by those who see fewer colours."""

import re
from importlib.resources import files
from itertools import pairwise

import pytest

from execution.charts.sparkline import COLOUR

TEXT, SHAPE = 4.5, 3.0
"""What WCAG 2.2 asks for of words and of the parts of a picture."""


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def palettes() -> dict[str, dict[str, str]]:
    text = files("execution.charts").joinpath("colours.css").read_text(encoding="utf-8")
    day, night = text.split("@media", maxsplit=1)
    return {
        name: dict(re.findall(r"--gtm-([\w-]+): (#\w{6})", part)) for name, part in (("day", day), ("night", night))
    }


@pytest.mark.parametrize("palette", palettes().values(), ids=palettes())
def test_contrast(palette: dict[str, str]) -> None:
    surface = palette["surface"]
    for name, colour in palette.items():
        if name in {"fg", "muted"} or name.startswith("line"):
            assert contrast(colour, surface) >= TEXT, name
        elif name in {"total", "up", "down", "accent", "unknown", "axis"} or name.startswith("band"):
            assert contrast(colour, surface) >= (SHAPE if name != "axis" else 2.5), name
        elif name.endswith("-ink"):
            assert contrast(colour, palette[name.removesuffix("-ink")]) >= TEXT, name
    assert contrast(COLOUR, surface) >= SHAPE


def test_both_palettes_have_every_colour() -> None:
    day, night = palettes().values()
    assert day.keys() == night.keys()


@pytest.mark.parametrize("palette", palettes().values(), ids=palettes())
def test_a_larger_share_is_told_by_how_dark_it_is(palette: dict[str, str]) -> None:
    heat = [contrast(palette[f"heat{n}"], palette["surface"]) for n in range(5)]
    assert all(more > 1.15 * less for less, more in pairwise(heat))


@pytest.mark.parametrize("palette", palettes().values(), ids=palettes())
def test_who_sees_no_red_tells_growth_from_loss(palette: dict[str, str]) -> None:
    """Their blue channel is what is left to tell by: far apart for blue and vermilion, as red and green's is not."""
    up, down = palette["up"], palette["down"]
    assert abs(int(up[5:7], 16) - int(down[5:7], 16)) > 100
