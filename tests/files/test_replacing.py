"""A file is replaced only where it still is what was read, whole or not at all, whenever the process is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from execution.errors import Problem
from execution.files import managed, replacing
from execution.files.writing import UNSTEADY, Block, write_block

OLD, NEW = b"old\n" * 1000, b"new\n" * 1000


@pytest.fixture(params=["exchange", "no exchange"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that can let two files change places, and one that cannot."""
    if request.param == "no exchange":
        monkeypatch.setattr(replacing, "_renameat2", lambda: None)


@pytest.mark.usefixtures("system")
def test_it_is_replaced_where_it_is_as_it_was_read(tmp_path: Path) -> None:
    file = tmp_path / "a" / "file.md"
    assert replacing.replace(file, OLD, None)
    assert not replacing.replace(file, NEW, None), "somebody made it meanwhile"
    assert replacing.replace(file, NEW, OLD)
    assert file.read_bytes() == NEW
    assert not replacing.replace(file, OLD, b"something else")
    assert file.read_bytes() == NEW
    assert [entry.name for entry in (tmp_path / "a").iterdir()] == ["file.md"]


@pytest.mark.usefixtures("system")
def test_one_that_was_deleted_meanwhile_is_not_as_it_was_read(tmp_path: Path) -> None:
    assert not replacing.replace(tmp_path / "file.md", NEW, OLD)
    assert list(tmp_path.iterdir()) == []


def test_without_links_a_new_file_is_made_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert replacing.replace(tmp_path / "file.md", NEW, None)
    assert not replacing.replace(tmp_path / "file.md", OLD, None)
    assert (tmp_path / "file.md").read_bytes() == NEW


@pytest.mark.usefixtures("system")
def test_what_a_person_saves_while_the_block_is_made_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    write_block(tmp_path, file, Block("compact", "a", "0" * 16, lambda: "first\n"))

    def saved_meanwhile() -> str:
        file.write_text("Mine.\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
        return "second\n"

    assert write_block(tmp_path, file, Block("compact", "a", "1" * 16, saved_meanwhile)) is True
    text = file.read_text(encoding="utf-8")
    assert text.startswith("Mine.\n")
    assert "second" in text
    assert text.count("Mine.") == 1


def test_a_file_that_never_holds_still_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.md"
    write_block(tmp_path, file, Block("compact", "a", "0" * 16, lambda: "first\n"))
    before = file.read_bytes()
    monkeypatch.setattr(replacing, "replace", lambda *_: False)
    found = write_block(tmp_path, file, Block("compact", "a", "1" * 16, lambda: "second\n"))
    assert isinstance(found, Problem)
    assert found.code == UNSTEADY
    assert file.read_bytes() == before


WRITER = """
import sys
from pathlib import Path
from execution.files.writing import Block, write_block
root = Path(sys.argv[1])
print("ready", flush=True)
for turn in range(10**9):
    text = f"turn {turn}\\n" * 2000
    write_block(root, root / "x.md", Block("compact", "a", f"{turn:016x}", lambda text=text: text))
"""


def test_killed_at_any_instant_the_file_is_old_or_new_and_never_half(tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    for instant in range(12):
        child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.003 * instant)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        if file.exists():
            found = managed.parse(file.read_text(encoding="utf-8"), "compact")
            assert found is not None
            assert found.is_untouched
    assert write_block(tmp_path, file, Block("compact", "a", "f" * 16, lambda: "the end\n")) is True
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.md"], "what the killed ones left is cleared away"


def test_what_a_killed_run_left_of_somebodys_words_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    write_block(tmp_path, file, Block("compact", "a", "0" * 16, lambda: "first\n"))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = tmp_path / f".x.md.{dead.pid}.swap"
    left.write_text("Saved at the last moment.\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / f".x.md.{dead.pid}.partial").write_text("half", encoding="utf-8")
    write_block(tmp_path, file, Block("compact", "a", "1" * 16, lambda: "second\n"))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["x.kept.md", "x.md"]
    assert "Saved at the last moment." in (tmp_path / "x.kept.md").read_text(encoding="utf-8")
