"""`gtm fit`: weights and points that would have told better, learned on one part of the looks and tested on another.

Nothing is proposed that does not tell anything on looks it has not seen, or tells less than what there is; and nothing
where something knows the outcome, for then weights are learned from what will not be there in time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from execution import engine
from execution.directives import Program, Texts, load
from execution.directives.model import Health, Outcome, Source
from execution.engine import ident
from execution.proof import judging, leaks, looks, statistics
from execution.proof.backtest import Unknown, require_some, unknown_components
from execution.proof.ground import Ground, Wanted, expected_by, expected_of, looked_back, read
from execution.proof.judging import Figures
from execution.proof.leaks import Leak
from execution.proof.learning import Change, Kind, Learned, learn, prepare
from execution.proof.looks import Expected
from execution.proof.parting import FOLDS, Parts, split
from execution.proof.proposal import propose
from execution.proof.resampling import Interval, difference_interval
from execution.workspace import Workspace

Verdict = Literal["proposal", "nothing better", "no signal", "not enough", "leaking"]

_WORTH_POINTS = 0.001
"""By how much the AUC must be greater for points to be learned too, and not weights alone."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learned. `present` and `proposed` are figures of the test: `gain` is how much greater the AUC of the
    second is there. `crossed` are AUCs on the looks learned from, each fifth told by what the others taught; by them
    the `kind` was chosen. `own_weights` are segments with weights of their own, which stay as they are. Without a
    proposal there is no diff."""

    score: str
    expected: Expected
    ground: Ground
    parts: Parts
    verdict: Verdict
    unknown: tuple[Unknown, ...]
    leaks: tuple[Leak, ...] = ()
    crossed: Mapping[str, float] = field(default_factory=dict)
    kind: Kind | None = None
    present: Figures | None = None
    proposed: Figures | None = None
    gain: float | None = None
    gain_interval: Interval | None = None
    changes: tuple[Change, ...] = ()
    unlearned: tuple[str, ...] = ()
    own_weights: tuple[str, ...] = ()
    diff: str = ""
    files: tuple[str, ...] = ()
    broken_tests: tuple[str, ...] = ()
    output: str | None = None

    @property
    def exit_code(self) -> int:
        return int(self.verdict != "proposal")


@dataclass(frozen=True, slots=True)
class Author:
    """The directives as they are written: what a proposal is a change of. `weights_only` leaves points alone; `check`
    reads directives with every problem in them."""

    texts: Texts
    program: Program
    weights_only: bool = False
    check: Callable[[Texts], Program] = load


def from_history(workspace: Workspace, author: Author, score: Health, outcome: Outcome, wanted: Wanted) -> Fit:
    """Learn from what came of the store's own customers. Nothing is written."""
    with looked_back(workspace, author.program, score, outcome, wanted) as (con, ground):
        return fit(con, author, score, expected_of(outcome), ground)


def from_table(root: Path, author: Author, score: Health, source: Source, wanted: Wanted) -> Fit:
    """Learn from a labelled table. Nothing is written."""
    with read(root, author.program, score, source, wanted) as (con, ground):
        return fit(con, author, score, expected_by(source), ground, tuple(leaks.in_mapping(source, score.entity)))


def fit(
    con: engine.Connection,
    author: Author,
    score: Health,
    expected: Expected,
    ground: Ground,
    known_leaks: Sequence[Leak] = (),
) -> Fit:
    """Learn from the looks of `con`. Raises UsageError where the score says nothing of any of them."""
    unknown = unknown_components(con, author.program, score, ground)
    require_some(score, unknown)
    parts = split(con, expected)
    own = tuple(name for name, override in score.segments.items() if override.weights)
    found = Fit(score.name, expected, ground, parts, "not enough", unknown, tuple(known_leaks), own_weights=own)
    if not parts.is_enough(expected):
        return found
    types = looks.fact_types(author.program, score)
    kinds: tuple[Kind, ...] = ("weights",) if author.weights_only else ("weights", "points")
    prepare(con, score, expected)
    crossed = _crossed(con, score, types, expected, kinds)
    kind = _chosen(crossed)
    learned = learn(con, score, types, expected, kind, "p.part = 'learn'")
    if learned is None:
        return replace(found, verdict="no signal", crossed=crossed)
    return _tested(con, author, score, types, learned, replace(found, crossed=crossed, kind=kind))


