"""A figure's course in the size of a word: `day`, `value`. Drawn by hand, because a report may have thousands of them;
its one colour is readable on light and on dark."""

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

from execution.charts.drawing import Row, cell
from execution.charts.figures import UNKNOWN, day, figure, number
from execution.charts.labels import words

_WIDTH, _HEIGHT, _MARGIN = 96, 24, 3
COLOUR = "#3f82c4"

Point = tuple[date, float | None]


def sparkline(rows: Sequence[Row], title: str, unit: str) -> str:
    """The course as SVG: a line with a gap where a value is unknown, and a dot on the last known one."""
    points = sorted(((day(cell(row, "day")), number(cell(row, "value"))) for row in rows), key=lambda point: point[0])
    known = [(at, value) for at, value in points if value is not None]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gtm-sparkline" role="img" width="{_WIDTH}" '
        f'height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"><title>{escape(words(title))}</title>'
        f"<desc>{escape(_told(known, unit))}</desc>{''.join(_shapes(points, known))}</svg>\n"
    )


def _told(known: Sequence[tuple[date, float]], unit: str) -> str:
    if not known:
        return UNKNOWN
    (first, begin), (last, end) = known[0], known[-1]
    return f"{figure(begin, unit)} on {first}, {figure(end, unit)} on {last}"


def _shapes(points: Sequence[Point], known: Sequence[tuple[date, float]]) -> Iterator[str]:
    if not known:
        yield f'<text x="{_MARGIN}" y="16" font-size="12" fill="{COLOUR}">\N{EN DASH}</text>'
        return
    first, last = points[0][0], points[-1][0]
    low, high = min(value for _, value in known), max(value for _, value in known)

    def place(at: date, value: float) -> str:
        x = _along((at - first).days, (last - first).days, _WIDTH)
        y = _HEIGHT - _along(value - low, high - low, _HEIGHT)
        return f"{x:.1f},{y:.1f}"

    for run in _runs(points):
        line = " ".join(place(at, value) for at, value in run)
        if len(run) > 1:
            yield f'<polyline points="{line}" fill="none" stroke="{COLOUR}" stroke-width="1.5"/>'
        else:
            yield _dot(line, "1.2")
    yield _dot(place(*known[-1]), "2.2")


def _runs(points: Sequence[Point]) -> list[list[tuple[date, float]]]:
    """Points that follow one another and of which all are known."""
    runs: list[list[tuple[date, float]]] = [[]]
    for at, value in points:
        if value is not None:
            runs[-1].append((at, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _along(part: float, whole: float, length: int) -> float:
    """Where a part of a whole lies on a length; the middle where all is one."""
    return _MARGIN + (part / whole if whole else 0.5) * (length - 2 * _MARGIN)


def _dot(place: str, radius: str) -> str:
    x, y = place.split(",")
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{COLOUR}"/>'
