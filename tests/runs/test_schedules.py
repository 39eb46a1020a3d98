"""Schedules: what runs, in which order, what stops it, and when its time has come."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from execution.errors import CredentialsError, DirectiveError, StoreBusyError, UsageError
from execution.runs import logs, schedules
from execution.runs.schedules import ScheduleRun, StepResult
from execution.runs.session import Session
from execution.store import journal
from execution.workspace import Workspace

SIX = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps' names as they run, none of them doing anything else."""
    seen: list[str] = []

    def step(name: str) -> object:
        def run(session: Session, schedule: object, now: datetime) -> tuple[int, str]:
            seen.append(name)
            return 0, "done"

        return run

    for name in ("sync", "score", "alerts", "context", "report"):
        monkeypatch.setitem(schedules._STEPS, name, step(name))
    return seen


def fail(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception) -> None:
    def run(session: Session, schedule: object, now: datetime) -> tuple[int, str]:
        raise error

    monkeypatch.setitem(schedules._STEPS, name, run)


def test_runs_the_steps_in_order_and_writes_the_journal(workspace: Workspace, ran: list[str]) -> None:
    watched: list[str] = []
    result = schedules.run(workspace, "daily", now=SIX, watch=lambda step: watched.append(step.step))
    assert ran == watched == ["sync", "score", "alerts", "context", "report"]
    assert result.exit_code == 0
    entry = next(journal.entries(workspace, "run"))
    assert (entry["schedule"], entry["exit_code"], len(entry["steps"])) == ("daily", 0, 5)


def test_a_vendor_that_is_down_does_not_stop_the_report(
    workspace: Workspace, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(monkeypatch, "sync", CredentialsError("no", hint="renew it"))
    result = schedules.run(workspace, "daily", now=SIX)
    assert ran == ["score", "alerts", "context", "report"]
    assert result.exit_code == 3
    assert result.steps[0].hint == "renew it"


def test_a_busy_store_stops_the_run(workspace: Workspace, ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    fail(monkeypatch, "score", StoreBusyError("held by somebody"))
    result = schedules.run(workspace, "daily", now=SIX)
    assert ran == ["sync"]
    assert result.exit_code == 4


def test_names_the_schedules_there_are(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="no schedule 'dayly'") as caught:
        schedules.run(workspace, "dayly")
    assert caught.value.hint == "there are: alerts, daily, monthly, quarterly, weekly"


def test_directives_that_do_not_hold_run_nothing(workspace: Workspace, ran: list[str]) -> None:
    (workspace.directives / "health" / "customer-health.md").write_text("nothing", encoding="utf-8")
    with pytest.raises(DirectiveError):
        schedules.run(workspace, "daily", now=SIX)
    assert ran == []


def test_the_gravest_exit_code_wins() -> None:
    codes = [3, 1, 0]
    run = ScheduleRun("x", SIX, steps=tuple(StepResult("s", code, 0.0, "") for code in codes))
    assert run.exit_code == 3
    assert ScheduleRun("x", SIX).exit_code == 0


# --- when its time has come ---------------------------------------------------------------------


def due(workspace: Workspace, now: datetime) -> ScheduleRun:
    return schedules.run(workspace, "daily", only_if_due=True, now=now)


def test_a_new_schedule_waits_for_its_first_time(workspace: Workspace, ran: list[str]) -> None:
    waiting = due(workspace, SIX + timedelta(hours=3))
    assert "next time is 2026-06-02 06:00 UTC" in waiting.skipped
    assert not waiting.is_due
    assert ran == []
    assert due(workspace, SIX + timedelta(days=1)).steps


def test_cron_is_allowed_to_be_a_little_late_the_first_time(workspace: Workspace, ran: list[str]) -> None:
    assert due(workspace, SIX + timedelta(minutes=1)).steps


def test_runs_once_for_each_time(workspace: Workspace, ran: list[str]) -> None:
    due(workspace, SIX)
    assert due(workspace, SIX + timedelta(minutes=1)).skipped
    assert due(workspace, SIX + timedelta(hours=23)).skipped
    assert due(workspace, SIX + timedelta(hours=24)).steps


def test_nights_that_were_missed_are_made_up_for_once(workspace: Workspace, ran: list[str]) -> None:
    due(workspace, SIX)
    back = SIX + timedelta(days=4, hours=5)
    assert due(workspace, back).steps
    assert due(workspace, back + timedelta(hours=1)).skipped


def test_looks_at_the_clock_of_its_own_time_zone(workspace: Workspace, ran: list[str]) -> None:
    overlay = workspace.directives / "local" / "daily.md"
    overlay.write_text("---\nextends: daily\nkind: schedule\ntime_zone: Asia/Kolkata\n---\n", encoding="utf-8")
    assert due(workspace, datetime(2026, 6, 1, 0, 29, tzinfo=UTC)).skipped
    assert due(workspace, datetime(2026, 6, 1, 0, 30, tzinfo=UTC)).steps


def test_a_schedule_that_is_off_runs_only_by_hand(workspace: Workspace, ran: list[str]) -> None:
    overlay = workspace.directives / "local" / "daily.md"
    overlay.write_text("---\nextends: daily\nkind: schedule\nenabled: false\n---\n", encoding="utf-8")
    assert due(workspace, SIX).skipped == "it is not enabled"
    assert schedules.run(workspace, "daily", now=SIX).steps


def test_never_runs_beside_itself(workspace: Workspace, ran: list[str]) -> None:
    folder = workspace.data / "schedules"
    folder.mkdir(parents=True)
    with FileLock(folder / "daily.lock"):
        result = schedules.run(workspace, "daily", now=SIX)
    assert result.skipped == "it is still running"
    assert result.is_due
    assert ran == []


# --- what is committed --------------------------------------------------------------------------


def git(root: Path, *words: str) -> None:
    who = {
        "GIT_AUTHOR_NAME": "t",
        "GIT_AUTHOR_EMAIL": "t@x.com",
        "GIT_COMMITTER_NAME": "t",
        "GIT_COMMITTER_EMAIL": "t@x.com",
    }
    command = ["git", "-C", str(root), *words]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **who})


