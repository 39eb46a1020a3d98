"""The steps from the vendors to a report, each of which can run alone; `gtm run` and the demo run them in order."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from execution.errors import UsageError
from execution.runs.session import Session

if TYPE_CHECKING:
    from execution.context import Written
    from execution.directives import Program
    from execution.engine import Connection
    from execution.folders import Brought
    from execution.health.overrides import Standing
    from execution.reports import Composed, File, Form, Wish
    from execution.reports.deliver import Sent
    from execution.store.holding import Held, Reason
    from execution.sync.plan import Options
    from execution.sync.results import Progress, RunResult

DEFAULT_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Scored:
    """What scoring gave, as of a moment: rows by entity for measures, members by segment, rows by health name for
    scores. Of a moment that is over for the sources, `only_today` are the columns by score that are known only as they
    are today, with the parts that use them. `held` says why it was not published, `overridden` which checks would have
    held it back, had it not been told to publish anyway. `standing` are the overrides that people put beside the
    scores, where there are any."""

    as_of: datetime
    measures: dict[str, int]
    segments: dict[str, int]
    scores: dict[str, int]
    only_today: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    quality: dict[str, int] = field(default_factory=dict)
    held: "Held | None" = None
    overridden: tuple[str, ...] = ()
    standing: "Standing | None" = None


@dataclass(frozen=True, slots=True)
class Reported:
    """The reports that were written, and why some were not: a personal one of whose roles nobody is there."""

    as_of: datetime
    files: "tuple[File, ...]"
    left_out: tuple[str, ...] = ()
    sent: "tuple[Sent, ...]" = ()
    """What became of each on its way to its readers, where they were to be delivered."""

    @property
    def exit_code(self) -> int:
        """1 where a report will not reach somebody."""
        return int(any(each.ending in ("dead", "dropped") for each in self.sent))


def sync(
    session: Session,
    sources: Sequence[str] = (),
    *,
    options: "Options | None" = None,
    progress: "Progress | None" = None,
    now: datetime | None = None,
    publish_anyway: bool = False,
) -> "RunResult":
    """Bring the sources (all enabled ones by default) into the store, unify and publish: unless a check of quality that
    blocks fails, or even then (`publish_anyway`)."""
    from execution.sync.sync_all import sync_all, utc_now

    against: list[Reason] = []

    def before_publishing(con: "Connection", program: "Program") -> None:
        from execution import quality

        _show_unified(con, program)
        against[:] = quality.gate(con, program, now or utc_now(), anyway=publish_anyway)

    result = sync_all(
        session.workspace,
        session.program,
        session.environment,
        sources,
        options=options,
        progress=progress,
        clock=(lambda: now) if now else utc_now,
        before_publishing=before_publishing,
    )
    held, overridden = _judged(session, against, "sync", anyway=publish_anyway)
    return replace(result, held=held, overridden=overridden)


def _judged(
    session: Session, against: Sequence["Reason"], step: str, *, anyway: bool
) -> "tuple[Held | None, tuple[str, ...]]":
    """What checks that block made of a publication: why it is held back, or which of them were overridden. Either is
    written into the journal."""
    from execution.store import holding, journal

    if not against:
        return None, ()
    names = tuple(reason.check for reason in against)
    said = {"step": step, "checks": [str(reason) for reason in against]}
    journal.append(session.workspace, "published anyway" if anyway else "held back", said)
    return (None, names) if anyway else (holding.told(session.workspace), ())


def _show_unified(con: "Connection", program: "Program") -> None:
    """Keep `unified_customers` in step with the entities' columns, so that readers have it from the first sync on."""
    from execution.health import view

    view.create(con, program)


def score(
    session: Session, as_of: datetime, *, timeout_s: float = DEFAULT_TIMEOUT_S, publish_anyway: bool = False
) -> Scored:
    """Work out measures, quality and health scores as of `as_of`, and publish them where they changed: unless a check
    of quality that blocks fails, or even then (`publish_anyway`)."""
    from execution import engine, health, quality, store
    from execution.health import overrides

    with store.writer(session.workspace, timeout_s=timeout_s, then_publish=True) as con:
        _note_reads(session, con)
        derived = health.derive(con, session.program, as_of)
        stored, found = derived.stored, derived.found
        standing = overrides.standing(con, as_of, stored)
        against = quality.gate(con, session.program, as_of, anyway=publish_anyway, found=found, stored=stored)
        read = con.execute("SELECT max(completed_at) FROM meta.sources").fetchone()
    is_over = read is not None and read[0] is not None and engine.naive_utc(as_of) < read[0]
    held, overridden = _judged(session, against, "score", anyway=publish_anyway)
    only_today = _only_today(session.program) if is_over else {}
    return Scored(
        as_of,
        derived.measures,
        derived.segments,
        derived.scores,
        only_today,
        derived.quality,
        held,
        overridden,
        standing if standing.in_force or standing.expired else None,
    )


