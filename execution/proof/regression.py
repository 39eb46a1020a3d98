"""Logistic regression with weights that are never negative, on counted rows: sums in SQL, a few numbers in Python.

A point for health may count for nothing, but never against it: so a score that is fitted stays one that can be read.
Every sum is taken over whole numbers of billionths, so it does not depend on the order of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from execution import engine
from execution.engine import ident

RIDGE = 1.0
"""How strongly weights are drawn to 0: as much as so many rows would. It keeps them finite where groups are apart."""
_ROUNDS = 40
_SWEEPS = 400
_CLOSE = 1e-7
_BILLION = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Fitted:
    """The weights by feature, in log-odds against the event per unit of it."""

    weights: tuple[float, ...]
    constant: float


def fit(con: engine.Connection, table: str, features: Sequence[str], offset: str = "0") -> Fitted:
    """The weights under which the rows of `table` are likeliest.

    `table` (quoted) has the features, and per row how many looks had the event (`events`) and how many not (`others`).
    `offset` is SQL for what speaks for the event whatever the weights, in log-odds.
    """
    found = [0.0] * (len(features) + 1)
    loss, slope, bend = _sums(con, table, features, offset, found)
    for _ in range(_ROUNDS):
        wanted = _minimum(found, slope, bend)
        step = 1.0
        while True:
            tried = [old + step * (new - old) for old, new in zip(found, wanted, strict=True)]
            new_loss, new_slope, new_bend = _sums(con, table, features, offset, tried)
            if new_loss <= loss or step < 1 / 64:
                break
            step /= 2
        moved = max(abs(a - b) for a, b in zip(found, tried, strict=True))
        found, loss, slope, bend = tried, new_loss, new_slope, new_bend
        if moved < _CLOSE:
            break
    return Fitted(tuple(found[1:]), found[0])


def _sums(
    con: engine.Connection, table: str, features: Sequence[str], offset: str, at: Sequence[float]
) -> tuple[float, list[float], list[list[float]]]:
    """The loss at some weights, its slope and its bend (the Hessian), the ridge among them."""
    columns = ["1.0", *map(ident, features)]
    signs = [1.0, *([-1.0] * len(features))]
    score = " + ".join(
        f"({weight * sign!r}) * {column}" for weight, sign, column in zip(at, signs, columns, strict=True)
    )
    size = len(columns)
    slopes = [f"{sign!r} * (events - (events + others) * p) * {c}" for sign, c in zip(signs, columns, strict=True)]
    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    bends = [
        f"{signs[i] * signs[j]!r} * (events + others) * p * (1 - p) * {columns[i]} * {columns[j]}" for i, j in pairs
    ]
    loss = "-(events * ln(p) + others * ln(1 - p))"
    listed = ", ".join(f"sum(CAST(round(({each}) * {_BILLION}) AS HUGEINT))" for each in [loss, *slopes, *bends])
    row = con.execute(
        f"""SELECT {listed} FROM (
            SELECT *, least(greatest(1 / (1 + exp(-({offset} + {score}))), 1e-12), 1 - 1e-12) AS p FROM {table})"""
    ).fetchone()
    sums = [float(value or 0) / _BILLION for value in row or [0] * (1 + size + len(pairs))]
    bend = [[0.0] * size for _ in range(size)]
    for (i, j), value in zip(pairs, sums[1 + size :], strict=True):
        bend[i][j] = bend[j][i] = value
    slope = [-value for value in sums[1 : 1 + size]]
    total = sums[0]
    for n in range(1, size):
        total += RIDGE * at[n] ** 2 / 2
        slope[n] += RIDGE * at[n]
        bend[n][n] += RIDGE
    return total, slope, bend


def _minimum(at: Sequence[float], slope: Sequence[float], bend: Sequence[Sequence[float]]) -> list[float]:
    """Where the parabola through a point is least, with every weight but the constant at 0 or above."""
    found = list(at)
    gradient = list(slope)
    for _ in range(_SWEEPS):
        moved = 0.0
        for n, row in enumerate(bend):
            if row[n] <= 0:
                continue
            wanted = found[n] - gradient[n] / row[n]
            wanted = wanted if n == 0 else max(0.0, wanted)
            change = wanted - found[n]
            if change:
                found[n] = wanted
                for m, other in enumerate(bend):
                    gradient[m] += other[n] * change
                moved = max(moved, abs(change))
        if moved < _CLOSE / 10:
            break
    return found
