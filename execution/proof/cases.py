"""`gtm test`: every `yaml tests` case of every directive."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from execution import engine
from execution.directives import Program
from execution.directives.model import (
    Case,
    Directive,
    Entity,
    Health,
    Measures,
    Outcome,
    Quality,
    Revenue,
    Section,
    Segment,
    Source,
    Trigger,
)
from execution.directives.schema import DUCKDB
from execution.errors import GtmError, Problem
from execution.proof import deriving, hindsight, qualities, revenues, sections, stage, timelines
from execution.proof.rows import differences


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: which directive's, where it stands, and what differed (nothing if it holds)."""

    directive: str
    path: str
    line: int
    name: str
    differences: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.differences

    def as_problem(self) -> Problem:
        """A case that does not hold, as every other mistake is told."""
        return Problem(self.path, self.line, 1, "E155", f"test {self.name!r}: {'; '.join(self.differences)}")


def run_cases(program: Program, paths: Sequence[str] = ()) -> list[CaseResult]:
    """Run the tests of every directive, or of those in the files (or folders) named.

    Nothing is read from or written to the workspace's own store.
    """
    results: list[CaseResult] = []
    with stage.empty() as store:
        for directive in _tested(program):
            if directive.cases and (not paths or any(_is_in(directive.path, path) for path in paths)):
                results += _of(store, program, directive)
    return results


def _of(store: stage.Empty, program: Program, directive: Directive) -> list[CaseResult]:
    """What comes of one directive's tests."""
    if isinstance(directive, Source):
        with stage.empty_for(store, directive) as with_streams:
            return [_run(with_streams, program, directive, case) for case in directive.cases]
    return [_run(store, program, directive, case) for case in directive.cases]


def _tested(program: Program) -> Iterator[Directive]:
    groups: tuple[Iterable[Directive], ...] = (
        program.sources.values(),
        program.labelled.values(),
        program.entities.values(),
        program.revenue.values(),
        program.measures.values(),
        program.quality.values(),
        program.segments.values(),
        program.health.values(),
        program.outcomes.values(),
        program.triggers.values(),
        program.sections.values(),
    )
    for group in groups:
        yield from sorted(group, key=lambda directive: directive.path)


def _is_in(path: str, wanted: str) -> bool:
    return path == wanted or path.startswith(wanted.rstrip("/") + "/")


def _run(store: stage.Empty, program: Program, directive: Directive, case: Case) -> CaseResult:
    try:
        found = tuple(_differences(store, program, directive, case))
    except (GtmError, engine.Error) as error:
        found = (str(error).splitlines()[0],)
    return CaseResult(directive.name, directive.path, case.line, case.name, found)


def _differences(store: stage.Empty, program: Program, directive: Directive, case: Case) -> Iterator[str]:
    if isinstance(directive, Revenue):
        with stage.copy_of(store) as con:
            yield from revenues.told(con, program, directive, case)
        return
    if isinstance(directive, Section):
        with stage.copy_of(store) as con:
            yield from sections.told(con, program, directive, case)
        return
    if isinstance(directive, Trigger):
        with stage.copy_of(store) as con:
            yield from timelines.told(con, program, directive, case)
        return
    for entity, expected in case.expect.items():
        if isinstance(directive, Quality) and entity == qualities.CHECKS:
            actual = _actual(store, program, directive, case, entity)
            named = {row.get("check") for row in expected}
            yield from differences(expected, [row for row in actual if row["check"] in named], "check", {})
            continue
        declared = program.entities.get(entity)
        if declared is None:
            yield f"there is no entity {entity!r}"
            continue
        actual = _actual(store, program, directive, case, entity)
        types = {name: DUCKDB[column.type] for name, column in declared.columns.items()}
        types |= {name: fact.type for name, fact in program.facts(entity).items()}
        for sentence in differences(expected, actual, declared.key, types):
            yield f"{entity}: {sentence}"


def _actual(
    store: stage.Empty, program: Program, directive: Directive, case: Case, entity: str
) -> list[dict[str, Any]]:
    """What comes out for an entity, on a copy of the empty store that only this case sees."""
    if isinstance(directive, Source):
        return stage.projected(store, program, directive, case.given, entity)
    given, as_of = case.given, stage.moment(case.as_of)
    with stage.copy_of(store) as con:
        match directive:
            case Measures():
                return deriving.measured(con, program, directive, given, as_of)
            case Quality():
                return qualities.judged(con, program, directive, given, as_of, entity)
            case Segment():
                return deriving.placed(con, program, directive, given, as_of)
            case Health():
                return deriving.scored(con, program, directive, given, as_of)
            case Entity():
                return hindsight.then(con, program, directive, given, as_of)
            case Outcome():
                return hindsight.happened(con, program, directive, given, as_of)
            case _:
                raise GtmError(f"a {directive.kind} directive cannot carry tests yet", code="E151")
