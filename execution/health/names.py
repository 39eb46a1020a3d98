"""The names that a score's columns have: in its own table, and where people read them.

In `derived.score__<name>` everything is an integer in thousandths ("milli"), so that sums are exact. A column of a
part is named `component.x`, `penalty.x` or `signal.x`; no column of a directive can have a dot in its name.
"""

from execution.directives.model import Health
from execution.engine import ident

CLAMP = "clamp"

COMPARED = ("score_milli", "low_milli", "high_milli", "coverage_milli", "band", "churn_risk_milli")
"""A change in any of these is a change of the score, as is one in its parts and signals."""

INPUTS = "inputs"
"""The column with a hash of everything that a row was made from."""


def table_name(health: str) -> str:
    """Where a score is kept, without the schema `derived`."""
    return f"score__{health}"


def component(name: str) -> str:
    """The contribution of a component, quoted."""
    return ident(f"component.{name}")


def penalty(name: str) -> str:
    """The contribution of a penalty, quoted; zero or less."""
    return ident(f"penalty.{name}")


def signal(name: str) -> str:
    """Whether a signal holds, quoted."""
    return ident(f"signal.{name}")


def parts(health: Health) -> dict[str, str]:
    """Everything that adds up to the score, in order: what people call it → its column, quoted."""
    return (
        {name: component(name) for name in health.components}
        | {f"penalty.{name}": penalty(name) for name in health.penalties}
        | {CLAMP: CLAMP}
    )


def own(name: str) -> str:
    """A figure of the calculation itself, quoted, so named that no column of an entity can be meant instead."""
    return ident(f".{name}")


def value(figure: str, kind: str) -> str:
    """A figure in people's units, points or a share, with decimals; `figure` is SQL, ending in its quoted name."""
    return f"CAST({figure} / 1000.0 AS {kind})" if figure.rstrip('"').endswith("_milli") else figure
