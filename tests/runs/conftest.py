"""A workspace with the shipped directives, small enough to copy for each test."""

import shutil
from pathlib import Path

import pytest

from execution.workspace import Workspace


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Workspace:
    """A copy of it, of the test's own."""
    root = tmp_path / "ws"
    shutil.copytree(made, root)
    return Workspace(root)
