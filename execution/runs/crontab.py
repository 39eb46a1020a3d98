"""Schedules as crontab lines, one per job, and the user's crontab with those lines in it.

Few crons know time zones, none makes up for a night the machine was off. So a line calls `gtm` at the schedule's
minutes of every hour, and `gtm run --if-due` decides, in the schedule's own time zone, whether its time has come.
"""

import shlex
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from execution.directives import Program
from execution.directives.model import Schedule
from execution.errors import UsageError
from execution.runs import cron
from execution.workspace import Workspace

_HALF_A_YEAR = timedelta(days=182)
_SAMPLE = 60


def lines(workspace: Workspace, program: Program, now: datetime, machine_zone: tzinfo | None = None) -> list[str]:
    """Crontab lines of every enabled schedule, each below a comment that says when it runs and where."""
    found: list[str] = []
    for schedule in sorted(program.schedules.values(), key=lambda schedule: schedule.name):
        if schedule.enabled:
            found.append(
                f"# {schedule.name}: {schedule.at} in {schedule.time_zone}; gtm itself looks whether it is due"
            )
            found.append(f"{minutes(schedule, now, machine_zone)} * * * * {command(workspace, schedule.name)}")
    return found


def minutes(schedule: Schedule, now: datetime, machine_zone: tzinfo | None = None) -> str:
    """The minutes of the machine's hours at which the schedule can come round, summer and winter."""
    times = [
        time
        for start in (now, now + _HALF_A_YEAR)
        for time in cron.upcoming(schedule.at, schedule.time_zone, start, _SAMPLE)
    ]
    return ",".join(str(minute) for minute in sorted({time.astimezone(machine_zone).minute for time in times})) or "0"


def command(workspace: Workspace, name: str) -> str:
    """The call, with absolute paths, since cron has neither the user's folder nor their PATH. Errors are left to
    cron, which mails them; everything else is in data/logs."""
    words = [*program_words(), "--workspace", str(workspace.root), "run", name, "--scheduled", "--if-due"]
    return shlex.join(words).replace("%", r"\%") + " >/dev/null"


def program_words() -> list[str]:
    """How this very `gtm` is called from anywhere."""
    beside = Path(sys.executable).with_name("gtm")
    return [str(beside)] if beside.exists() else [sys.executable, "-m", "execution.cli"]


def with_block(crontab: str, workspace: Workspace, block: list[str]) -> str:
    """The crontab with this workspace's block replaced, added, or, where `block` is empty, removed.

    Raises UsageError where the markers of an earlier block are broken.
    """
    begin, end = f"# gtm begin {workspace.root}", f"# gtm end {workspace.root}"
    kept = crontab.splitlines()
    if (kept.count(begin), kept.count(end)) == (1, 1) and kept.index(begin) < kept.index(end):
        del kept[kept.index(begin) : kept.index(end) + 1]
    elif begin in kept or end in kept:
        raise UsageError(
            "the crontab's gtm markers for this workspace are broken",
            hint=f"run `crontab -e` and remove the lines from `{begin}` to `{end}`",
            code="E230",
        )
    new = [*kept, begin, *block, end] if block else kept
    return "".join(line + "\n" for line in new)


def read_crontab() -> str:
    """The user's crontab, empty where there is none. Raises UsageError where the machine has no cron."""
    done = _crontab("-l")
    if done.returncode and "no crontab" not in done.stderr.lower():
        raise UsageError(f"the crontab cannot be read: {done.stderr.strip()}", code="E231")
    return done.stdout if done.returncode == 0 else ""


def write_crontab(text: str) -> None:
    """Put `text` in the crontab's place. Raises UsageError with cron's own words where it is refused."""
    done = _crontab("-", given=text)
    if done.returncode:
        raise UsageError(f"cron refused the crontab: {done.stderr.strip()}", code="E231")


def _crontab(argument: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    program = shutil.which("crontab")
    if program is None:
        raise UsageError(
            "this machine has no crontab command",
            hint="install cron, or keep `gtm schedule run` running instead",
            code="E231",
        )
    return subprocess.run([program, argument], input=given, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603
