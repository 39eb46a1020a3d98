"""What measures come to in a store: of how many rows they are known, and how their values lie."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import floor, log10

from execution import engine
from execution.directives.facts import Step
from execution.engine import ident
from execution.measures.stored import Stored

Value = int | float | Decimal | datetime | date | str | bool | None

BINS, TOP = 8, 10
"""Bins of a number, at most a few more; texts, months and years that are counted by themselves."""

_NUMBERS = ("BIGINT", "DECIMAL(18,4)", "DOUBLE")
_TIMES = ("TIMESTAMP", "DATE")


@dataclass(frozen=True, slots=True)
class Figures:
    """One measure over all rows: how many there are, of how many it is known; least, median (one that occurs) and
    greatest where values have an order; how many are different, and of how many it is true where it is yes or no."""

    rows: int
    known: int
    least: Value = None
    median: Value = None
    greatest: Value = None
    different: int | None = None
    true: int | None = None

    @property
    def coverage(self) -> float | None:
        """The share of rows that have a value; None without rows."""
        return self.known / self.rows if self.rows else None


@dataclass(frozen=True, slots=True)
class Bin:
    """How many rows have a value from `label` on (`20`, `80+`, `under 40`), or that very one."""

    label: str
    rows: int


def figures(con: engine.Connection, entity: str, types: Mapping[str, str]) -> dict[str, Figures]:
    """The figures of each of an entity's measures (name → DuckDB type) that the store has; all in one pass."""
    table = Step("measures", entity).table
    have = Stored.read(con).columns(f"derived.{table}")
    wanted = {name: kind for name, kind in types.items() if have.get(name) == kind}
    if not wanted:
        return {}
    asked = [part for name, kind in wanted.items() for part in _asked(ident(name), kind)]
    row = con.execute(f"SELECT count(*), {', '.join(asked)} FROM {ident('derived', table)}").fetchone() or ()
    rows, values = row[0], iter(row[1:])
    return {name: _figures(rows, kind, values) for name, kind in wanted.items()}


def _asked(column: str, kind: str) -> list[str]:
    known = f"count({column})"
    if kind == "BOOLEAN":
        return [known, f"count(*) FILTER (WHERE {column})"]
    if kind in (*_NUMBERS, *_TIMES):
        return [known, f"min({column})", f"quantile_disc({column}, 0.5)", f"max({column})"]
    return [known, f"count(DISTINCT {column})"]


def _figures(rows: int, kind: str, values: Iterator[Value]) -> Figures:
    known = int(str(next(values)))
    if kind == "BOOLEAN":
        return Figures(rows, known, true=int(str(next(values))))
    if kind in (*_NUMBERS, *_TIMES):
        least, median, greatest = next(values), next(values), next(values)
        return Figures(rows, known, least, median, greatest)
    return Figures(rows, known, different=int(str(next(values))))


def spread(con: engine.Connection, entity: str, name: str, kind: str, found: Figures) -> tuple[Bin, ...]:
    """How the values lie: numbers in bins of round widths, times by month or year, the rest value by value, the most
    frequent first. Rows without a value are left out."""
    if not found.known:
        return ()
    table = ident("derived", Step("measures", entity).table)
    column = ident(name)
    if kind in _NUMBERS and found.least != found.greatest:
        return _binned(con, table, column, float(str(found.least)), float(str(found.greatest)))
    if kind in _TIMES:
        label = f"strftime({column}, '{_time_label(found)}')"
        order = "1"
    else:
        label, order = f"{column}::VARCHAR", "2 DESC, 1"
    rows = con.execute(
        f"SELECT {label}, count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY {order}"
    ).fetchall()
    bins = [Bin(str(value), count) for value, count in rows]
    if order == "1" or len(bins) <= TOP:
        return tuple(bins)
    rest = bins[TOP:]
    return (*bins[:TOP], Bin(f"{len(rest):,} others", sum(each.rows for each in rest)))


def _time_label(found: Figures) -> str:
    first, last = found.least, found.greatest
    many = isinstance(first, date) and isinstance(last, date) and (last - first).days > 3 * 365
    return "%Y" if many else "%Y-%m"


def _binned(con: engine.Connection, table: str, column: str, least: float, greatest: float) -> tuple[Bin, ...]:
    """Bins over the middle nine tenths; what lies far above or below is in the last or the first of them, so that a
    few large values do not put everybody else into one bin."""
    middle = con.execute(f"SELECT quantile_disc({column}, [0.05, 0.95])::DOUBLE[] FROM {table}").fetchone()
    low, high = middle[0] if middle and middle[0][0] < middle[0][1] else (least, greatest)
    step = round_step((high - low) / BINS)
    first, last = floor(low / step), floor(high / step)
    column_bin = f"least(greatest(CAST(floor({column}::DOUBLE / {step!r}) AS BIGINT), {first}), {last})"
    counted = dict(con.execute(f"SELECT {column_bin}, count({column}) FROM {table} GROUP BY 1").fetchall())
    labels = {each: f"{each * step:,.10g}" for each in range(first, last + 1)}
    if least < first * step:
        labels[first] = f"under {(first + 1) * step:,.10g}"
    if greatest >= (last + 1) * step:
        labels[last] += "+"
    return tuple(Bin(label, counted.get(number, 0)) for number, label in labels.items())


def round_step(width: float) -> float:
    """The least of 1, 2, 5, 10, 20, 50 … (and of 0.1, 0.2 …) that is not under `width`."""
    power = 10.0 ** floor(log10(width))
    return next(size * power for size in (1, 2, 5, 10) if size * power >= width * (1 - 1e-9))
