"""The score worked out slowly and exactly, with fractions: what the compiled SQL must agree with."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from execution.directives.model import Health


@dataclass(frozen=True, slots=True)
class Expected:
    """A score in thousandths, its range, and what it was made from."""

    score: int | None
    low: int | None
    high: int | None
    coverage: int
    parts: dict[str, int | None]


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def clamp(value: int) -> int:
    return max(0, min(100_000, value))


def expected(health: Health, points: dict[str, float | None], penalties: dict[str, float | None]) -> Expected:
    """`points` and `penalties` are what the expressions give; None is unknown."""
    weights = {name: Fraction(f"{c.weight:.6f}") for name, c in health.components.items()}
    scores = {
        name: None if value is None else Fraction(round(max(0.0, min(100.0, value)) * 1000))
        for name, value in points.items()
    }
    known = sum((weights[name] for name, score in scores.items() if score is not None), Fraction(0))
    total = sum(weights.values(), Fraction(0))
    summed = sum((weights[name] * score for name, score in scores.items() if score is not None), Fraction(0))
    coverage = half_up(1000 * known / total)
    if not known:
        return Expected(None, None, None, coverage, {})
    off = sum(round(max(0.0, min(100.0, value)) * 1000) for value in penalties.values() if value is not None)
    parts: dict[str, int | None] = {}
    so_far, before = Fraction(0), 0
    for name, score in scores.items():
        so_far += weights[name] * (score or 0)
        parts[name] = None if score is None else half_up(so_far / known) - before
        before = half_up(so_far / known)
    return Expected(
        score=clamp(before - off),
        low=clamp(half_up(summed / total) - off),
        high=clamp(half_up((summed + (total - known) * 100_000) / total) - off),
        coverage=coverage,
        parts=parts,
    )
