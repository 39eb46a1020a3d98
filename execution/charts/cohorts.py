"""A grid of cohorts over the months since they began: `cohort`, `month`, `share`, `customers`; figures in the cells.

A darker cell is a larger share of those shown; a share that is unknown leaves its place empty.
"""

from collections.abc import Sequence
from typing import Any

from execution.charts.drawing import Drawing, Row, cell
from execution.charts.figures import figure, number, share
from execution.charts.labels import fitting, words

SPEC = "cohorts"
_CELL = (44, 36)
_LABEL = 11
_STEPS = 5


def cohorts(rows: Sequence[Row], unit: str) -> Drawing:
    """The cells of each cohort, in the order in which they first come up."""
    shares = [number(cell(row, "share")) for row in rows]
    known = [one for one in shares if one is not None]
    names: dict[str, list[str]] = {}
    months, values = set(), []
    for row, part in zip(rows, shares, strict=True):
        month, customers = int(number(cell(row, "month")) or 0), number(cell(row, "customers"))
        told = names.setdefault(words(cell(row, "cohort")), [])
        if part is None:
            told.append(f"month {month} {share(part)}")
            continue
        months.add(month)
        values.append(
            _value(list(names).index(words(cell(row, "cohort"))), month, _step(part, known))
            | {"label": fitting(cell(row, "cohort"), _LABEL), "share": share(part)}
            | {"customers": figure(customers) if customers is not None else ""}
        )
        told.append(f"month {month} {share(part)}" + (f" of {figure(customers)}" if customers is not None else ""))
    width, height = (max(months, default=0) + 1) * _CELL[0], max(1, len(names)) * _CELL[1]
    sentences = [f"{name}: {', '.join(told)}" for name, told in names.items()]
    subtitle = "by months since the beginning" + (f", {unit}" if unit else "")
    params = {"months": max(months, default=0) + 1, "cohorts": len(names)}
    return Drawing(SPEC, values, sentences, width, height, subtitle, params)


def _value(place: int, month: int, step: int) -> dict[str, Any]:
    return {
        "n": place,
        "month": month,
        "colour": f"var(--gtm-heat{step})",
        "ink": f"var(--gtm-heat{step}-ink)",
    }


def _step(part: float, known: Sequence[float]) -> int:
    low, high = min(known), max(known)
    if high == low:
        return _STEPS // 2
    return min(_STEPS - 1, int((part - low) / (high - low) * _STEPS))
