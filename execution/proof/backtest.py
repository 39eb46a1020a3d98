"""`gtm backtest`: a score against what happened after, in the store's own past or in a labelled table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from execution import engine
from execution.directives import Program
from execution.directives.model import Health, Outcome, Source
from execution.engine import ident
from execution.errors import UsageError
from execution.proof import judging, leaks, looks
from execution.proof.ground import Ground, Wanted, expected_by, expected_of, looked_back, read, why_unknown
from execution.proof.judging import Alone, BandRate, Figures, Sizes, Verdict, Warned
from execution.proof.leaks import Leak
from execution.proof.looks import Expected
from execution.workspace import Workspace

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Unknown:
    """A component that is known in no look: each need that is missing, and why."""

    component: str
    missing: dict[str, str]


@dataclass(frozen=True, slots=True)
class Flat:
    """A component that gives everybody the same points: how many, and the commonest values of the names it looks at."""

    component: str
    milli: int
    seen: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Backtest:
    """A score held against an outcome. Without enough looks the verdict says so, and there are no figures."""

    score: str
    directive: str
    expected: Expected
    ground: Ground
    sizes: Sizes
    verdict: Verdict
    figures: Figures | None
    bands: tuple[BandRate, ...]
    out_of_order: tuple[tuple[str, str], ...]
    warned: Warned | None
    components: tuple[Alone, ...]
    unknown: tuple[Unknown, ...]
    flat: tuple[Flat, ...]
    leaks: tuple[Leak, ...]

    @property
    def exit_code(self) -> int:
        return int(self.verdict != "signal" or bool(self.leaks))


def of_history(workspace: Workspace, program: Program, score: Health, outcome: Outcome, wanted: Wanted) -> Backtest:
    """Hold a score against what came of the store's own customers. Nothing is written."""
    with looked_back(workspace, program, score, outcome, wanted) as (con, ground):
        return judge(con, program, score, expected_of(outcome), ground)


def of_table(root: Path, program: Program, score: Health, source: Source, wanted: Wanted) -> Backtest:
    """Hold a score against a labelled table. Nothing is written."""
    with read(root, program, score, source, wanted) as (con, ground):
        known = tuple(leaks.in_mapping(source, score.entity))
        return judge(con, program, score, expected_by(source), ground, known)


def judge(
    con: engine.Connection,
    program: Program,
    score: Health,
    expected: Expected,
    ground: Ground,
    known_leaks: Sequence[Leak] = (),
) -> Backtest:
    """Every figure about the looks of `con`. Raises UsageError where the score says nothing of any of them."""
    unknown = unknown_components(con, program, score, ground)
    require_some(score, unknown)
    looks.score(con, score, expected, "scored")
    looks.take_recorded(con, expected, "scored")
    sizes = judging.sizes(con, "scored")
    is_enough = judging.is_enough(sizes, expected)
    figures = judging.figures(con, "scored") if is_enough else None
    components = judging.alone(con, score, expected) if is_enough else ()
    bands = judging.bands(con, "scored", score)
    facts = looks.fact_types(program, score)
    is_stated = ground.source is not None
    found = leaks.found(con, facts, components, figures, sizes.rate, is_stated=is_stated) if is_enough else ()
    return Backtest(
        score=score.name,
        directive=score.hash,
        expected=expected,
        ground=ground,
        sizes=sizes,
        verdict=judging.verdict(figures.interval) if figures else "not enough",
        figures=figures,
        bands=bands,
        out_of_order=tuple(judging.out_of_order(bands, expected)) if is_enough else (),
        warned=judging.warned(con, "scored", score) if expected.foretold_by == "low score" else None,
        components=components,
        unknown=unknown,
        flat=tuple(flat(con, score, facts, components)),
        leaks=(*known_leaks, *(_today() if ground.with_today else ()), *found),
    )


def _today() -> tuple[Leak, ...]:
    """What today's state in the place of the past means."""
    message = "columns without a past were taken as they are today; this is no evidence, only a first look"
    return (Leak("--with-today", message),)


def unknown_components(con: engine.Connection, program: Program, score: Health, ground: Ground) -> tuple[Unknown, ...]:
    """The components that are known in no look, for want of something they need."""
    entity = program.entities[score.entity]
    needs = {need for component in score.components.values() for need in component.needs}
    known = {need for need in needs if _is_known(con, need)}
    found = []
    for name, component in score.components.items():
        missing = {
            need: why_unknown(con, program, entity, ground, need) for need in component.needs if need not in known
        }
        if missing:
            found.append(Unknown(name, missing))
    return tuple(found)


def _is_known(con: engine.Connection, fact: str) -> bool:
    row = con.execute(f"SELECT count({ident(fact)}) FROM facts").fetchone()
    return bool(row and row[0])


def flat(
    con: engine.Connection, score: Health, facts: Mapping[str, str], components: Sequence[Alone]
) -> Iterator[Flat]:
    """The components that give everybody the same points: often for want of a value that their conditions name."""
    for each in components:
        if each.same_milli is None:
            continue
        names = [need for need in score.components[each.component].needs if facts.get(need) == "VARCHAR"]
        yield Flat(each.component, each.same_milli, {name: _commonest(con, name) for name in names})


def _commonest(con: engine.Connection, fact: str) -> tuple[str, ...]:
    rows = con.execute(
        f"SELECT {ident(fact)} FROM facts WHERE {ident(fact)} IS NOT NULL GROUP BY ALL ORDER BY count(*) DESC, 1 "
        f"LIMIT {_SHOWN}"
    ).fetchall()
    return tuple(row[0] for row in rows)


def require_some(score: Health, unknown: Sequence[Unknown]) -> None:
    """Raises UsageError where no component is known anywhere: the score does not apply to these rows."""
    if len(unknown) < len(score.components):
        return
    needs = "; ".join(f"{each.component} needs {', '.join(each.missing)}" for each in unknown)
    why = sorted({why for each in unknown for why in each.missing.values()})
    raise UsageError(
        f"{score.name} does not apply to these rows: no component is known in any of them",
        hint=f"{needs}: {'; '.join(why)}",
        where=score.path,
        code="E282",
    )
