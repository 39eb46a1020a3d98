"""`gtm agents`, `gtm check` and `gtm init`, as they are called."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from execution.bootstrap import workspaces
from execution.cli.root import run
from execution.workspace import Workspace

Called = Callable[..., tuple[int, str, dict[str, Any]]]


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(made, tmp_path / "ws")
    return Workspace(tmp_path / "ws")


@pytest.fixture
def gtm(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Called:
    """`gtm("check")` → exit code, what is printed, and the envelope."""

    def call(*words: str) -> tuple[int, str, dict[str, Any]]:
        at = ("--workspace", str(workspace.root))
        code = run([*at, *words])
        printed = capsys.readouterr().out
        assert run([*at, *words, "--json"]) in (code, 0)
        envelope: dict[str, Any] = json.loads(capsys.readouterr().out)
        return code, printed, envelope

    return call


def test_a_new_workspace_has_what_agents_need(made: Path) -> None:
    for path in (
        "AGENTS.md", "CLAUDE.md", ".claude/settings.json", ".claude/hooks/run.sh", ".claude/hooks/guard.py",
        ".claude/skills/add-a-source/SKILL.md", ".claude/commands/morning.md",
        ".claude/agents/customers/health-monitor.md",
        "workspace-setup/agents/tools.yaml", "workspace-setup/agents/README.md",
    ):  # fmt: skip
        assert (made / path).is_file(), path
    assert not (made / ".claude" / "settings.local.json").exists()
    assert ".claude/settings.local.json" in (made / ".gitignore").read_text(encoding="utf-8")


def test_nothing_of_ones_own_is_written_over(tmp_path: Path) -> None:
    mine = tmp_path / ".claude" / "settings.json"
    mine.parent.mkdir()
    mine.write_text("{}", encoding="utf-8")
    assert ".claude/settings.json" in workspaces.init(tmp_path).kept
    assert mine.read_text(encoding="utf-8") == "{}"


def test_a_new_workspace_holds(gtm: Called) -> None:
    assert gtm("check")[0] == 0
    code, out, envelope = gtm("agents", "check")
    assert code == 0
    assert out.startswith("no problems in 22 agents with ")
    assert set(envelope["data"]["files"].values()) == {"current"}
    assert gtm("agents", "build")[2]["data"]["written"] == []


def test_agents_are_listed(gtm: Called) -> None:
    _, out, envelope = gtm("agents", "list", "--area", "customers")
    assert {each["category"] for each in envelope["data"]} == {"Customer Intelligence"}
    assert {each["state"] for each in envelope["data"]} == {"current"}
    assert "health-monitor" in out
    code, _, envelope = gtm("agents", "list", "--area", "customer")
    assert (code, envelope["error"]["code"], envelope["error"]["hint"]) == (2, "E212", "did you mean 'customers'?")


def test_check_finds_mistakes_in_what_agents_read(gtm: Called, workspace: Workspace) -> None:
    settings = workspace.root / ".claude" / "settings.json"
    settings.write_text(settings.read_text(encoding="utf-8").replace('"PreToolUse"', '"PreTooluse"'), encoding="utf-8")
    skill = workspace.root / ".claude" / "skills" / "ask-the-store" / "SKILL.md"
    skill.write_text(skill.read_text(encoding="utf-8").replace("description:", "descripton:"), encoding="utf-8")
    code, out, envelope = gtm("check")
    assert code == 2
    assert {each["code"] for each in envelope["problems"]} == {"E247", "E248"}
    assert ".claude/settings.json" in out
    assert {each["path"] for each in gtm("check", ".claude/skills")[2]["problems"]} == {
        ".claude/skills/ask-the-store/SKILL.md"
    }
    assert gtm("check", "directives")[0] == 0
    assert gtm("check", "workspace-setup/agents/tools.yaml")[0] == 0


def test_a_mistake_is_found_again_until_it_is_mended(gtm: Called, workspace: Workspace) -> None:
    tools = workspace.root / "workspace-setup" / "agents" / "tools.yaml"
    before = tools.read_text(encoding="utf-8")
    tools.write_text(before.replace("gtm status --json", "gtm sttaus --json", 1), encoding="utf-8")
    assert gtm("check")[0] == gtm("check")[0] == 2
    tools.write_text(before, encoding="utf-8")
    assert gtm("check")[0] == gtm("check")[0] == 0


def test_build_check_says_what_is_stale_and_writes_nothing(gtm: Called, workspace: Workspace) -> None:
    definition = workspace.root / "workspace-setup" / "agents" / "customers.yaml"
    text = definition.read_text(encoding="utf-8")
    definition.write_text(text.replace("Watch the health", "Guard the health"), encoding="utf-8")
    file = workspace.root / ".claude" / "agents" / "customers" / "health-monitor.md"
    before = file.read_bytes()
    for words in (("agents", "build", "--check"), ("agents", "check")):
        code, out, envelope = gtm(*words)
        assert code == 1
        assert [each["code"] for each in envelope["problems"]] == ["E446"]
        assert ".claude/agents/customers/health-monitor.md:1:1: E446" in out
    assert gtm("check")[0] == 0
    assert file.read_bytes() == before
    assert "health-monitor.md: written" in gtm("agents", "build")[1]
    assert gtm("agents", "check")[0] == 0


def test_nothing_is_built_of_definitions_with_a_mistake(gtm: Called, workspace: Workspace) -> None:
    definition = workspace.root / "workspace-setup" / "agents" / "customers.yaml"
    text = definition.read_text(encoding="utf-8")
    definition.write_text(text.replace("health_overview,", "health_overviw,"), encoding="utf-8")
    code, _, envelope = gtm("agents", "build")
    assert (code, envelope["error"]["code"]) == (2, "E100")
    assert [each["code"] for each in envelope["problems"]] == ["E246"]
    assert gtm("agents", "check")[0] == 2


def test_an_edit_by_hand_is_told(gtm: Called, workspace: Workspace) -> None:
    file = workspace.root / ".claude" / "agents" / "customers" / "health-monitor.md"
    file.write_text(file.read_text(encoding="utf-8").replace("color: blue", "color: red"), encoding="utf-8")
    code, out, _ = gtm("agents", "build")
    assert code == 1
    assert "the frontmatter was edited; it was kept" in out


def test_a_workspace_without_agents_is_none_the_worse(gtm: Called, workspace: Workspace) -> None:
    shutil.rmtree(workspace.root / ".claude")
    shutil.rmtree(workspace.root / "workspace-setup")
    assert gtm("check")[0] == 0
    assert gtm("agents", "check")[0] == 0
    assert gtm("agents", "list")[2]["data"] == []
