"""A schedule's steps, run in order: now, or only if their time has come since they last ran.

The second is what cron and the foreground scheduler call. They call it too often rather than too seldom, so a run
missed while the machine slept is made up for once, in the schedule's own time zone, by any cron.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from execution.directives import Program, read_folder
from execution.directives.model import Schedule
from execution.errors import GtmError
from execution.runs import cron, steps
from execution.runs.checked import program_of
from execution.runs.session import Session, committed
from execution.settings import load_environment
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.store.holding import Held

_STOPS = frozenset({2, 4, 5})
"""Exit codes after which the later steps would not do what was asked for. A vendor that is down is not one of them:
the others are in, and the report says what is stale."""

_GRACE = timedelta(minutes=5)
"""How late the first call may be that knows of no run before it; whoever comes later waits for the next time."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step: its exit code as the command line has them, and what it did, or why not, in a sentence."""

    step: str
    exit_code: int
    seconds: float
    summary: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ScheduleRun:
    """One run of a schedule. `skipped` says why nothing ran, `is_due` is false where its time had merely not come;
    `notes` say which directives ran."""

    schedule: str
    started: datetime
    seconds: float = 0.0
    steps: tuple[StepResult, ...] = ()
    skipped: str = ""
    is_due: bool = True
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """The gravest of the steps': a refusal or bug before failed sources, these before findings."""
        return max((step.exit_code for step in self.steps), key=(0, 1, 3, 2, 4, 5).index, default=0)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A schedule and when it comes round: UTC times, the last one it ran at if it ever did."""

    name: str
    title: str
    at: str
    time_zone: str
    steps: tuple[str, ...]
    enabled: bool
    last_run: datetime | None
    next_run: datetime | None


Watch = Callable[[StepResult], None]


def listing(workspace: Workspace, program: Program, now: datetime) -> list[Upcoming]:
    """Every schedule with its last and next run, by name."""
    return [
        Upcoming(
            schedule.name,
            schedule.title,
            schedule.at,
            schedule.time_zone,
            tuple(schedule.steps),
            schedule.enabled,
            last_run(workspace, schedule.name),
            next(iter(cron.upcoming(schedule.at, schedule.time_zone, now, 1)), None) if schedule.enabled else None,
        )
        for schedule in sorted(program.schedules.values(), key=lambda schedule: schedule.name)
    ]


def run(
    workspace: Workspace,
    name: str,
    *,
    is_scheduled: bool = False,
    only_if_due: bool = False,
    now: datetime | None = None,
    watch: Watch | None = None,
) -> ScheduleRun:
    """Run a schedule's steps in order, unless it is running already or, `only_if_due`, its time has not come.

    `is_scheduled` runs the directives of git HEAD. Raises UsageError for an unknown schedule and DirectiveError for
    directives that do not hold; a failing step is in the result.
    """
    moment = now or datetime.now(UTC)
    texts, notes = committed(workspace.root) if is_scheduled else (read_folder(workspace.root), ())
    program = program_of(workspace, texts)
    if name not in program.schedules:
        program.require_valid()
    steps.require_known("schedule", [name], program.schedules)
    schedule = program.schedules[name]
    with _turn(workspace, name) as is_ours:
        if not is_ours:
            return ScheduleRun(name, moment, skipped="it is still running", notes=notes)
        if only_if_due and (reason := _why_not_now(workspace, schedule, moment)):
            return ScheduleRun(name, moment, skipped=reason, is_due=False, notes=notes)
        _remember(workspace, name, moment)
        session = Session(workspace, program.require_valid(), load_environment(workspace), notes)
        return _run_steps(session, schedule, moment, watch)


def _run_steps(session: Session, schedule: Schedule, now: datetime, watch: Watch | None) -> ScheduleRun:
    from execution.store import journal

    began = monotonic()
    done: list[StepResult] = []
    for step in schedule.steps:
        result = _run_step(session, schedule, step, now)
        done.append(result)
        if watch:
            watch(result)
        if result.exit_code in _STOPS:
            break
    outcome = ScheduleRun(schedule.name, now, monotonic() - began, tuple(done), notes=session.notes)
    journal.append(session.workspace, "run", asdict(outcome) | {"exit_code": outcome.exit_code})
    return outcome


def _run_step(session: Session, schedule: Schedule, step: str, now: datetime) -> StepResult:
    began = monotonic()
    try:
        code, summary = _STEPS[step](session, schedule, now)
    except GtmError as error:
        return StepResult(step, error.exit_code, monotonic() - began, str(error), error.hint)
    return StepResult(step, code, monotonic() - began, summary)


def _sync(session: Session, schedule: Schedule, now: datetime) -> tuple[int, str]:  # noqa: ARG001 - one shape for all
    result = steps.sync(session, now=now)
    counts = [
        f"{source.source} {source.status}" + (f" ({source.error})" if source.error else "") for source in result.sources
    ]
    said = ", ".join(counts) or "no source is enabled"
    return result.exit_code, f"{said}; {_held(result.held)}" if result.held else said


def _held(held: "Held") -> str:
    stays = f", publication {held.publication} stays" if held.publication else ""
    return f"{held.code} held back{stays}: {'; '.join(map(str, held.reasons))}"


def _score(session: Session, schedule: Schedule, now: datetime) -> tuple[int, str]:  # noqa: ARG001
    scored = steps.score(session, now)
    said = ", ".join(f"{name}: {rows} scored" for name, rows in scored.scores.items()) or "no health is declared"
    return (4, f"{said}; {_held(scored.held)}") if scored.held else (0, said)


def _alerts(session: Session, schedule: Schedule, now: datetime) -> tuple[int, str]:  # noqa: ARG001
    from execution.runs.alerting import alert

    alerted = alert(session, now)
    failures = "; ".join(str(error) for error in alerted.evaluated.failures.values())
    return alerted.exit_code, f"{alerted.said}; {failures}" if failures else alerted.said


def _context(session: Session, schedule: Schedule, now: datetime) -> tuple[int, str]:  # noqa: ARG001
    written = steps.write_context(session, now)
    conflicts = f", {len(written.conflicts)} edited by hand and kept" if written.conflicts else ""
    return (
        1 if written.conflicts else 0
    ), f"{len(written.changed)} written, {len(written.unchanged)} unchanged{conflicts}"


def _report(session: Session, schedule: Schedule, now: datetime) -> tuple[int, str]:
    reported = steps.write_reports(session, schedule.reports, now, deliver=True)
    said = ", ".join(file.path.as_posix() for file in reported.files)
    lost = [f"{each.report} did not reach {each.to}: {each.error}" for each in reported.sent if each.error]
    return reported.exit_code, "; ".join([said, *lost])


_STEPS: dict[str, Callable[[Session, Schedule, datetime], tuple[int, str]]] = {
    "sync": _sync,
    "score": _score,
    "alerts": _alerts,
    "context": _context,
    "report": _report,
}


# --- whose turn it is, and when it last was -----------------------------------------------------


@contextmanager
def _turn(workspace: Workspace, name: str) -> Iterator[bool]:
    """Whether nobody else runs this schedule now; if so, nobody does until the end of the block."""
    from filelock import FileLock, Timeout

    folder = workspace.data / "schedules"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{name}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def last_run(workspace: Workspace, name: str) -> datetime | None:
    """When the schedule last began, by hand or by itself."""
    try:
        return datetime.fromisoformat((workspace.data / "schedules" / name).read_text(encoding="utf-8").strip())
    except (FileNotFoundError, ValueError):
        return None


def _remember(workspace: Workspace, name: str, moment: datetime) -> None:
    file = workspace.data / "schedules" / name
    partial = file.with_suffix(".partial")
    partial.write_text(moment.isoformat() + "\n", encoding="utf-8")
    partial.replace(file)


def _why_not_now(workspace: Workspace, schedule: Schedule, now: datetime) -> str:
    """Empty where the schedule's time has come since it last ran; otherwise the reason it has not."""
    if not schedule.enabled:
        return "it is not enabled"
    last = last_run(workspace, schedule.name)
    due = next(iter(cron.upcoming(schedule.at, schedule.time_zone, last or now - _GRACE, 1)), None)
    if due is not None and due <= now:
        return ""
    if last is None:
        _remember(workspace, schedule.name, now)
    local = due.astimezone(ZoneInfo(schedule.time_zone)) if due else None
    return f"its next time is {local:%Y-%m-%d %H:%M} {schedule.time_zone}" if local else "its time never comes"


def as_entry(run: ScheduleRun) -> dict[str, Any]:
    """The run as `--json` and the log give it."""
    return asdict(run) | {"exit_code": run.exit_code}
