"""Lines over days: `day`, `series`, `value`. Where a value is unknown the line has a gap.

Each line has its name at its end, so nobody has to look a colour up; its dashes tell it apart as well as its colour.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from execution.charts.drawing import Drawing, Row, cell
from execution.charts.figures import UNKNOWN, day, figure, number
from execution.charts.labels import fitting, words

SPEC = "trend"
_WIDTH, _HEIGHT = 296, 200
_LABEL = 17
_COLOURS = 6
_DASHES = ((1, 0), (7, 3), (2, 3), (9, 3, 2, 3), (4, 4))
_LINE_HEIGHT = 16
"""Pixels from one name to the next, where lines end close to one another."""
_MANY_DAYS = 100
"""More than so many days are told by their months."""

Points = Mapping[date, float | None]


def trend(rows: Sequence[Row], unit: str) -> Drawing:
    """The lines of each series, in the order in which they first come up."""
    series: dict[str, dict[date, float | None]] = {}
    for row in rows:
        series.setdefault(words(cell(row, "series")), {})[day(cell(row, "day"))] = number(cell(row, "value"))
    days = sorted({at for points in series.values() for at in points})
    known = [value for points in series.values() for value in points.values() if value is not None]
    told = [_told(name, points, days, unit) for name, points in series.items()]
    if not known:
        return Drawing(SPEC, (), told, _WIDTH, _HEIGHT)
    low, high = _domain(known)
    values = [value for n, points in enumerate(series.values()) for value in _line(n, points, days)]
    values += _names(series, (low, high), unit)
    span = (days[-1] - days[0]).days
    params = {"low": low, "high": high, "dayFormat": "%b %Y" if span > _MANY_DAYS else "%-d %b"}
    return Drawing(SPEC, values, told, _WIDTH, _HEIGHT, unit, params)


def _domain(known: Sequence[float]) -> tuple[float, float]:
    """From zero, unless all lines would then lie in the upper fourth, where nothing could be told apart."""
    low, high = min(known), max(known)
    if low >= 0 and low < 0.75 * high:
        low = 0.0
    margin = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return (0.0 if low == 0 else low - margin), high + margin


def _line(n: int, points: Points, days: Sequence[date]) -> Iterator[dict[str, Any]]:
    style = {"colour": _colour(n), "dash": _DASHES[n % len(_DASHES)]}
    for run, among in enumerate(_runs(points, days)):
        for at in among:
            yield style | {
                "mark": "point" if len(among) == 1 else "line",
                "run": f"{n}.{run}",
                "day": at.isoformat(),
                "value": points[at],
            }


def _runs(points: Points, days: Sequence[date]) -> list[list[date]]:
    """Days that follow one another and of which all are known."""
    runs: list[list[date]] = [[]]
    for at in days:
        if points.get(at) is not None:
            runs[-1].append(at)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _names(series: Mapping[str, Points], domain: tuple[float, float], unit: str) -> Iterator[dict[str, Any]]:
    """A name and the last figure at the end of each line, moved apart where they would cover one another."""
    low, high = domain
    per_pixel = (high - low) / _HEIGHT
    ends = []
    for n, (name, points) in enumerate(series.items()):
        known = [(at, value) for at, value in sorted(points.items()) if value is not None]
        if known:
            last = figure(known[-1][1], unit if len(series) == 1 else "")
            text = f"{fitting(name, _LABEL - len(last) - 1)} {last}"
            ends.append((*known[-1], _colour(n), text))
    for (at, value, colour, text), y in zip(ends, _apart([end[1] / per_pixel for end in ends]), strict=True):
        yield {
            "mark": "name", "colour": colour, "text": text, "at": y * per_pixel, "day": at.isoformat(), "value": value,
        }  # fmt: skip


def _apart(places: Sequence[float]) -> list[float]:
    """Places on a line moved up and down as little as keeps them a line's height apart."""
    order = sorted(range(len(places)), key=lambda n: places[n])
    groups: list[list[int]] = []
    for n in order:
        groups.append([n])
        while len(groups) > 1 and _top(groups[-2], places) + _LINE_HEIGHT > _bottom(groups[-1], places):
            groups[-2:] = [groups[-2] + groups[-1]]
    moved = dict.fromkeys(order, 0.0)
    for group in groups:
        for rank, n in enumerate(group):
            moved[n] = _bottom(group, places) + rank * _LINE_HEIGHT
    return [moved[n] for n in range(len(places))]


def _bottom(group: Sequence[int], places: Sequence[float]) -> float:
    return sum(places[n] for n in group) / len(group) - (len(group) - 1) * _LINE_HEIGHT / 2


def _top(group: Sequence[int], places: Sequence[float]) -> float:
    return _bottom(group, places) + (len(group) - 1) * _LINE_HEIGHT


def _colour(n: int) -> str:
    return f"var(--gtm-line{n % _COLOURS})"


def _told(name: str, points: Points, days: Sequence[date], unit: str) -> str:
    """A line in words: where it began and ended, its lowest and highest, and how much of it is unknown."""
    known = [(at, value) for at, value in sorted(points.items()) if value is not None]
    if not known:
        return f"{name} {UNKNOWN}"
    (first, begin), (last, end) = known[0], known[-1]
    said = f"{name} {figure(begin, unit)} on {first}"
    if len(known) > 1:
        values = [value for _, value in known]
        said += f", {figure(end, unit)} on {last}, between {figure(min(values), unit)} and {figure(max(values), unit)}"
    gaps = len(days) - len(known)
    return said + (f", {UNKNOWN} on {gaps} of {len(days)} days" if gaps else "")
