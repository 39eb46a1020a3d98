"""What a score is held against: the store's own past, or a labelled table; opened, looked at, and told about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Entity, Health, Outcome, Source
from execution.engine import ident
from execution.errors import UsageError
from execution.proof import history, labelled
from execution.proof.looks import Expected
from execution.proof.tables import Rejected
from execution.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to look: until which moment, from which on, and whether today's state may stand in for the past. `data` is a
    file to take instead of the one that the source names."""

    as_of: datetime | None = None
    since: datetime | None = None
    with_today: bool = False
    data: Path | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a score was held against: the store's past, or a table (then `source` names it).

    `moments` are how many moments there were, `first` and `last` the ends of them, `end` until when it is known what
    came; at `recorded` of them scores were taken as they were given then. `records`, `without_label`, `other_label`
    and `unmatched` count the rows of a table, and those that say nothing; `given` are the columns of the entity that it
    gives, `stated` the measures among them.
    """

    source: str | None
    moments: int = 0
    first: datetime | None = None
    last: datetime | None = None
    end: datetime | None = None
    recorded: int = 0
    with_today: bool = False
    files: tuple[str, ...] = ()
    records: int = 0
    without_label: int = 0
    other_label: int = 0
    unmatched: int = 0
    rejected: tuple[Rejected, ...] = ()
    stated: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    has_as_of: bool = False


def expected_of(outcome: Outcome) -> Expected:
    """What an outcome directive expects."""
    days = outcome.horizon // timedelta(days=1)
    title = outcome.title or outcome.name
    least = outcome.minimum
    return Expected(outcome.name, title, outcome.foretold_by, least.rows, least.events, outcome.path, days)


def expected_by(source: Source) -> Expected:
    """What the label of a table expects."""
    label = labelled.label_of(source)
    title = label.title or f"{label.column} = {label.event}"
    least = label.minimum
    return Expected(label.column, title, label.foretold_by, least.rows, least.events, source.path)


def outcomes_of(program: Program, score: Health) -> list[Outcome]:
    """What may come of those a score is about, the primary outcome first. Raises UsageError where nothing is said."""
    found = [outcome for outcome in program.outcomes.values() if outcome.entity == score.entity]
    if not found:
        raise UsageError(
            f"no directive says what may come of {score.entity}",
            hint="write one in directives/outcomes/, or name a labelled table: --source",
            where=score.path,
            code="E283",
        )
    return sorted(found, key=lambda outcome: (not outcome.primary, outcome.name))


def require_about(outcome: Outcome, score: Health) -> Outcome:
    """The outcome itself. Raises UsageError where it is of something else than the score."""
    if outcome.entity != score.entity:
        message = f"{outcome.name} is an outcome of {outcome.entity}, and {score.name} a score of {score.entity}"
        raise UsageError(message, where=outcome.path, code="E282")
    return outcome


@contextmanager
def looked_back(
    workspace: Workspace, program: Program, score: Health, outcome: Outcome, wanted: Wanted
) -> Iterator[tuple[engine.Connection, Ground]]:
    """The looks at the published store's past, on a database in memory."""
    con = engine.memory()
    try:
        with engine.attached(con, published(workspace), history.STORE):
            end = wanted.as_of or _brought_up_to_date(con)
            span = history.collect(
                con, program, score, outcome, end=end, since=wanted.since, with_today=wanted.with_today
            )
            first, last = span.moments[0], span.moments[-1]
            yield con, Ground(None, len(span.moments), first, last, span.end, span.recorded, wanted.with_today)
    finally:
        con.close()


def published(workspace: Workspace) -> Path:
    """The published copy. Raises StoreError before the first publication."""
    with store.reader(workspace):
        publication = store.current(workspace)
    return publication.file if publication else workspace.store_file


def _brought_up_to_date(con: engine.Connection) -> datetime:
    """When the store last heard of anything: what came later is not known, and not nothing."""
    row = con.execute(f"SELECT max(completed_at) FROM {ident(history.STORE, 'meta', 'sources')}").fetchone()
    if not row or row[0] is None:
        raise UsageError("no source has been read whole yet", hint="run `gtm sync`, or say --as-of", code="E283")
    return row[0].replace(tzinfo=UTC)  # type: ignore[no-any-return]


@contextmanager
def read(
    root: Path, program: Program, score: Health, source: Source, wanted: Wanted
) -> Iterator[tuple[engine.Connection, Ground]]:
    """The looks in a labelled table, on a database in memory."""
    con = engine.memory()
    try:
        found = labelled.collect(con, program, score, source, root, data=wanted.data, as_of=wanted.as_of)
        moments, first, last = con.execute(
            "SELECT count(DISTINCT moment), min(moment), max(moment) FROM looks"
        ).fetchall()[0]
        loaded = found.loaded
        files = tuple(dict.fromkeys(file for files in loaded.files.values() for file in files))
        ground = Ground(
            source=source.name, moments=moments, first=first, last=last, files=files,
            records=loaded.records[labelled.stream_of(source)], without_label=found.without_label,
            other_label=found.other_label, unmatched=found.unmatched, rejected=loaded.rejected,
            stated=found.stated, given=found.given, has_as_of=wanted.as_of is not None,
        )  # fmt: skip
        yield con, ground
    finally:
        con.close()


# --- what is not known --------------------------------------------------------------------------


def why_unknown(con: engine.Connection, program: Program, entity: Entity, ground: Ground, fact: str) -> str:
    """Why a fact is known in none of the looks."""
    found = program.facts(entity.name)[fact]
    if ground.source is not None:
        if found.step is not None and not ground.moments and not ground.has_as_of:
            return "the table does not state it, nor a moment to work it out for (label: observed_at, or --as-of)"
        return "empty in every row" if fact in ground.given else "the table does not state it"
    schema, table = ("core", entity.name) if found.step is None else ("derived", found.step.table)
    if not _is_known_today(con, schema, table, found.column):
        return "nobody's is known today either"
    return "only what it is today is known" if found.step is None else "it rests on what is only known as of today"


def _is_known_today(con: engine.Connection, schema: str, table: str, column: str) -> bool:
    relation = ident(history.STORE, schema, table)
    try:
        row = con.execute(f"SELECT count({ident(column)}) FROM {relation}").fetchone()
    except engine.Error:  # the store has no such table or column
        return False
    return bool(row and row[0])
