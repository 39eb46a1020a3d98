"""Calling `gtm` within the test's own process, and a workspace to call it on."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from execution.cli.root import run
from execution.workspace import Workspace


@dataclass(frozen=True)
class Called:
    """What a call printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def envelope(self) -> dict[str, Any]:
        """Its one JSON envelope, which is all that stdout may have."""
        parsed: dict[str, Any] = json.loads(self.out)
        assert list(parsed) == ["ok", "command", "data", "problems", "error"]
        assert parsed["ok"] == (self.code == 0)
        return parsed


Gtm = Callable[..., Called]


@pytest.fixture
def gtm(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Gtm:
    """`gtm("check", "--json")` → exit code, stdout, stderr, as wide as into a pipe."""
    monkeypatch.delenv("COLUMNS", raising=False)  # test workers have one

    def call(*args: str) -> Called:
        code = run(args)
        printed = capsys.readouterr()
        return Called(code, printed.out, printed.err)

    return call


Copied = Callable[[Path], Workspace]


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copied:
    """`copied(root)`: a copy of a workspace, and the one that calls work on."""

    def copy(root: Path) -> Workspace:
        shutil.copytree(root, tmp_path / "ws")
        monkeypatch.setenv("GTM_WORKSPACE", str(tmp_path / "ws"))
        monkeypatch.delenv("CALENDLY_TOKEN", raising=False)
        return Workspace(tmp_path / "ws")

    return copy


@pytest.fixture
def workspace(made: Path, copied: Copied) -> Workspace:
    """A workspace as `gtm init` makes it, of the test's own."""
    return copied(made)
