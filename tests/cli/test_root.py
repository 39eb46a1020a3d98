"""The root command: global options anywhere, one way to fail, nothing imported for nothing."""

from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_command

from execution import __version__
from execution.cli.root import globals_first
from execution.cli.verbs import VERBS
from execution.workspace import Workspace
from tests.conftest import Golden

from .conftest import Gtm


@pytest.mark.parametrize(
    ("args", "ordered"),
    [
        (["sync", "--json"], ["--json", "sync"]),
        (["sync", "-w", "x", "calendly"], ["-w", "x", "sync", "calendly"]),
        (["sync", "--workspace=x"], ["--workspace=x", "sync"]),
        (["query", "--", "--json"], ["query", "--", "--json"]),
        (["sync", "--workspace"], ["--workspace", "sync"]),
        ([], []),
    ],
)
def test_global_options_may_stand_anywhere(args: list[str], ordered: list[str]) -> None:
    assert globals_first(args) == ordered


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_says_what_its_line_in_the_root_says(name: str) -> None:
    app = import_module(f"execution.cli.{VERBS[name].module}").app
    shown = (get_command(app).help or "").split("\n\n")[0].replace("\n", " ")
    first = VERBS[name].help.rstrip(".").split(":")[0]
    assert first.split()[0].lower() == shown.split()[0].lower(), shown


@pytest.mark.parametrize("name", ["gtm", *sorted(VERBS)])
def test_help_is_what_was_read(gtm: Gtm, golden: Golden, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    called = gtm("--help") if name == "gtm" else gtm(name, "--help")
    golden(f"help/{name}.txt", called.out)


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_has_examples_that_call_it(gtm: Gtm, name: str) -> None:
    called = gtm(name, "--help")
    assert called.code == 0
    examples = called.out.partition("Examples:")[2].strip().splitlines()
    assert examples
    assert all(f"gtm {name}" in line for line in examples)


def test_help_lists_every_verb(gtm: Gtm) -> None:
    for args in ([], ["--help"], ["-h"]):
        called = gtm(*args)
        assert called.code == 0
        assert all(f"\n  {name} " in called.out for name in VERBS)


def test_version(gtm: Gtm) -> None:
    assert gtm("--version").out == f"gtm {__version__}\n"


@pytest.mark.parametrize(
    ("args", "said", "hint"),
    [
        (["chek"], "there is no verb 'chek'", "did you mean `gtm check`?"),
        (["zzzz"], "there is no verb 'zzzz'", "see `gtm --help`"),
        (["query", "--lmit", "3"], "no such option: --lmit", "see `gtm query --help`"),
        (["query", "--limit", "x"], "invalid value for '--limit'", "see `gtm query --help`"),
        (["db", "bakup"], "no such command 'bakup'", "see `gtm db --help`"),
        (["db"], "missing command", "see `gtm db --help`"),
        (["run"], "missing argument", "see `gtm run --help`"),
        (["--nope"], "no such option: --nope", "see `gtm --help`"),
    ],
)
def test_a_wrong_call_says_what_to_do(gtm: Gtm, args: list[str], said: str, hint: str) -> None:
    called = gtm(*args)
    assert called.code == 2
    assert called.out == ""
    assert said in called.err
    assert f"  hint: {hint}" in called.err
    error = gtm("--json", *args).envelope["error"]
    assert said in error["message"]
    assert error["hint"] == hint


def test_a_place_that_is_no_workspace(gtm: Gtm, tmp_path: Path) -> None:
    called = gtm("status", "--workspace", str(tmp_path))
    assert called.code == 2
    assert "E201" in called.err
    assert f"gtm init {tmp_path}" in called.err


def test_our_own_bug_is_one_sentence_and_a_file(
    gtm: Gtm, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("deep inside")

    monkeypatch.setattr("execution.bootstrap.sources.listing", break_down)
    called = gtm("source", "list")
    assert called.code == 5
    assert "Traceback" not in called.err
    (log,) = workspace.logs.glob("gtm-crash-*.log")
    assert str(log) in called.err
    assert "deep inside" in log.read_text(encoding="utf-8")
    assert log.stat().st_mode & 0o077 == 0


def test_a_bug_outside_any_workspace_is_told_too(gtm: Gtm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("execution.bootstrap.workspaces.init", break_down)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.chdir(tmp_path)
    called = gtm("init", "x", "--json")
    assert called.code == 5
    assert called.envelope["error"]["code"] == "E500"
    assert list(tmp_path.glob("gtm-crash-*.log"))
