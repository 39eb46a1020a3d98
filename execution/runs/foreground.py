"""`gtm schedule run`: the schedules in one foreground process, for containers and machines without cron.

APScheduler keeps the time; every run is a process of its own (`gtm run NAME --scheduled --if-due`), so a run's memory
is given back, an upgrade takes effect at the next run, and a crash ends one run only.
"""

import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger

from execution.directives.model import Schedule
from execution.runs import cron
from execution.runs.crontab import program_words
from execution.workspace import Workspace


class CronTrigger(BaseTrigger):  # type: ignore[misc] # APScheduler 3 has no type hints
    """A schedule's own times, for APScheduler."""

    def __init__(self, schedule: Schedule) -> None:
        self._cron = cron.parse(schedule.at)
        self._zone = ZoneInfo(schedule.time_zone)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        after = max(previous_fire_time, now) if previous_fire_time else now
        return self._cron.next_after(after.astimezone(UTC), self._zone)


class Runs:
    """The runs under way, so that they can be ended with this process."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._under_way: set[subprocess.Popen[bytes]] = set()

    def start(self, name: str) -> int:
        """Run one schedule, if it is due, in a process of its own; its exit code."""
        words = [*program_words(), "--workspace", str(self._workspace.root), "run", name, "--scheduled", "--if-due"]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - our own command
            self._under_way.add(process)
            try:
                return process.wait()
            finally:
                self._under_way.discard(process)

    def end(self) -> None:
        """Ask the runs under way to end. A sync that is cut short goes on where it was, the next time."""
        for process in list(self._under_way):
            process.terminate()


def run_forever(workspace: Workspace, schedules: Sequence[Schedule]) -> None:
    """Run enabled schedules at their times until the process is told to end; first whatever was missed."""
    scheduler = BlockingScheduler(timezone=UTC)
    runs = Runs(workspace)
    add_jobs(scheduler, schedules, runs.start)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
    try:
        scheduler.start()
    except SystemExit:
        runs.end()


def _stop(*_: object) -> None:
    raise SystemExit


def add_jobs(scheduler: BaseScheduler, schedules: Sequence[Schedule], start: Callable[[str], int]) -> None:
    """A job per enabled schedule: at once, for a run that was missed, and then at its times."""
    for schedule in schedules:
        if schedule.enabled:
            scheduler.add_job(
                start,
                CronTrigger(schedule),
                args=[schedule.name],
                id=schedule.name,
                next_run_time=datetime.now(UTC),
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
