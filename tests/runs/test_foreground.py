"""The foreground scheduler: which jobs it has, and when APScheduler is told to start them."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

from execution.directives.model import Schedule
from execution.runs import foreground, schedules
from execution.workspace import Workspace


def schedule(name: str, *, enabled: bool = True) -> Schedule:
    return Schedule(
        kind="schedule", name=name, at="0 2 * * *", time_zone="Europe/Berlin", steps=("sync",), enabled=enabled
    )


def test_fires_at_the_schedules_times_through_the_change_of_clocks() -> None:
    trigger = foreground.CronTrigger(schedule("daily"))
    fired: list[datetime] = []
    now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    for _ in range(3):
        at = trigger.get_next_fire_time(fired[-1] if fired else None, now)
        assert at is not None
        fired.append(at)
        now = at + timedelta(seconds=1)
    assert [f"{at:%d %H:%M}" for at in fired] == ["25 00:00", "26 01:00", "27 01:00"]


def test_starts_what_was_missed_at_once_and_only_what_is_enabled() -> None:
    started: list[str] = []
    first = Event()

    def start(name: str) -> int:
        started.append(name)
        first.set()
        return 0

    scheduler = BackgroundScheduler(timezone=UTC)
    foreground.add_jobs(scheduler, [schedule("daily"), schedule("weekly", enabled=False)], start)
    scheduler.start()
    try:
        assert first.wait(5)
    finally:
        scheduler.shutdown()
    assert started == ["daily"]


def test_ends_when_it_is_told_to_and_has_caught_up_before(workspace: Workspace) -> None:
    hours_away = (datetime.now(UTC).hour + 12) % 24
    overlay = workspace.directives / "local" / "daily.md"
    overlay.write_text(f"---\nextends: daily\nkind: schedule\nat: 0 {hours_away} * * *\n---\n", encoding="utf-8")
    words = [sys.executable, "-m", "execution.cli", "-w", str(workspace.root), "schedule", "run"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        while schedules.last_run(workspace, "daily") is None and datetime.now(UTC) < deadline:
            assert process.poll() is None
            Event().wait(0.05)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert (out, err) == (b"", b"running the schedules; end with Ctrl-C\n")
    assert schedules.last_run(workspace, "daily") is not None
