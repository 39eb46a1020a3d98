"""Directives that are known to hold are neither read nor checked again; with any doubt, everything is."""

import json
import shutil
from pathlib import Path

import pytest

import execution
from execution.directives import Program, Texts, loading, read_folder
from execution.directives.sql.memory import Memory
from execution.errors import DirectiveError
from execution.files import cache
from execution.runs import checked
from execution.runs.session import open_session
from execution.workspace import Workspace
from tests.sync.vendor import TEXTS


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with a few directives, of which nothing is known yet, nor by the repository that gtm runs from."""
    monkeypatch.setattr(checked, "_BESIDE", Workspace(tmp_path / "repository"))
    return _filled(tmp_path / "ws")


def _filled(root: Path) -> Workspace:
    for path, text in TEXTS.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Workspace(root)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For each time that texts are read: how many pieces of SQL were known to hold."""
    seen: list[int] = []
    load = loading.load

    def counted(texts: Texts, memory: Memory | None = None) -> Program:
        seen.append(len(memory.holding()) if memory else 0)
        return load(texts, memory)

    monkeypatch.setattr(loading, "load", counted)
    return seen


def edit(workspace: Workspace, name: str, old: str, new: str) -> None:
    file = workspace.directives / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def look(workspace: Workspace) -> Program:
    return checked.program_of(workspace, read_folder(workspace.root))


def test_the_same_texts_are_read_once(workspace: Workspace, loads: list[int]) -> None:
    first, second = look(workspace), look(workspace)
    assert loads == [0]
    assert first == second


def test_after_an_edit_the_texts_are_read_and_known_sql_is_not_checked(workspace: Workspace, loads: list[int]) -> None:
    look(workspace)
    edit(workspace, "settings.md", "---\n", "---\n# a comment\n")
    look(workspace)
    _, holding = json.loads(cache.read(workspace.cache / "sql.json") or "")
    assert loads == [0, len(holding)]
    assert holding


def test_a_new_workspace_knows_what_the_repository_knows(
    workspace: Workspace, loads: list[int], tmp_path: Path
) -> None:
    """Most of its directives are those of the repository."""
    look(_filled(tmp_path / "repository"))
    first = look(workspace)
    assert loads == [0, loads[1]]
    assert loads[1] > 0
    assert first.problems == ()


def test_problems_are_found_every_time_and_mended_ones_are_gone(workspace: Workspace, loads: list[int]) -> None:
    look(workspace)
    edit(workspace, "data-sources/shop-sync.md", "count(", "cuont(")
    for _ in range(2):
        assert {problem.code for problem in look(workspace).problems} == {"E143"}
        with pytest.raises(DirectiveError):
            open_session(workspace)
    edit(workspace, "data-sources/shop-sync.md", "cuont(", "count(")
    assert look(workspace).problems == ()
    assert len(loads) == 5


def test_another_checker_takes_nothing_for_known(
    workspace: Workspace, loads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    look(workspace)
    monkeypatch.setattr(checked, "_checker", lambda: "another")
    look(workspace)
    look(workspace)
    assert loads == [0, 0]


@pytest.mark.parametrize("part", ["directives/schema.py", "engine/__init__.py"])
def test_a_changed_program_is_another_checker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    package = tmp_path / "execution"
    shutil.copytree(Path(str(execution.__file__)).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(execution, "__file__", str(package / "__init__.py"))
    before = checked._checker.__wrapped__()
    (package / part).write_text((package / part).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert checked._checker.__wrapped__() != before


def test_a_damaged_cache_is_made_anew(workspace: Workspace, loads: list[int]) -> None:
    program = look(workspace)
    for file in (workspace.cache / "sql.json", *(workspace.cache / "programs").iterdir()):
        file.write_bytes(file.read_bytes()[:-10])
    assert look(workspace) == program
    assert look(workspace) == program
    assert loads == [0, 0]


def test_a_value_that_holds_no_longer_is_named(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts are the same; the machine has forgotten a time zone."""
    from execution.directives.model import running

    edit(workspace, "settings.md", "name: settings\n", "name: settings\ntime_zone: Europe/Berlin\n")
    assert look(workspace).problems == ()

    def gone(name: str) -> object:
        raise KeyError(name)

    monkeypatch.setattr(running, "ZoneInfo", gone)
    assert {problem.code for problem in look(workspace).problems} == {"E113"}


def test_the_last_programs_are_kept(workspace: Workspace) -> None:
    for number in range(checked._KEPT + 2):
        edit(workspace, "settings.md", "---\n", f"---\n# {number}\n")
        look(workspace)
    assert len(list((workspace.cache / "programs").iterdir())) == checked._KEPT


def test_a_cache_that_cannot_be_written_is_no_error(workspace: Workspace, loads: list[int]) -> None:
    workspace.data.mkdir(exist_ok=True)
    workspace.cache.write_text("in the way", encoding="utf-8")
    assert look(workspace) == look(workspace)
    assert loads == [0, 0]