def _note_reads(session: Session, con: "Connection") -> None:
    """Bring what the store knows of when sources were read up to the journal: a sync that found nothing new wrote only
    there. It is no change by itself."""
    from execution import engine
    from execution.runs.freshness import last_reads

    known = dict(con.execute("SELECT source, max(completed_at) FROM meta.sources GROUP BY 1").fetchall())
    for source, moment in last_reads(session.workspace, known.keys()).items():
        if engine.naive_utc(moment) > known[source]:
            with engine.transaction(con):
                con.execute("DELETE FROM meta.sources WHERE source = ?", [source])
                con.execute("INSERT INTO meta.sources VALUES (?, ?)", [source, engine.naive_utc(moment)])


def _only_today(program: "Program") -> dict[str, dict[str, tuple[str, ...]]]:
    from execution.health.looking_back import only_today

    return {name: only_today(program, score) for name, score in sorted(program.health.items())}


def write_context(session: Session, as_of: datetime) -> "Written":
    """Finish the tasks that people ticked, put away the folders of accounts that are gone, and write the accounts'
    context files and what stands beside them, from the published store. The journal knows from which publication."""
    from execution import context, folders, store
    from execution.store import journal

    workspace, program = session.workspace, session.program
    finished = folders.finish(workspace, datetime.now(UTC))
    publication = store.newest(workspace)
    with store.reader(workspace) as con:
        settled = folders.settle(con, program, workspace, as_of)
        briefs = context.write(con, program, workspace, as_of)
        beside = folders.write(con, program, workspace, as_of, finished)
    written = together(briefs, beside)
    conflicts = (*settled.problems, *written.conflicts)
    written = replace(written, conflicts=conflicts, archived=settled.archived, finished=finished)
    journal.append(workspace, "context", {"publication": publication.number, "written": len(written.changed)})
    return written


def together(briefs: "Written", beside: "Brought") -> "Written":
    """What became of the context files and of what stands beside them."""
    return replace(
        briefs,
        changed=(*briefs.changed, *beside.changed),
        unchanged=(*briefs.unchanged, *beside.unchanged),
        conflicts=(*briefs.conflicts, *beside.conflicts),
        missing=(*briefs.missing, *beside.missing),
    )


def write_reports(
    session: Session,
    names: Sequence[str],
    as_of: datetime,
    wish: "Wish | None" = None,
    forms: "Collection[Form]" = (),
    *,
    deliver: bool = False,
) -> Reported:
    """Write the named reports (all by default) from the published store, and `deliver` them as their directives say; a
    personal one, where nobody is named, for everybody of its roles. Raises UsageError for an unknown one."""
    from execution import reports

    made = composed(session, names, as_of, wish)
    written = [reports.write(session.workspace, each, forms) for each in made]
    sent = _delivered(session, made, written, as_of) if deliver else ()
    wanted = names or session.program.reports
    return Reported(as_of, tuple(written), tuple(_left_out(session, wanted, wish, as_of)), sent)


def _delivered(
    session: Session, made: "Sequence[Composed]", written: "Sequence[File]", now: datetime
) -> "tuple[Sent, ...]":
    finished = [
        (composed, file)
        for composed, file in zip(made, written, strict=True)
        if session.program.reports[composed.name].deliver
    ]
    if not finished:
        return ()
    from execution.reports.deliver import Finished, deliver

    each = [Finished.of(composed, file.path) for composed, file in finished]
    return deliver(session.workspace, session.program, session.environment, each, now)


def composed(session: Session, names: Sequence[str], as_of: datetime, wish: "Wish | None" = None) -> "list[Composed]":
    """The same reports, put together and not written."""
    from execution import reports, store

    program, workspace = session.program, session.workspace
    wanted, wish = names or sorted(program.reports), wish or reports.Wish()
    require_known("report", wanted, program.reports)
    with store.reader(workspace) as con:
        kept = reports.Kept()
        return [
            reports.compose(con, program, workspace, name, as_of, replace(wish, user=user), kept)
            for name in wanted
            for user in _readers(session, name, wish, as_of)
        ]


def _left_out(session: Session, names: Iterable[str], wish: "Wish | None", as_of: datetime) -> Iterator[str]:
    for name in names if wish is None or wish.user is None else ():
        if not _readers(session, name, wish, as_of):
            yield f"{name}: nobody of the team is {', '.join(session.program.reports[name].roles)}"


def _readers(session: Session, name: str, wish: "Wish | None", as_of: datetime) -> Sequence[str | None]:
    """Whose a report is to be: that of the one who is named, of everybody of its roles, or nobody's own."""
    from execution import reports

    report = session.program.reports[name]
    user = wish.user if wish else None
    if user is not None or report.area != "personal" or not report.roles:
        return [user]
    return reports.readers(session.program, report, as_of)


def require_known(noun: str, names: Sequence[str], known: Mapping[str, object]) -> None:
    """Raises UsageError, naming what there is, for the first of `names` that is not in `known`."""
    for name in names:
        if name not in known:
            there = ", ".join(sorted(known))
            hint = f"there are: {there}" if there else f"no {noun} is declared in directives/"
            raise UsageError(f"there is no {noun} {name!r}", hint=hint, code="E212")
