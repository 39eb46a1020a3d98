"""`gtm quality`: how far the data can be relied on, as last worked out, or as it was at an earlier moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from execution.bootstrap.published import by_email, known_key, private_copy, published
from execution.errors import UsageError
from execution.runs.steps import require_known
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.directives import Program
    from execution.directives.model import Entity, Quality
    from execution.directives.model.quality import AnyCheck
    from execution.engine import Connection
    from execution.quality.answers import Row, RowQuality, SourceQuality
    from execution.quality.findings import Finding
    from execution.store.holding import Held


@dataclass(frozen=True, slots=True)
class Overview:
    """Every check, every source, and the customers whose missing points weigh most; `held` says why readers do not
    have what came later. `worth` names the column that weighs them, "" where none does."""

    as_of: datetime
    worth: str
    checks: "tuple[Finding, ...]"
    sources: "tuple[SourceQuality, ...]"
    worst: "tuple[Row, ...]"
    held: "Held | None"

    @property
    def exit_code(self) -> int:
        """1 where a check fails whose severity is error."""
        return int(any(each.verdict == "failing" and each.severity == "error" for each in self.checks))


@dataclass(frozen=True, slots=True)
class Inside:
    """One check: what it comes to, what it means and what to do, and the rows that fail it; of those that are
    probably one, the groups. `worth` names the column that orders them, "" where none does."""

    as_of: datetime
    worth: str
    finding: "Finding"
    meaning: str
    remedy: str
    where: str
    rows: "tuple[Row, ...]"
    groups: tuple[tuple[str, ...], ...]

    @property
    def exit_code(self) -> int:
        """1 where it fails and its severity is error."""
        return int(self.finding.verdict == "failing" and self.finding.severity == "error")


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer's points, and by which level of each match check they came together."""

    as_of: datetime
    quality: "RowQuality"
    levels: dict[str, str]


def overview(workspace: Workspace, as_of: datetime | None = None, *, limit: int) -> Overview:
    """Every check and source. Raises UsageError where quality is not declared, or not worked out yet."""
    from execution.quality import answers
    from execution.store import holding

    with _rated(workspace, as_of) as (con, program, quality, moment):
        entity = by_email(program)
        worst = answers.worst(con, program, entity, limit)
        worth = quality.worth.get(entity.name, "")
        sources = answers.sources(con, quality)
        return Overview(moment, worth, answers.findings(con), sources, worst, holding.told(workspace))


def check(workspace: Workspace, name: str, as_of: datetime | None = None, *, limit: int) -> Inside:
    """One check from the inside. Raises UsageError for one that is not declared."""
    from execution.directives.model.quality import Freshness, Uniqueness
    from execution.quality import answers

    with _rated(workspace, as_of) as (con, program, quality, moment):
        require_known("check", [name], quality.checks)
        declared: AnyCheck = quality.checks[name]
        finding = next((each for each in answers.findings(con) if each.check == name), None)
        if finding is None:
            raise _not_yet(f"the check {name} was not")
        entity = None if isinstance(declared, Freshness) else declared.entity
        rows: tuple[Row, ...] = ()
        groups: tuple[tuple[str, ...], ...] = ()
        if entity is not None and name in quality.of_rows(entity):
            about: Entity = program.entities[entity]
            rows = answers.failing(con, program, about, name, limit)
            if isinstance(declared, Uniqueness):
                groups = answers.candidates(con, about, declared, moment, limit)
        worth = quality.worth.get(entity or "", "")
        return Inside(moment, worth, finding, declared.meaning, declared.remedy, quality.path, rows, groups)


def customer(workspace: Workspace, email: str, as_of: datetime | None = None) -> Customer:
    """One customer's points. Raises UsageError for an address that the store does not have."""
    from execution.directives.model.quality import Match
    from execution.quality import answers

    with _rated(workspace, as_of) as (con, program, quality, moment):
        entity = by_email(program)
        key = known_key(con, entity, email)
        found = answers.of_row(con, program, entity, key, moment)
        if found is None:
            raise _not_yet(f"the quality of {key} was not")
        matches = {name: each for name, each in quality.of_rows(entity.name).items() if isinstance(each, Match)}
        levels = {name: answers.level_of(con, program, entity, key, each, moment) for name, each in matches.items()}
        return Customer(moment, found, {name: level for name, level in levels.items() if level is not None})


@contextmanager
def _rated(workspace: Workspace, as_of: datetime | None) -> "Iterator[tuple[Connection, Program, Quality, datetime]]":
    """A store with the ratings as last worked out; or as of a moment, in a copy that is thrown away."""
    from execution.health import derive
    from execution.quality import answers
    from execution.quality.run import directive_of

    with published(workspace) if as_of is None else private_copy(workspace) as (con, program):
        declared = directive_of(program)
        if declared is None:
            raise UsageError("no directive says what quality is", hint="see directives/README.md", code="E212")
        if as_of is not None:
            derive(con, program, as_of)
        moment = answers.worked_out(con)
        if moment is None:
            raise _not_yet("quality was not")
        yield con, program, declared, moment.replace(tzinfo=UTC)


def _not_yet(what: str) -> UsageError:
    return UsageError(f"{what} worked out yet", hint="run `gtm score` first", code="E229")
