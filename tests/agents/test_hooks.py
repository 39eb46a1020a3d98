"""The hooks as the host calls them: its JSON on stdin, from any folder, with gtm, without gtm, without Python."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
"""Where this Python and gtm are."""


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "a ws")  # a blank in its name, as people have it
    return tmp_path / "a ws"


def called(
    root: Path, hook: str, given: object, *, path: str = f"{BIN}:/usr/bin:/bin", **more: str
) -> subprocess.CompletedProcess[str]:
    """What a hook answers when the host calls it from elsewhere."""
    environment = {"PATH": path, "CLAUDE_PROJECT_DIR": str(root), "HOME": str(root), **more}
    text = given if isinstance(given, str) else json.dumps(given)
    command = 'sh "$CLAUDE_PROJECT_DIR/.claude/hooks/run.sh" ' + hook
    return subprocess.run(
        ["/bin/sh", "-c", command], input=text, capture_output=True, text=True, check=False, env=environment, cwd="/"
    )


def after_edit(root: Path, path: str, **more: str) -> subprocess.CompletedProcess[str]:
    given = {"hook_event_name": "PostToolUse", "tool_name": "Edit", "cwd": str(root), "tool_input": {"file_path": path}}
    return called(root, "after_edit", given, **more)


def test_the_settings_call_them_so(root: Path) -> None:
    hooks = json.loads((root / ".claude" / "settings.json").read_text(encoding="utf-8"))["hooks"]
    found = {event: each["command"] for event, groups in hooks.items() for group in groups for each in group["hooks"]}
    assert found == {
        event: f'sh "$CLAUDE_PROJECT_DIR/.claude/hooks/run.sh" {hook}'
        for event, hook in (("SessionStart", "session_start"), ("PreToolUse", "guard"), ("PostToolUse", "after_edit"))
    }


@pytest.mark.parametrize("is_absolute", [True, False])
def test_after_an_edit_the_findings_go_to_the_agent(root: Path, is_absolute: bool) -> None:
    path = "directives/health/customer-health.md"
    file = root / path
    file.write_text(file.read_text(encoding="utf-8").replace("weight: 25", "wieght: 25", 1), encoding="utf-8")
    done = after_edit(root, str(file) if is_absolute else path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gtm finds ")
    assert f"{path}:12:" in done.stderr
    assert "did you mean 'weight'?" in done.stderr


def test_after_an_edit_of_an_agents_definition_it_says_to_build(root: Path) -> None:
    file = root / "workspace-setup" / "agents" / "customers.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("Watch the health", "Guard the health"), encoding="utf-8")
    done = after_edit(root, str(file))
    assert done.returncode == 2
    assert "run `gtm agents build`" in done.stderr


def test_where_all_is_well_nothing_is_said(root: Path) -> None:
    done = after_edit(root, "directives/health/customer-health.md")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "path", ["README.md", "customers/acme/account.md", "/etc/hosts", "../x.md", "directives/x.png", ""]
)
def test_other_files_are_not_looked_at(root: Path, path: str) -> None:
    (root / "directives" / "broken.md").write_text("---\nkind: nonsense\n---\n", encoding="utf-8")
    assert after_edit(root, path).returncode == 0


@pytest.mark.parametrize("given", ["", "no JSON", "[]", "{}", '{"tool_input": null}'])
@pytest.mark.parametrize("hook", ["guard", "after_edit"])
def test_what_the_host_never_sends_stops_nothing(root: Path, hook: str, given: str) -> None:
    done = called(root, hook, given)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("hook", ["session_start", "after_edit", "guard"])
def test_without_gtm_or_python_there_is_silence(root: Path, tmp_path: Path, hook: str) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("dirname", "sh"):
        (tools / name).symlink_to(shutil.which(name) or "")
    done = called(root, hook, {"tool_name": "Bash", "tool_input": {"command": "rm x"}}, path=str(tools))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (tools / "python3").symlink_to(sys.executable)
    done = called(
        root, hook, {"tool_name": "Read", "tool_input": {"file_path": ".env"}, "cwd": str(root)}, path=str(tools)
    )
    assert done.returncode == (2 if hook == "guard" else 0)
    assert done.stderr.startswith("Not done: it reads credentials.") if hook == "guard" else done.stderr == ""


def test_the_guard_tells_the_agent_why(root: Path) -> None:
    done = called(root, "guard", {"tool_name": "Bash", "cwd": str(root), "tool_input": {"command": "rm -rf customers"}})
    assert done.returncode == 2
    assert done.stderr.startswith("Not done: it deletes files, and files here are people's.")
    assert called(root, "guard", {"tool_name": "Bash", "tool_input": {"command": "gtm status"}}).returncode == 0


def test_a_session_begins_with_the_state_of_the_store(root: Path) -> None:
    done = called(root, "session_start", {"hook_event_name": "SessionStart", "source": "startup", "cwd": str(root)})
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0].startswith("The store of this workspace, by `gtm status` at ")
    assert lines[1] == "- nothing is published yet: a person connects a source and runs `gtm sync`"
    assert any(line.startswith("- not connected: ") and "hubspot" in line for line in lines)
    assert len(lines) < 10


def test_the_virtual_environment_above_is_found_and_put_on_the_path(root: Path) -> None:
    (root.parent / ".venv" / "bin").mkdir(parents=True)
    for name in ("gtm", "python"):
        (root.parent / ".venv" / "bin" / name).write_text(f'#!/bin/sh\nexec "{BIN / name}" "$@"\n', encoding="utf-8")
        (root.parent / ".venv" / "bin" / name).chmod(0o755)
    env_file = root / "env.sh"
    done = called(root, "session_start", {}, path="/usr/bin:/bin", CLAUDE_ENV_FILE=str(env_file))
    assert done.stdout.startswith("The store of this workspace")
    shown = subprocess.run(
        ["/bin/sh", "-c", f'. "{env_file}"; command -v gtm'],
        capture_output=True, text=True, check=True, env={"PATH": os.defpath},
    ).stdout  # fmt: skip
    assert shown.strip() == str(root.parent / ".venv" / "bin" / "gtm")
