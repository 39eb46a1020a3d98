"""Golden files: what the code gives is compared with what was read and committed; `make snap` rewrites them. And the
workspace that tests copy for themselves."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from execution.workspace import Workspace

ROOT = Path(__file__).parents[1]
_GOLDEN = Path(__file__).parent / "golden"

Golden = Callable[[str, str], None]

settings.register_profile("same", derandomize=True)
settings.load_profile("same")
"""Hypothesis tries the same examples in every run, so that a change is not refused for what it did not cause;
`make hunt` tries others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever compares with a golden file, so that `make snap` runs just those."""
    for item in items:
        if "golden" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.golden)


def pytest_configure(config: pytest.Config) -> None:
    """Databases that a test opens work alone, for there are as many workers as cores, and a few rows are not worth a
    second thread. And what checks of the repository's directives found is remembered before any worker begins: they
    take a while."""
    from execution import engine
    from execution.directives import read_folder
    from execution.runs.checked import program_of

    engine.DEFAULTS["threads"] = 1
    if not hasattr(config, "workerinput"):
        program_of(Workspace(ROOT), read_folder(ROOT))


@pytest.fixture
def golden() -> Golden:
    """`golden("help/sync.txt", text)`: fails where `text` is not what tests/golden/help/sync.txt has."""

    def compare(name: str, text: str) -> None:
        file = _GOLDEN / name
        if os.environ.get("GTM_SNAP"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            return
        assert file.exists(), f"tests/golden/{name} is not there yet: run `make snap`, then read it"
        assert text == file.read_text(encoding="utf-8"), f"tests/golden/{name} differs: `make snap` rewrites it"

    return compare


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as `gtm init` makes it, whose directives are known to hold; not to be changed."""
    from execution.bootstrap import workspaces
    from execution.directives import read_folder
    from execution.runs.checked import program_of

    workspace = Workspace(workspaces.init(tmp_path_factory.mktemp("made")).root)
    program_of(workspace, read_folder(workspace.root)).require_valid()
    return workspace.root
