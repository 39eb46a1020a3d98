"""A directive's weights and thresholds as whole numbers: for everybody, and for each segment that overrides some.

Weights are the declared ones over the common denominator of all of them, so that shares stay exact and every segment's
count in the same unit. Thresholds are thousandths of a point.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm

from execution.directives.model import Health, Override
from execution.engine import ident, literal

FULL = 100_000
"""A hundred points in thousandths."""

SEGMENT = ident(".segment")
"""The column that says which override applies to a row."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What applies to the rows of a segment, or without one to all others.

    `weights` by component, in order; `bands` label → least score, best first; `enough` is the least known weight with
    which there is a label.
    """

    segment: str | None
    weights: Mapping[str, int]
    bands: Mapping[str, int]
    enough: int

    @property
    def total(self) -> int:
        return sum(self.weights.values())


def variants(health: Health) -> tuple[Variant, ...]:
    """One for each segment that overrides something, in the order in which they apply, then that of all others."""
    exact = {segment: _weights(health, override) for segment, override in _overrides(health).items()}
    scale = lcm(*(weight.denominator for weights in exact.values() for weight in weights.values()))
    return tuple(
        _variant(health, segment, {name: int(weight * scale) for name, weight in weights.items()})
        for segment, weights in exact.items()
    )


def variant_of(health: Health, segment: str | None) -> Variant:
    """What applies to a row with this `segment`."""
    found = {variant.segment: variant for variant in variants(health)}
    return found.get(segment, found[None])


def _overrides(health: Health) -> dict[str | None, Override]:
    return dict([*health.segments.items(), (None, Override())])


def _weights(health: Health, override: Override) -> dict[str, Fraction]:
    declared = {name: component.weight for name, component in health.components.items()} | override.weights
    return {name: Fraction(f"{weight:.6f}") for name, weight in declared.items()}


def _variant(health: Health, segment: str | None, weights: dict[str, int]) -> Variant:
    override = _overrides(health)[segment]
    thresholds = (health.bands | override.bands).items()
    floor = health.coverage_floor if override.coverage_floor is None else override.coverage_floor
    return Variant(
        segment=segment,
        weights=weights,
        bands={label: round(least * 1000) for label, least in sorted(thresholds, key=lambda band: -band[1])},
        enough=max(1, ceil(Fraction(f"{floor:.6f}") * sum(weights.values()))),
    )


def by_segment(found: tuple[Variant, ...], sql: Callable[[Variant], str]) -> str:
    """The SQL that holds for a row, where that depends on its segment."""
    *special, rest = ((variant.segment, sql(variant)) for variant in found)
    differing = [(segment, text) for segment, text in special if text != rest[1]]
    if not differing:
        return rest[1]
    cases = " ".join(f"WHEN {literal(segment)} THEN {text}" for segment, text in differing)
    return f"CASE {SEGMENT} {cases} ELSE {rest[1]} END"


def segment_sql(health: Health) -> str:
    """Which override applies to a row: the first segment it is in, or NULL."""
    cases = []
    for segment in health.segments:
        name, _, group = segment.partition(".")
        condition = f"{ident(name)} = {literal(group)}" if group else ident(name)
        cases.append(f"WHEN {condition} THEN {literal(segment)}")
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"
