"""Crontab lines, and the user's crontab with them in it."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from execution.bootstrap import timing
from execution.directives.model import Schedule
from execution.errors import UsageError
from execution.runs import crontab
from execution.workspace import Workspace

NOW = datetime(2026, 1, 15, tzinfo=UTC)


def schedule(at: str, zone: str) -> Schedule:
    return Schedule(kind="schedule", name="daily", at=at, time_zone=zone, steps=("sync",))


@pytest.mark.parametrize(
    ("at", "zone", "machine", "expected"),
    [
        ("30 6 * * *", "Europe/Berlin", "UTC", "30"),
        ("0 6 * * *", "Asia/Kolkata", "America/New_York", "30"),
        ("*/15 * * * *", "UTC", "UTC", "0,15,30,45"),
        ("0 6 * * *", "Australia/Lord_Howe", "UTC", "0,30"),  # half an hour of summer time
        ("0 0 31 2 *", "UTC", "UTC", "0"),
    ],
)
def test_is_called_at_the_schedules_minutes_by_the_machines_clock(
    at: str, zone: str, machine: str, expected: str
) -> None:
    assert crontab.minutes(schedule(at, zone), NOW, ZoneInfo(machine)) == expected


def test_a_line_needs_nothing_of_crons_surroundings(workspace: Workspace) -> None:
    lines = timing.cron(workspace).lines
    comment = "# daily: 0 6 * * * in UTC; gtm itself looks whether it is due"
    line = lines[lines.index(comment) + 1]
    _, *stars, program, option, root, rest = line.split(" ", 8)
    assert stars == ["*"] * 4
    assert Path(program).is_absolute()
    assert (option, root) == ("--workspace", str(workspace.root))
    assert rest == "run daily --scheduled --if-due >/dev/null"


def test_paths_are_quoted_as_shell_and_cron_want_it() -> None:
    words = crontab.command(Workspace(Path("/srv/100% acme's")), "daily")
    assert "--workspace '/srv/100\\% acme'\"'\"'s' run" in words


def test_the_block_is_added_replaced_and_removed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    mine = "MAILTO=me@x.com\n0 1 * * * backup\n"
    with_one = crontab.with_block(mine, workspace, ["0 * * * * one"])
    assert with_one.startswith(mine)
    with_two = crontab.with_block(with_one, workspace, ["0 * * * * two"])
    assert "one" not in with_two
    assert with_two.count("# gtm begin") == 1
    assert crontab.with_block(with_two, workspace, []) == mine


def test_two_workspaces_keep_out_of_each_others_way(tmp_path: Path) -> None:
    both = crontab.with_block("", Workspace(tmp_path / "a"), ["0 * * * * a"])
    both = crontab.with_block(both, Workspace(tmp_path / "b"), ["0 * * * * b"])
    assert crontab.with_block(both, Workspace(tmp_path / "a"), []).count("* b") == 1


def test_broken_markers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="markers for this workspace are broken"):
        crontab.with_block(f"# gtm begin {tmp_path}\n0 * * * * x\n", Workspace(tmp_path), [])


@pytest.fixture
def cron(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `crontab` command that keeps the table in a file."""
    table, program = tmp_path / "table", tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f'case "$1" in -l) cat {table} 2>/dev/null || {{ echo "no crontab for you" >&2; exit 1; }};;\n'
        f"-) cat > {table};; esac\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return table


def test_installs_into_the_users_crontab(workspace: Workspace, cron: Path) -> None:
    shown = timing.install(workspace, dry_run=True)
    assert not cron.exists()
    timing.install(workspace, dry_run=False)
    timing.install(workspace, dry_run=False)
    assert cron.read_text(encoding="utf-8") == shown.text
    timing.install(workspace, dry_run=False, remove=True)
    assert cron.read_text(encoding="utf-8") == ""


def test_a_machine_without_cron_is_told_what_else_works(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="no crontab command") as caught:
        timing.install(workspace, dry_run=False)
    assert "gtm schedule run" in caught.value.hint
