"""Pictures that are a row for each figure: its name, a bar, and the figure itself beside it.

All of them are drawn by one specification: a value has where its bar begins and ends, its colour, and what is written.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from execution.charts.drawing import Drawing, Row, cell
from execution.charts.figures import figure, number, share
from execution.charts.labels import fitting, words

SPEC = "rows"
WIDTH = 168
_LABEL = 17
"""Columns that the name of a row may take."""
_PITCH = 30
"""Pixels from row to row."""
_TOTAL = "total"
_BANDS = 5
"""Steps of the scale from best to worst."""
_SHARE_OF_CHANGES = 0.25
"""Where changes would take less than that of the width, totals are cut to let them be seen, and the picture says so."""


def bridge(rows: Sequence[Row], unit: str) -> Drawing:
    """How one total became another: `label`, `amount`, `kind` (total or change). After an amount that is unknown the
    changes hang in no place that anybody knows, so they are written and not drawn, up to the next total."""
    values, told = [], []
    places = list(_places(rows))
    base = _base([end for known in places if known is not None for end in known])
    for row, known in zip(rows, places, strict=True):
        amount, is_total = number(cell(row, "amount")), cell(row, "kind") == _TOTAL
        colour = "total" if is_total else "up" if (amount or 0) >= 0 else "down"
        shown = figure(amount, unit, signed=not is_total)
        drawn = None if known is None else (0.0 if is_total else known[0] - base, known[1] - base)
        values.append(_value(row, drawn, colour, shown))
        told.append(f"{words(cell(row, 'label'))} {shown}")
    _join(values)
    return _drawing(values, told, f"bars begin at {figure(base, unit)}, not at zero" if base else "")


def _places(rows: Sequence[Row]) -> Iterator[tuple[float, float] | None]:
    """Where each amount begins and ends, as far as that is known; a total begins where it ends."""
    at: float | None = None
    for row in rows:
        amount, before = number(cell(row, "amount")), at
        if cell(row, "kind") == _TOTAL:
            before = at = amount
        else:
            at = None if at is None or amount is None else at + amount
        yield None if before is None or at is None else (before, at)


def _base(ends: Sequence[float]) -> float:
    """From where totals are drawn: zero, unless the changes would be too small to be seen beside them."""
    low, high = min(ends, default=0.0), max(ends, default=0.0)
    span = high - low
    if low <= 0 or span == 0 or span >= high * _SHARE_OF_CHANGES:
        return 0.0
    step = 10.0 ** math.floor(math.log10(span))
    return max(0.0, math.floor((low - span) / step) * step)


def _join(values: list[dict[str, Any]]) -> None:
    """A thin line leads from where a bar ends to where the next one begins."""
    for one, following in pairwise(values):
        if one["end"] is not None and following["end"] is not None:
            one["join"] = one["end"]


def bands(rows: Sequence[Row], unit: str) -> Drawing:
    """How many are in each band, the best first: `label`, `count`, `amount`. A band without a label is those of whom
    nothing is known."""
    counts = [number(cell(row, "count")) for row in rows]
    whole = sum(count for count in counts if count is not None)
    named = sum(cell(row, "label") is not None for row in rows)
    values, told = [], []
    place = 0
    for row, count in zip(rows, counts, strict=True):
        parts = [figure(count), *([share(count / whole)] if count is not None and whole else [])]
        amount = number(cell(row, "amount"))
        if amount is not None:
            parts.append(figure(amount, unit))
        colour = "unknown" if cell(row, "label") is None else f"band{_step(place, named)}"
        place += cell(row, "label") is not None
        values.append(_value(row, None if count is None else (0.0, count), colour, " · ".join(parts)))
        told.append(f"{words(cell(row, 'label'))} {', '.join(parts)}")
    return _drawing(values, told)


def _step(place: int, of: int) -> int:
    """The step of the scale from best to worst that a band has among so many."""
    return round(place / (of - 1) * (_BANDS - 1)) if of > 1 else 0


def funnel(rows: Sequence[Row], unit: str) -> Drawing:
    """What is left at each stage: `label`, `count`, `share` (of whatever the caller says, written beside it)."""
    values, told = [], []
    for row in rows:
        count, part = number(cell(row, "count")), number(cell(row, "share"))
        shown = figure(count, unit) + (f" · {share(part)}" if part is not None else "")
        values.append(_value(row, None if count is None else (0.0, count), "accent", shown) | {"track": True})
        told.append(f"{words(cell(row, 'label'))} {shown}")
    return _drawing(values, told)


def bars(rows: Sequence[Row], unit: str) -> Drawing:
    """A figure for each of several: `label`, `value`."""
    values, told = [], []
    for row in rows:
        value = number(cell(row, "value"))
        shown = figure(value, unit)
        colour = "accent" if (value or 0) >= 0 else "down"
        values.append(_value(row, None if value is None else (0.0, value), colour, shown))
        told.append(f"{words(cell(row, 'label'))} {shown}")
    return _drawing(values, told)


def _value(row: Row, known: tuple[float, float] | None, colour: str, shown: str) -> dict[str, Any]:
    begin, end = known or (None, None)
    return {
        "label": fitting(cell(row, "label"), _LABEL),
        "begin": begin,
        "end": end,
        "right": max(known, default=0.0) if known else 0.0,
        "colour": f"var(--gtm-{colour})",
        "shown": shown,
        "known": known is not None,
        "join": None,
        "track": False,
    }


def _drawing(values: Sequence[dict[str, Any]], told: Sequence[str], subtitle: str = "") -> Drawing:
    placed = [value | {"n": n, "next": min(n + 1, len(values) - 1)} for n, value in enumerate(values)]
    longest = max((value["right"] for value in values), default=0.0)
    return Drawing(SPEC, placed, told, WIDTH, max(1, len(values)) * _PITCH, subtitle, {"longest": longest})
