"""What moved a score from one state to another: which parts, which values, and what changed directives did.

The changes of the parts add up to the change of the score exactly.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from execution import engine
from execution.directives.model import Health
from execution.health import names, runs, splits
from execution.health.runs import Mark
from execution.health.states import State


@dataclass(frozen=True, slots=True)
class Moved:
    """A part that gives something else than before, or a value that is other, the parts in thousandths."""

    name: str
    label: str
    before: Any
    after: Any
    change: int | None


@dataclass(frozen=True, slots=True)
class Movement:
    """What became of a score from one state to another. `customer` and `formula` are what the customer did and what
    changed directives did; they add up to `change`, and are None where that cannot be told apart."""

    since: datetime
    until: datetime
    before: int | None
    after: int | None
    change: int | None
    customer: int | None
    formula: int | None
    band_before: str | None
    band_after: str | None
    parts: tuple[Moved, ...]
    values: tuple[Moved, ...]
    marks: tuple[Mark, ...]


def moved(con: engine.Connection, score: str, state: State, before: State, start: datetime) -> Movement:
    """What became of a score between two states, told as since `start`. `con` reads the store."""
    return movement(state, before, start, runs.read(con, score), _formula(con, score, state, before))


def _formula(con: engine.Connection, score: str, state: State, before: State) -> int | None:
    """What changed directives did between two states; 0 where none did."""
    sql = splits.formula_sql(score, before.scored_at, state.scored_at)
    row = con.execute(f"SELECT formula_milli FROM ({sql}) WHERE key = ?", [state.key]).fetchone()
    return 0 if row is None else row[0]


def movement(state: State, before: State, start: datetime, past: list[runs.Run], formula: int | None) -> Movement:
    """What is other in a state than in an earlier one. `formula` is what changed directives did in between."""
    marks = runs.marks(past, before.scored_at, state.scored_at)
    change = None if state.score is None or before.score is None else state.score - before.score
    told = formula if change is not None and all(mark.is_split for mark in marks) else None
    labels = _labels(before.health) | _labels(state.health)
    order = dict.fromkeys((*state.parts, *before.parts))
    moved = [
        Moved(name, labels.get(name, name), was, now, (now or 0) - (was or 0))
        for name in order
        if (was := before.parts.get(name)) != (now := state.parts.get(name))
    ]
    return Movement(
        since=start,
        until=state.scored_at,
        before=before.score,
        after=state.score,
        change=change,
        customer=None if change is None or told is None else change - told,
        formula=told,
        band_before=before.band,
        band_after=state.band,
        parts=tuple(sorted(moved, key=lambda each: -abs(each.change or 0))),
        values=_values_moved(state, before),
        marks=marks,
    )


def _values_moved(state: State, before: State) -> tuple[Moved, ...]:
    if state.values is None or before.values is None:
        return ()
    return tuple(
        Moved(name, name, before.values[name], value, None)
        for name, value in state.values.items()
        if name in before.values and before.values[name] != value
    )


def _labels(health: Health) -> dict[str, str]:
    labels = {name: component.label or name for name, component in health.components.items()}
    labels |= {f"penalty.{name}": penalty.reason for name, penalty in health.penalties.items()}
    return labels | {names.CLAMP: "Kept between 0 and 100"}
