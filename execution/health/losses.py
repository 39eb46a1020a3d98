"""What pulls a score down: how many points each part costs, against the best it could give."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from execution import engine
from execution.directives import Program
from execution.directives.model import Health
from execution.engine import ident
from execution.health import names
from execution.health.formula import FULL, variant_of
from execution.measures.stored import key_columns


@dataclass(frozen=True, slots=True)
class Loss:
    """A part of a score that costs points; `milli` are thousandths, more than zero."""

    part: str
    reason: str
    milli: int


def losses(health: Health, row: Mapping[str, Any]) -> list[Loss]:
    """Every loss of one row of `derived.score__<name>`, the greatest first, then as declared.

    A component loses the difference between its share of the known weight, times 100, and what it contributes; an
    unknown one loses nothing. A penalty loses its points. Weights are those of the row's segment.
    """
    weights = variant_of(health, row["segment"]).weights
    known = sum(weight for name, weight in weights.items() if row[f"component.{name}"] is not None)
    found = []
    for name, component in health.components.items():
        contribution = row[f"component.{name}"]
        if contribution is not None:
            best = round(Fraction(weights[name] * FULL, known))
            found.append(Loss(name, f"{component.label or name} is low", best - contribution))
    for name, penalty in health.penalties.items():
        found.append(Loss(f"penalty.{name}", penalty.reason, -(row[f"penalty.{name}"] or 0)))
    return sorted((loss for loss in found if loss.milli > 0), key=lambda loss: -loss.milli)


def read(con: engine.Connection, program: Program, health: Health, keys: list[str]) -> dict[str, list[Loss]]:
    """The losses of the rows with these keys, by key. None of them where the score was never worked out."""
    from execution import store

    if not keys or not store.has_table(con, "derived", names.table_name(health.name)):
        return {}
    key = key_columns(program.entities[health.entity])[-1]
    table = ident("derived", names.table_name(health.name))
    rows = engine.dicts(con, f"SELECT * FROM {table} WHERE {ident(key)} IN (SELECT unnest($keys))", {"keys": keys})
    return {row[key]: losses(health, row) for row in rows}
