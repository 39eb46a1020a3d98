"""Rows → one standalone SVG: the same rows give the same bytes, on any machine and in any time zone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from execution.charts import rows as rows_
from execution.charts.cohorts import cohorts
from execution.charts.drawing import Drawing
from execution.charts.frame import framed
from execution.charts.sparkline import sparkline
from execution.charts.trend import trend
from execution.errors import UsageError

SPARKLINE = "sparkline"

_PLOTS: Mapping[str, Callable[[Sequence[Mapping[str, Any]], str], Drawing]] = {
    "bridge": rows_.bridge,
    "bands": rows_.bands,
    "trend": trend,
    "cohorts": cohorts,
    "funnel": rows_.funnel,
    "bars": rows_.bars,
}
KINDS = (*_PLOTS, SPARKLINE)


def draw(kind: str, rows: Sequence[Mapping[str, Any]], *, title: str, unit: str = "") -> str:
    """The picture of some rows; which fields they have, the function of the kind tells.

    An unknown figure (None) is a gap or `not captured`, never zero; without rows the picture says that there is nothing
    to show. `unit` is a currency (`USD`), `%` or a noun. Raises UsageError (E296) for a kind that there is none of, and
    for rows that do not fit it.
    """
    if kind == SPARKLINE:
        return sparkline(rows, title, unit)
    plot = _PLOTS.get(kind)
    if plot is None:
        raise UsageError(f"there is no picture '{kind}'", hint=f"there are: {', '.join(KINDS)}", code="E296")
    drawing = plot(rows, unit)
    if not drawing.values:
        return framed("", (0, 0), title, "", drawing.words)
    from execution.charts import vega

    shapes, *size = vega.plot(drawing)
    return framed(shapes, (size[0], size[1]), title, drawing.subtitle, drawing.words)
