"""How the score of an account comes about: what each part of it gives, what it could give, and what is not known."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from execution.context.facts import Parts
from execution.directives import Program
from execution.directives.model import Health
from execution.health import names
from execution.health.formula import FULL, variants

_MILLI = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a score: the points it gives, of how many at most; `why` says what it needs, where it is not known."""

    label: str
    points: Decimal | None
    best: Decimal | None = None
    why: str | None = None


class Scores:
    """The scores that stand for accounts, with what is the same for all of them worked out once."""

    def __init__(self, program: Program) -> None:
        self._health = dict(program.health)
        self._weights = {
            name: {variant.segment: variant.weights for variant in variants(health)}
            for name, health in self._health.items()
        }
        self._needs = {
            name: {part: _needs(program, health, part) for part in health.components}
            for name, health in self._health.items()
        }

    def parts(self, found: Parts) -> tuple[Part, ...]:
        """Every component, then the penalties that count."""
        health = self._health.get(found.score)
        return self._components(health, found) + _penalties(health, found.parts) if health else ()

    def _components(self, health: Health, found: Parts) -> tuple[Part, ...]:
        by_segment = self._weights[health.name]
        weights = by_segment.get(found.segment, by_segment[None])
        known = sum(weight for name, weight in weights.items() if found.parts.get(name) is not None)
        parts = []
        for name, component in health.components.items():
            label, milli = component.label or name, found.parts.get(name)
            if milli is None:
                parts.append(Part(label, None, why=self._needs[health.name][name]))
            else:
                parts.append(Part(label, _points(milli), _points(round(Fraction(weights[name] * FULL, known)))))
        return tuple(parts)


def _penalties(health: Health, found: Mapping[str, int | None]) -> tuple[Part, ...]:
    taken = [(penalty.reason, found.get(f"penalty.{name}")) for name, penalty in health.penalties.items()]
    taken.append(("Kept between 0 and 100", found.get(names.CLAMP)))
    return tuple(Part(reason, _points(milli)) for reason, milli in taken if milli)


def _points(milli: int) -> Decimal:
    return Decimal(milli) / _MILLI


def _needs(program: Program, health: Health, part: str) -> str:
    """What the columns of a part mean, and why they may be unknown, as the data model says."""
    declared = program.entities[health.entity].columns if health.entity in program.entities else {}
    said = []
    for name in health.components[part].needs:
        column = declared.get(name)
        meaning = column.meaning if column and column.meaning else name
        said.append(f"{meaning} ({column.null})" if column and column.null != "not captured" else meaning)
    return "; ".join(said)