def _crossed(
    con: engine.Connection, score: Health, types: Mapping[str, str], expected: Expected, kinds: Sequence[Kind]
) -> dict[str, float]:
    """The mean AUC of each kind, and of the score as it is, over the folds of the part that is learned from."""
    found: dict[str, list[float]] = {}
    for fold in range(FOLDS):
        ways: dict[str, Health] = {"present": score}
        for kind in kinds:
            learned = learn(con, score, types, expected, kind, f"p.part = 'learn' AND p.fold <> {fold}")
            ways[kind] = learned.health if learned else score
        for name, health in ways.items():
            looks.score(con, health, expected, "scored")
            auc = statistics.auc(judging.counts(con, _chosen_rows(con, f"part = 'learn' AND fold = {fold}")))
            if auc is not None:
                found.setdefault(name, []).append(auc)
    return {name: sum(aucs) / len(aucs) for name, aucs in found.items()}


def _chosen_rows(con: engine.Connection, where: str) -> str:
    """The temporary table of the rows of `scored` that a condition over `parts` chooses."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE scored_part AS SELECT s.* FROM scored s JOIN parts USING (look) WHERE {where}"
    )
    return "scored_part"


def _chosen(crossed: Mapping[str, float]) -> Kind:
    return "points" if crossed.get("points", 0.0) > crossed.get("weights", 1.0) + _WORTH_POINTS else "weights"


def _tested(
    con: engine.Connection, author: Author, score: Health, types: Mapping[str, str], learned: Learned, found: Fit
) -> Fit:
    """The verdict on the looks that nothing was learned from."""
    expected = found.expected
    figures = {}
    for name, health in {"present": score, "proposed": learned.health}.items():
        looks.score(con, health, expected, "scored")
        rows = _chosen_rows(con, "part = 'test'")
        con.execute(f"CREATE OR REPLACE TEMP TABLE {ident(name)} AS FROM {rows}")
        figures[name] = judging.figures(con, name) if _has_both(con, name) else None
    present, proposed = figures["present"], figures["proposed"]
    if present is None or proposed is None:
        return found
    gain = proposed.auc - present.auc
    interval = _gain_interval(con, gain)
    components = judging.alone(con, learned.health, expected)
    rate = found.parts.test.looks_before_event / found.parts.test.looks
    known = leaks.found(con, dict(types), components, proposed, rate, is_stated=found.ground.source is not None)
    found = replace(
        found, present=present, proposed=proposed, gain=gain, gain_interval=interval, leaks=(*found.leaks, *known)
    )
    if found.leaks:
        return replace(found, verdict="leaking")
    if judging.verdict(proposed.interval) != "signal":
        return replace(found, verdict="no signal")
    if gain <= 0 or found.crossed[learned.kind] <= found.crossed["present"]:
        return replace(found, verdict="nothing better")
    made = propose(author.texts, author.program, score, learned.changes, author.check)
    return replace(
        found, verdict="proposal", changes=learned.changes, unlearned=learned.unlearned, diff=made.diff,
        files=made.files, broken_tests=made.broken_tests,
    )  # fmt: skip


def _has_both(con: engine.Connection, table: str) -> bool:
    found = statistics.totals(judging.counts(con, table))
    return bool(found.events and found.others)


def _gain_interval(con: engine.Connection, gain: float) -> Interval:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE both_ways AS SELECT a.cluster, a.happened, a.rank AS present, b.rank AS proposed "
        "FROM present a JOIN proposed b USING (look)"
    )
    return difference_interval(con, "both_ways", "proposed", "present", gain)
