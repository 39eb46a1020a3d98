"""`kind: quality`: how far the data can be relied on: checks in six dimensions, and the points they come to."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from execution.directives.model.segment import Condition
from execution.directives.model.shape import Directive, Name, Shape, UnfitError

Dimension = Literal["completeness", "freshness", "validity", "uniqueness", "match", "anomaly"]
Severity = Literal["error", "warning", "info"]
Counted = Literal["new", "changed", "deleted"]

OF_ROWS: tuple[Dimension, ...] = ("completeness", "freshness", "validity", "uniqueness", "match")
OF_SOURCES: tuple[Dimension, ...] = ("freshness", "validity", "anomaly")
"""What a row, and what a source, can be rated for; parts of a score stand in this order."""

MAILBOX = "mailbox"
"""`same: mailbox`: addresses whose mail ends up in one place, without plus-tags and ignored dots."""

SOURCES_KNOWN = "sources_known"
"""What a check may ask of a row besides its facts: how many sources know it."""

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")


class Share(Shape):
    """A part of a whole, in percent; or a whole number of rows."""

    percent: Decimal | None = None
    rows: int | None = None

    def __str__(self) -> str:
        return f"{self.rows:,}" if self.percent is None else f"{self.percent.normalize():f}%"

    def is_passed_by(self, failing: int, of: int) -> bool:
        """Whether more fail than that."""
        if self.percent is None:
            return failing > (self.rows or 0)
        return Decimal(failing) * 100 > self.percent * of


def _share(value: object) -> object:
    """`5%`, or a whole number of rows."""
    if isinstance(value, int) and not isinstance(value, bool):
        return {"rows": value}
    match = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise UnfitError(f"{value!r} is no threshold", hint="write a percentage, as in 5%, or a number of rows")
    return {"percent": match[1]}


AtMost = Annotated[Share, BeforeValidator(_share)]


class Check(Shape):
    """What every check has. It fails where more than `at_most` do; without it what fails is counted, no more.

    A `blocking` one that fails keeps the last good publication in front of readers.
    """

    meaning: Annotated[str, Field(min_length=1)]
    severity: Severity = "warning"
    blocking: bool = False
    at_most: AtMost | None = None
    remedy: Annotated[str, Field(min_length=1)]


class Completeness(Check):
    """Columns that should be known, by weight; a row fails that has less than `known` of the weight."""

    dimension: Literal["completeness"]
    entity: Name
    columns: Annotated[dict[Name, Decimal], Field(min_length=1)]
    known: AtMost = Field(default=Share(percent=Decimal(100)))
    where: Condition | None = None


class Freshness(Check):
    """Sources against what their directives allow; one fails past `error`, or already past `warn`."""

    dimension: Literal["freshness"]
    sources: tuple[Name, ...] = ()
    past: Literal["warn", "error"] = "error"


class Validity(Check):
    """Either a condition that every row of an entity should meet (`holds`), or what sources sent that did not fit:
    `counts` text that does not fit its type (`rejects`), or records that miss the source's own `validate:`."""

    dimension: Literal["validity"]
    entity: Name | None = None
    holds: Condition | None = None
    where: Condition | None = None
    counts: Literal["rejects", "expectations"] | None = None
    sources: tuple[Name, ...] = ()


class Uniqueness(Check):
    """Rows of an entity that are probably one: alike in every column of `same`. They are never merged."""

    dimension: Literal["uniqueness"]
    entity: Name
    same: Annotated[tuple[Name, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]
    where: Condition | None = None


class Level(Shape):
    """One way by which a row came together; a row has the first whose `when` holds."""

    when: Condition
    points: int
    meaning: str = ""


class Match(Check):
    """How sure it is that what a row says is all of one person; a row with fewer points than `at_least` fails."""

    dimension: Literal["match"]
    entity: Name
    levels: Annotated[dict[Name, Level], Field(min_length=1)]
    at_least: int
    where: Condition | None = None


class Anomaly(Check):
    """Either the rows of an `entity` that are gone since the last publication; or how many records of a stream were
    new, changed or deleted on a day, against the days before it."""

    dimension: Literal["anomaly"]
    entity: Name | None = None
    where: Condition | None = None
    sources: tuple[Name, ...] = ()
    counts: tuple[Counted, ...] = ()
    days: int = 28
    minimum: int = 14
    deviations: Decimal = Decimal(6)
    least: int = 20


AnyCheck = Annotated[
    Completeness | Freshness | Validity | Uniqueness | Match | Anomaly, Field(discriminator="dimension")
]
RowCheck = Completeness | Validity | Uniqueness | Match
SourceCheck = Freshness | Validity | Anomaly

Weights = Annotated[dict[Dimension, Decimal], Field(min_length=1)]


class Quality(Directive):
    """A quality directive: its checks, and for entities and for sources the weight of each dimension in their score."""

    kind: Literal["quality"]
    checks: Annotated[dict[Name, AnyCheck], Field(min_length=1)]
    scores: dict[Name, Weights] = {}
    sources: dict[Dimension, Decimal] = {}
    worth: dict[Name, Name] = {}
    """By entity the column that says what a row is worth: lists of rows begin with those worth most."""

    def of_rows(self, entity: str) -> dict[str, RowCheck]:
        """The checks of one entity's rows."""
        kinds = (Completeness, Validity, Uniqueness, Match)
        return {
            name: check for name, check in self.checks.items() if isinstance(check, kinds) and check.entity == entity
        }

    def of_sources(self) -> dict[str, SourceCheck]:
        """The checks of sources, streams and volumes."""
        kinds = (Freshness, Validity, Anomaly)
        found = {name: check for name, check in self.checks.items() if isinstance(check, kinds)}
        return {name: check for name, check in found.items() if isinstance(check, Freshness) or check.entity is None}

    def of_counts(self) -> dict[str, Anomaly]:
        """The checks of how many rows an entity has lost."""
        return {
            name: check
            for name, check in self.checks.items()
            if isinstance(check, Anomaly) and check.entity is not None
        }

    def entities(self) -> tuple[str, ...]:
        """Entities whose rows are checked or scored, by name."""
        checked = {check.entity for check in self.checks.values() if not isinstance(check, Freshness | Anomaly)}
        return tuple(sorted({name for name in checked if name is not None} | self.scores.keys()))

    def conditions(self, entity: str) -> dict[tuple[str, ...], str]:
        """Every expression over a row of an entity by its place in the frontmatter."""
        found: dict[tuple[str, ...], str] = {}
        for name, check in self.checks.items():
            if isinstance(check, Freshness) or check.entity != entity:
                continue
            if check.where is not None:
                found["checks", name, "where"] = check.where
            if isinstance(check, Validity) and check.holds is not None:
                found["checks", name, "holds"] = check.holds
            if isinstance(check, Match):
                found |= {("checks", name, "levels", key, "when"): level.when for key, level in check.levels.items()}
        return found

    def columns(self, entity: str) -> dict[tuple[str | int, ...], str]:
        """Every column of an entity that a check names outside an expression, by its place."""
        found: dict[tuple[str | int, ...], str] = {}
        for name, check in self.of_rows(entity).items():
            if isinstance(check, Completeness):
                found |= {("checks", name, "columns", column): column for column in check.columns}
            if isinstance(check, Uniqueness) and check.same != (MAILBOX,):
                found |= {("checks", name, "same", number): column for number, column in enumerate(check.same)}
        return found
