"""The steps from the vendors to a report, each of which can run alone; `gtm run` and the demo run them in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from execution.errors import UsageError
from execution.runs.session import Session

if TYPE_CHECKING:
    from execution.context import Written
    from execution.directives import Program
    from execution.engine import Connection
    from execution.sync.plan import Options
    from execution.sync.results import Progress, RunResult

DEFAULT_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Scored:
    """What scoring gave, as of a moment: rows by entity for measures, members by segment, rows by health name for
    scores. Of a moment that is over for the sources, `only_today` are the columns by score that are known only as they
    are today, with the parts that use them."""

    as_of: datetime
    measures: dict[str, int]
    segments: dict[str, int]
    scores: dict[str, int]
    only_today: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reported:
    """The reports written, by name, and their files."""

    as_of: datetime
    files: dict[str, Path]


def sync(
    session: Session,
    sources: Sequence[str] = (),
    *,
    options: "Options | None" = None,
    progress: "Progress | None" = None,
    now: datetime | None = None,
) -> "RunResult":
    """Bring the sources (all enabled ones by default) into the store, unify and publish."""
    from execution.sync.sync_all import sync_all, utc_now

    return sync_all(
        session.workspace,
        session.program,
        session.environment,
        sources,
        options=options,
        progress=progress,
        clock=(lambda: now) if now else utc_now,
        before_publishing=_show_unified,
    )


def _show_unified(con: "Connection", program: "Program") -> None:
    """Keep `unified_customers` in step with the entities' columns, so that readers have it from the first sync on."""
    from execution.health import view

    view.create(con, program)


def score(session: Session, as_of: datetime, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> Scored:
    """Work out measures and health scores as of `as_of`, and publish them where they changed."""
    from execution import engine, health, store

    with store.writer(session.workspace, timeout_s=timeout_s, then_publish=True) as con:
        derived = health.derive(con, session.program, as_of)
        read = con.execute("SELECT max(completed_at) FROM meta.sources").fetchone()
    is_over = read is not None and read[0] is not None and engine.naive_utc(as_of) < read[0]
    return Scored(
        as_of, derived.measures, derived.segments, derived.scores, _only_today(session.program) if is_over else {}
    )


def _only_today(program: "Program") -> dict[str, dict[str, tuple[str, ...]]]:
    from execution.health.looking_back import only_today

    return {name: only_today(program, score) for name, score in sorted(program.health.items())}


def write_context(session: Session, as_of: datetime) -> "Written":
    """Write the accounts' context files from the published store."""
    from execution import context, store

    with store.reader(session.workspace) as con:
        return context.write(con, session.program, session.workspace, as_of)


def write_reports(session: Session, names: Sequence[str], as_of: datetime) -> Reported:
    """Write the named reports (all by default) from the published store. Raises UsageError for an unknown one."""
    from execution import reports, store

    wanted = names or sorted(session.program.reports)
    require_known("report", wanted, session.program.reports)
    with store.reader(session.workspace) as con:
        return Reported(
            as_of,
            {name: reports.write(con, session.program, session.workspace, name, as_of) for name in wanted},
        )


def require_known(noun: str, names: Sequence[str], known: Mapping[str, object]) -> None:
    """Raises UsageError, naming what there is, for the first of `names` that is not in `known`."""
    for name in names:
        if name not in known:
            there = ", ".join(sorted(known))
            hint = f"there are: {there}" if there else f"no {noun} is declared in directives/"
            raise UsageError(f"there is no {noun} {name!r}", hint=hint, code="E212")
