"""Everything that is worked out from the entities as of a moment, in the order of what depends on what."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from execution import engine, measures, quality, revenue, segments, sentiment, store
from execution.directives import Program
from execution.health import deltas, run, view
from execution.health.graph import steps
from execution.measures.work import working
from execution.quality.findings import Finding
from execution.store.stored import Stored


@dataclass(frozen=True, slots=True)
class Derived:
    """How many rows each step gave: measures and quality by entity, segments and scores by name, in the order they
    were made. `found` is what the checks of quality come to, `stored` what the store has now."""

    measures: dict[str, int] = field(default_factory=dict)
    quality: dict[str, int] = field(default_factory=dict)
    segments: dict[str, int] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)
    found: tuple[Finding, ...] = ()
    stored: Stored | None = None


def derive(con: engine.Connection, program: Program, as_of: datetime) -> Derived:
    """Work out measures, quality, segments and scores as of a moment, keep what changed, and show it in the
    `unified_…` views.
    What recurring revenue was and how messages sound comes first: measures may read it.

    `con` has the store as its current database and no open transaction. The same store, directives and moment give the
    same rows. Raises GtmError where a directive does not hold on the data: what was worked out before it stays, and
    the rest is as it was.
    """
    derived = Derived()
    with working(con) as work:
        before = store.changes(con)
        revenue.run(con, program, as_of, work.stored)
        sentiment.run(con, work.stored)
        if store.changes(con) != before:
            work.reshaped()
        known = quality.standings(con, program, as_of, work.stored)
        for step in steps(program):
            match step.kind:
                case "measures":
                    derived.measures[step.name] = measures.measure(con, program, step.name, as_of, work)
                case "quality":
                    derived.quality[step.name] = quality.rate(con, program, step.name, as_of, known, work)
                case "segment":
                    derived.segments[step.name] = segments.run(con, program, step.name, as_of, work)
                case "health":
                    derived.scores[step.name] = run.score(con, program, step.name, as_of, work)
        found = quality.run(con, program, as_of, known, work)
        deltas.keep(work, program, as_of)
        view.create(con, program, work)
    return replace(derived, found=found, stored=work.stored)
