"""What is known of one row of an entity: its stored columns, measures, segments and scores, and who gives each.

Every expression over a row, and every SQL block that reads `unified_<entity>`, names these. What a name means is
decided here alone, for checking and for running.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from execution.directives.model import Entity, Health, Measures, Quality, Segment
from execution.directives.schema import DUCKDB, entity_columns

Kind = Literal["measures", "quality", "segment", "health"]

POINTS = DUCKDB["decimal"]

FIGURES: Mapping[str, tuple[str, str]] = {
    "": ("score_milli", POINTS),
    "_low": ("low_milli", POINTS),
    "_high": ("high_milli", POINTS),
    "_coverage": ("coverage_milli", POINTS),
    "_status": ("band", "VARCHAR"),
    "_risk": ("churn_risk_milli", POINTS),
    "_action": ("recommended_action", "VARCHAR"),
    "_expansion": ("expansion_potential", "VARCHAR"),
    "_expansion_reason": ("expansion_reason", "VARCHAR"),
}
"""What a score gives: the end of its name (`onboarding_health_status`) → the column of its table, and the type."""

PRIMARY: Mapping[str, str] = {
    "health_score": "",
    "health_score_low": "_low",
    "health_score_high": "_high",
    "health_coverage": "_coverage",
    "health_status": "_status",
    "churn_risk": "_risk",
    "recommended_action": "_action",
    "expansion_potential": "_expansion",
    "expansion_reason": "_expansion_reason",
}
"""Under which names people know the figures of an entity's primary score."""

SHOWN: Mapping[str, str] = {
    "health_score_components": "JSON",
    "risk_signals": "JSON",
    "health_calculated_at": "TIMESTAMP",
}
"""What the primary score also fills where it is shown, and nothing can be made to depend on."""

DELTA = re.compile(r"health_score_delta_([1-9]\d{0,3})d")
"""As is `health_score_delta_30d` for any number of days: by how much the customers changed it since."""

QUALITY: Mapping[str, tuple[str, str]] = {
    "data_quality_score": ("quality_score_milli", POINTS),
    "data_quality_coverage": ("quality_coverage_milli", POINTS),
}
"""Under which names it is known how far a row can be relied on."""

FIRST = ("", "_low", "_high", "_coverage", "_status", "_risk")
"""What is known of a score when its actions and its potential are found."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of deriving: the measures or the quality of an entity, a segment, or a score."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def table(self) -> str:
        """Where the step keeps what it gives, without the schema `derived`."""
        return f"{'score' if self.kind == 'health' else self.kind}__{self.name}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of a row: its DuckDB type, and the column it is in: of the entity's own table where there is no
    `step`, else of the step's. A column that ends in `_milli` has thousandths."""

    type: str
    column: str
    step: Step | None = None


def facts_of(
    entity: Entity,
    measures: Iterable[Measures],
    segments: Iterable[Segment],
    scores: Iterable[Health],
    quality: Iterable[Quality] = (),
) -> dict[str, Fact]:
    """Everything known of an entity's rows by its name, in a stable order; of two with one name the first written:
    stored columns before measures and their aliases, these before quality, segments and scores."""
    found = {name: Fact(kind, name) for name, kind in entity_columns(entity).items()}
    for name, fact in _measured(entity, [each for each in measures if each.entity == entity.name]).items():
        found.setdefault(name, fact)
    if any(entity.name in directive.scores for directive in quality):
        step = Step("quality", entity.name)
        for name, (column, kind) in QUALITY.items():
            found.setdefault(name, Fact(kind, column, step))
    for segment in sorted(segments, key=lambda each: each.name):
        if segment.entity == entity.name:
            found.setdefault(segment.name, Fact(segment.type, segment.name, Step("segment", segment.name)))
    for name, fact in _of_scores(sorted((each for each in scores if each.entity == entity.name), key=_named)).items():
        found.setdefault(name, fact)
    return found


def _measured(entity: Entity, measures: Iterable[Measures]) -> dict[str, Fact]:
    """An entity's measures by their names, and then by their aliases."""
    step, directives = Step("measures", entity.name), sorted(measures, key=lambda each: each.name)
    found: dict[str, Fact] = {}
    for directive in directives:
        for name, measure in directive.measures.items():
            found.setdefault(name, Fact(DUCKDB[measure.type], name, step))
    for directive in directives:
        for name, meant in directive.aliases.items():
            if meant in directive.measures:
                found.setdefault(name, Fact(DUCKDB[directive.measures[meant].type], meant, step))
    return found


def _named(directive: Health) -> str:
    return directive.name


def _of_scores(scores: Sequence[Health]) -> dict[str, Fact]:
    """What one entity's scores give, by name."""
    found: dict[str, Fact] = {}
    for score in scores:
        for end, (column, kind) in FIGURES.items():
            found.setdefault(f"{score.name}{end}", Fact(kind, column, Step("health", score.name)))
    first = primary(scores)
    if first is not None:
        for name, end in PRIMARY.items():
            column, kind = FIGURES[end]
            found.setdefault(name, Fact(kind, column, Step("health", first.name)))
    return found


def primary(scores: Iterable[Health]) -> Health | None:
    """Which of one entity's scores fills its `from: [health]` columns: the one that says so, or the only one.

    That it is one and no more is checked; where it is not, the first by name stands in.
    """
    return next(iter(sorted(scores, key=lambda each: (not each.primary, each.name))), None)


def own_facts(score: Health, facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """What a score knows of itself when its actions and its potential are found."""
    columns = {FIGURES[end][0] for end in FIRST}
    step = Step("health", score.name)
    return {name: fact for name, fact in facts.items() if fact.step == step and fact.column in columns}