def commit(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "all")


def test_an_edit_that_is_not_committed_does_not_run_under_cron(workspace: Workspace, ran: list[str]) -> None:
    commit(workspace.root)
    broken = workspace.directives / "health" / "customer-health.md"
    broken.write_text("half an edit", encoding="utf-8")
    result = schedules.run(workspace, "daily", is_scheduled=True, now=SIX)
    assert result.exit_code == 0
    assert result.notes == ("not committed, so not run: directives/health/customer-health.md",)
    with pytest.raises(DirectiveError):
        schedules.run(workspace, "daily", now=SIX)


def test_overlays_that_git_ignores_run_as_they_are(workspace: Workspace, ran: list[str]) -> None:
    (workspace.root / ".gitignore").write_text("directives/local/*\n", encoding="utf-8")
    commit(workspace.root)
    overlay = workspace.directives / "local" / "daily.md"
    overlay.write_text("---\nextends: daily\nkind: schedule\nsteps: [score]\nreports: []\n---\n", encoding="utf-8")
    assert schedules.run(workspace, "daily", is_scheduled=True, now=SIX).notes == ()
    assert ran == ["score"]


def test_without_git_the_files_run_and_the_run_says_so(workspace: Workspace, ran: list[str]) -> None:
    result = schedules.run(workspace, "daily", is_scheduled=True, now=SIX)
    assert result.steps
    assert result.notes == ("directives are not under git: they run as they are on disk",)


# --- the list and the log -----------------------------------------------------------------------


def test_lists_last_and_next_run(workspace: Workspace, ran: list[str]) -> None:
    schedules.run(workspace, "daily", now=SIX)
    from execution.bootstrap.sources import program_of

    listed = schedules.listing(workspace, program_of(workspace), SIX + timedelta(hours=1))
    (daily,) = (each for each in listed if each.name == "daily")
    assert daily.last_run == SIX
    assert daily.next_run == SIX + timedelta(days=1)


def test_logs_what_ran_and_what_could_not(workspace: Workspace) -> None:
    steps = (StepResult("sync", 3, 1.25, "calendly failed\nreally"), StepResult("score", 0, 0.5, "fine"))
    with logs.log_of(workspace, "daily") as log:
        logs.write(log, ScheduleRun("daily", SIX, 1.75, steps, notes=("as committed",)))
        logs.write(log, ScheduleRun("daily", SIX, skipped="it is still running"))
        logs.write(log, ScheduleRun("daily", SIX, skipped="its next time is tomorrow", is_due=False))
    lines = (workspace.logs / "daily.log").read_text(encoding="utf-8").splitlines()
    assert [line.split(" ", 2)[1:] for line in lines] == [
        ["INFO", "daily: as committed"],
        ["ERROR", "daily: sync in 1.2 s: calendly failed really"],
        ["INFO", "daily: score in 0.5 s: fine"],
        ["INFO", "daily: ended with exit code 3 after 1.8 s"],
        ["WARNING", "daily: not run: it is still running"],
    ]


def test_a_log_does_not_grow_for_ever(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_BYTES", 400)
    with logs.log_of(workspace, "daily") as log:
        for _ in range(100):
            logs.write(log, ScheduleRun("daily", SIX, skipped="it is still running"))
    assert len(list(workspace.logs.glob("daily.log*"))) == 1 + 5
