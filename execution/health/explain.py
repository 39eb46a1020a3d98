"""Why a score is what it is: every part of it with its points, its weight and its values, and what moved it.

Pure but for `explain`, which reads a store. The contributions of the parts add up to the score exactly, as do the
changes of the parts to the change of the score.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from execution import engine
from execution.directives import Program
from execution.directives.dependencies import words
from execution.directives.locating import Places
from execution.directives.model import Health
from execution.health import deltas, moving, names, states
from execution.health.deltas import Delta
from execution.health.formula import variant_of
from execution.health.moving import Movement
from execution.health.records import Subject
from execution.health.sources import Tracing, Value
from execution.health.states import State
from execution.measures.stored import Stored


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: a component, a penalty, or the cut that keeps the sum between 0 and 100 (`clamp`).

    `milli` is what it gives in thousandths of a point, None where it is not known; `points` what it has of 100 before
    weighing, in thousandths; `share` its weight among the known ones, `weight` among all, from 0 to 1. `facts` are what
    it is made of, those it cannot do without first; `missing` those of them it lacks.
    """

    name: str
    label: str
    kind: str
    milli: int | None
    points: int | None
    weight: float | None
    share: float | None
    line: str
    facts: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """A signal that holds."""

    name: str
    severity: str
    message: str
    line: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score taken apart. Figures are in thousandths, moments naive UTC; `bands` are label → least score, best first.

    `notes` are sentences about what to keep in mind.
    """

    score: str
    title: str
    entity: str
    key: str
    asked_at: datetime
    scored_at: datetime
    since: datetime | None
    directive: str
    path: str
    line: str
    version: int
    milli: int | None
    low: int | None
    high: int | None
    coverage: int | None
    band: str | None
    bands: Mapping[str, int]
    hysteresis: float
    coverage_floor: int
    segment: str | None
    churn_risk: int | None
    parts: tuple[Part, ...]
    values: Mapping[str, Value]
    signals: tuple[Holding, ...]
    action: str | None
    potential: str | None
    potential_reason: str | None
    moved: Movement | None
    deltas: tuple[Delta, ...]
    notes: tuple[str, ...]


def explain(
    con: engine.Connection,
    program: Program,
    score: Health,
    key: str,
    places: Places,
    *,
    as_of: datetime | None = None,
    since: datetime | None = None,
) -> Explanation | None:
    """Take a score apart: the last one or, with `as_of`, that of a moment in its history. With `since` it is told what
    moved it since that moment, else what its last change was.

    `con` reads the store. None where nothing was scored by then, or nobody has that key.
    """
    state = states.current(con, program, score, key)
    if as_of is not None and (state is None or engine.naive_utc(as_of) < state.scored_at):
        state = states.at(con, program, score, key, as_of)
    if state is None:
        return None
    asked = engine.naive_utc(as_of) if as_of is not None else state.scored_at
    before = states.at(con, program, score, key, since) if since else states.before_change(con, program, state, score)
    start = engine.naive_utc(since) if since else state.since
    subject = Subject(con, program, Stored.read(con), program.entities[score.entity], key)
    values = Tracing(subject, state.scored_at, places).values(state.values or {})
    moved = None
    if start is not None and before is not None:
        moved = moving.moved(con, score.name, state, before, start)
    known = deltas.of_key(con, program, score, key, state.scored_at.replace(tzinfo=UTC))
    return _put_together(state, score, places, asked, values, moved, known, has_history=state.since is not None)


def _put_together(
    state: State,
    score: Health,
    places: Places,
    asked: datetime,
    values: Mapping[str, Value],
    moved: Movement | None,
    known: tuple[Delta, ...],
    *,
    has_history: bool,
) -> Explanation:
    health = state.health
    is_todays = state.directive == score.hash
    variant = variant_of(health, state.segment)

    def place(*path: str | int) -> str:
        return places.shown(score, *path) if is_todays else score.path

    return Explanation(
        score=health.name,
        title=health.title or health.name,
        entity=health.entity,
        key=state.key,
        asked_at=asked,
        scored_at=state.scored_at,
        since=state.since,
        directive=state.directive,
        path=score.path,
        line=place("name"),
        version=health.version,
        milli=state.score,
        low=state.low,
        high=state.high,
        coverage=state.coverage,
        band=state.band,
        bands=variant.bands,
        hysteresis=health.hysteresis,
        coverage_floor=round(1000 * Fraction(variant.enough, variant.total)),
        segment=state.segment,
        churn_risk=state.churn_risk,
        parts=parts(state, place),
        values=values,
        signals=tuple(
            Holding(name, signal.severity, signal.message, place("signals", name))
            for name, signal in health.signals.items()
            if name in state.signals
        ),
        action=state.action,
        potential=state.potential,
        potential_reason=state.potential_reason,
        moved=moved,
        deltas=known,
        notes=tuple(_notes(state, score, has_history=has_history)),
    )


def parts(state: State, place: Callable[..., str]) -> tuple[Part, ...]:
    """Every part of the score in the order of the directive, then the cut where there is one."""
    health = state.health
    weights = variant_of(health, state.segment).weights
    total = sum(weights.values())
    known = sum(weight for name, weight in weights.items() if state.parts.get(name) is not None)
    found = []
    for name, component in health.components.items():
        milli = state.parts.get(name)
        facts = _facts(state, component.needs, component.score)
        found.append(
            Part(
                name=name,
                label=component.label or name,
                kind="component",
                milli=milli,
                points=state.points.get(name) if state.points is not None else None,
                weight=weights[name] / total,
                share=weights[name] / known if milli is not None else None,
                line=place("components", name),
                facts=facts,
                missing=_missing(state, component.needs) if milli is None else (),
            )
        )
    for name, penalty in health.penalties.items():
        milli = state.parts.get(f"penalty.{name}")
        line, facts = place("penalties", name), _facts(state, (), penalty.when, penalty.points)
        found.append(Part(f"penalty.{name}", penalty.reason, "penalty", milli, None, None, None, line, facts, ()))
    if cut := state.parts.get(names.CLAMP):
        label = "Kept at 0 or more" if cut > 0 else "Kept at 100 or less"
        found.append(Part(names.CLAMP, label, "clamp", cut, None, None, None, health.path, (), ()))
    return tuple(found)


def _facts(state: State, first: Iterable[str], *texts: str) -> tuple[str, ...]:
    """What expressions name of the values, those that are needed first."""
    named = frozenset[str]().union(*map(words, texts))
    rest = (name for name in state.values or {} if name.lower() in named)
    return tuple(dict.fromkeys((*first, *rest)))


def _missing(state: State, needs: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in needs if state.values is not None and state.values.get(name) is None)


def _notes(state: State, score: Health, *, has_history: bool) -> Iterable[str]:
    if not state.is_kept:
        yield "the directive that gave this score was not kept; weights and words are those of today's"
    elif state.directive != score.hash:
        yield "the directive has been edited since: `gtm plan` shows what that does, `gtm score` applies it"
    if has_history and state.values is None:
        yield "the values behind this score were not kept"
