"""A drawing through Vega-Lite, slimmed to what is seen: shapes and words, with numbers of two places behind the point.

Only what stands in the lists below comes through, so nothing in a picture can load, link or run.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any
from xml.etree.ElementTree import Element, fromstring  # our own text, made a line before
from xml.sax.saxutils import escape, quoteattr

from execution.charts.drawing import Drawing

VERSION = "6.1"
"""Of Vega-Lite: another one may place things otherwise, and pictures would change without a reason."""

_SVG = "{http://www.w3.org/2000/svg}"
_SHAPES = frozenset({"g", "path", "line", "rect", "circle", "text", "tspan"})
_SAID = (
    "transform", "d", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "width", "height", "r", "rx", "ry", "fill",
    "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "text-anchor", "font-size", "font-weight",
    "opacity",
)  # fmt: skip
_UNSEEN = frozenset({"background", "foreground"})
_LONG = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-?\d+")


@cache
def _spec(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("execution.charts").joinpath("specs", name).read_text(encoding="utf-8"))
    return found


def plot(drawing: Drawing) -> tuple[str, int, int]:
    """The shapes of a drawing as SVG, and how wide and high they are with what stands around the plot."""
    import vl_convert

    spec = _spec(f"{drawing.spec}.vl.json")
    spec = spec | {
        "config": _spec("config.json"),
        "data": {"values": list(drawing.values)},
        "width": drawing.width,
        "height": drawing.height,
        "params": [one | {"value": drawing.params.get(one["name"], one["value"])} for one in spec["params"]],
    }
    around = spec["padding"]
    drawn = vl_convert.vegalite_to_svg(spec, vl_version=VERSION, allowed_base_urls=[])
    shapes = "".join(_slim(each) for each in fromstring(drawn))  # noqa: S314 - see above
    width = drawing.width + around["left"] + around["right"]
    return shapes, width, drawing.height + around["top"] + around["bottom"]


def _slim(element: Element) -> str:
    tag = element.tag.removeprefix(_SVG)
    if tag not in _SHAPES or _UNSEEN.intersection(element.get("class", "").split()):
        return ""
    inner = escape(element.text or "") if tag in {"text", "tspan"} else ""
    inner += "".join(_slim(each) for each in element)
    if not inner and tag in {"g", "text", "tspan"}:
        return ""
    attributes = "".join(_attributes(element))
    if tag == "g" and not attributes:
        return inner
    return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"


def _attributes(element: Element) -> Iterator[str]:
    for name in _SAID:
        value = element.get(name)
        if value is None or (name, value) in {("opacity", "1"), ("transform", "translate(0,0)")}:
            continue
        yield f" {name}={quoteattr(_LONG.sub(_short, value))}"


def _short(match: re.Match[str]) -> str:
    short = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
