"""`gtm backtest` and `gtm fit`: which score is held against which outcome, or which table."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from execution.directives import Program, read_folder
from execution.directives.facts import primary
from execution.directives.model import Health, Outcome, Source
from execution.errors import UsageError
from execution.runs.checked import program_of
from execution.runs.steps import require_known
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.proof.backtest import Backtest
    from execution.proof.fit import Fit
    from execution.proof.ground import Wanted


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for by name: a score, and an outcome of the store's own past or a source that is a table."""

    score: str | None = None
    outcome: str | None = None
    source: str | None = None


def backtest(workspace: Workspace, asked: Asked, wanted: "Wanted") -> "tuple[Backtest, ...]":
    """Hold a score against a table, or against an outcome of the past: by default every one, the primary first.

    Raises UsageError for a name that is not there, and where there is nothing to hold it against.
    """
    from execution.proof import backtest as proof

    program = program_of(workspace, read_folder(workspace.root)).require_valid()
    source = _source(program, asked, wanted)
    score = _score(program, asked, source)
    if source is not None:
        return (proof.of_table(workspace.root, program, score, source, wanted),)
    return tuple(
        proof.of_history(workspace, program, score, outcome, wanted) for outcome in _outcomes(program, asked, score)
    )


def fit(
    workspace: Workspace,
    asked: Asked,
    wanted: "Wanted",
    *,
    weights_only: bool = False,
    output: Path | None = None,
) -> "Fit":
    """Learn a score's weights from a table, or from the primary outcome of the past; its diff goes to `output`.

    No directive is changed. Raises UsageError as `backtest` does, and where `output` has something else in it.
    """
    from execution.proof import fit as proof

    texts = read_folder(workspace.root)
    program = program_of(workspace, texts).require_valid()
    source = _source(program, asked, wanted)
    score = _score(program, asked, source)
    _require_free(workspace, output)
    author = proof.Author(texts, program, weights_only, check=partial(program_of, workspace))
    if source is not None:
        found = proof.from_table(workspace.root, author, score, source, wanted)
    else:
        found = proof.from_history(workspace, author, score, _outcomes(program, asked, score)[0], wanted)
    if output is None or not found.diff:
        return found
    output.write_text(found.diff, encoding="utf-8", newline="")
    return replace(found, output=output.as_posix())


# --- what is meant ------------------------------------------------------------------------------


def _source(program: Program, asked: Asked, wanted: "Wanted") -> Source | None:
    """The table, where one is named, or a file for the only one."""
    if asked.source is None and wanted.data is None:
        return None
    if asked.outcome is not None:
        hint = "a table has its own label; name either a source or an outcome"
        raise UsageError("--outcome is of the store's past", hint=hint, code="E285")
    if asked.source is None:
        if len(program.labelled) != 1:
            there = ", ".join(sorted(program.labelled)) or "none yet"
            hint = f"sources with a label: {there}"
            raise UsageError("--data needs the source that says what its columns mean", hint=hint, code="E285")
        return next(iter(program.labelled.values()))
    known = {**program.sources, **program.labelled}
    require_known("source", [asked.source], known)
    return known[asked.source]


def _score(program: Program, asked: Asked, source: Source | None) -> Health:
    """The score named; without a name the primary one of what the table is about, or else of customers."""
    if asked.score is not None:
        require_known("score", [asked.score], program.health)
        return program.health[asked.score]
    entities = sorted(source.feeds if source is not None else program.entities)
    found = {entity: score for entity in entities if (score := primary(_of(program, entity))) is not None}
    scores = [found["customers"]] if "customers" in found else [*found.values()]
    if len(scores) != 1:
        there = ", ".join(sorted(program.health)) or "none"
        raise UsageError("which score?", hint=f"name one: {there}", code="E285")
    return scores[0]


def _of(program: Program, entity: str) -> Iterable[Health]:
    return [health for health in program.health.values() if health.entity == entity]


def _outcomes(program: Program, asked: Asked, score: Health) -> list[Outcome]:
    """The outcome named, or every one of what the score is about, the primary first."""
    from execution.proof.ground import outcomes_of, require_about

    if asked.outcome is None:
        return outcomes_of(program, score)
    require_known("outcome", [asked.outcome], program.outcomes)
    return [require_about(program.outcomes[asked.outcome], score)]


def _require_free(workspace: Workspace, output: Path | None) -> None:
    """A proposal is written beside the directives, never into them."""
    if output is None:
        return
    if output.resolve().is_relative_to((workspace.root / "directives").resolve()):
        hint = "name a file outside directives/; who agrees applies it with `git apply`"
        raise UsageError(f"{output} is among the directives", hint=hint, code="E284")
    if output.exists() and not (output.is_file() and output.read_bytes()[:6] in (b"--- a/", b"")):
        raise UsageError(f"{output} has something else in it", hint="name a new file", code="E284")
