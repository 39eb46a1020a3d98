"""`gtm run` and `gtm schedule`: schedules now, by cron, or in the foreground."""

from dataclasses import dataclass
from datetime import UTC, datetime

from execution.bootstrap.sources import program_of
from execution.runs import schedules
from execution.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Crontab:
    """The crontab lines of the workspace's schedules; `installed` says whether they were written, and `text` is the
    whole crontab that results."""

    lines: tuple[str, ...]
    installed: bool = False
    text: str = ""


def run(
    workspace: Workspace, name: str, *, is_scheduled: bool, only_if_due: bool, watch: schedules.Watch | None = None
) -> schedules.ScheduleRun:
    """Run a schedule's steps; a scheduled run is also logged to data/logs."""
    if not is_scheduled:
        return schedules.run(workspace, name, only_if_due=only_if_due, watch=watch)
    from execution.runs import logs

    with logs.log_of(workspace, name) as log:
        try:
            result = schedules.run(workspace, name, is_scheduled=True, only_if_due=only_if_due, watch=watch)
        except Exception as error:
            log.exception("%s: stopped: %s", name, error)  # noqa: TRY401 - the sentence is what people search for
            raise
        logs.write(log, result)
    return result


def listing(workspace: Workspace) -> list[schedules.Upcoming]:
    """Every schedule, with its last and next run."""
    return schedules.listing(workspace, program_of(workspace), datetime.now(UTC))


def cron(workspace: Workspace) -> Crontab:
    """The crontab lines, for whoever installs them."""
    from execution.runs import crontab

    return Crontab(tuple(crontab.lines(workspace, program_of(workspace), datetime.now(UTC))))


def install(workspace: Workspace, *, dry_run: bool, remove: bool = False) -> Crontab:
    """Write the lines into the user's crontab between markers (or, `remove`, take them out); other lines are kept."""
    from execution.runs import crontab

    lines = () if remove else cron(workspace).lines
    text = crontab.with_block(crontab.read_crontab(), workspace, list(lines))
    if not dry_run:
        crontab.write_crontab(text)
    return Crontab(lines, installed=not dry_run, text=text)


def run_forever(workspace: Workspace) -> None:
    """Keep the schedules in this process until it is told to end."""
    from execution.runs import foreground

    foreground.run_forever(workspace, list(program_of(workspace).schedules.values()))
