"""A store is the same to DuckDB 1.5 and 2: what one wrote the other opens, goes on with, and hands back.

The tests run in one of two virtual environments and look for the other; `make test-duckdb2` makes the second one.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from execution import engine
from tests.store.following import follow

ROOT = Path(__file__).parents[2]
Follow = Callable[[Path, int], dict[str, Any]]


@pytest.fixture(scope="module")
def by_the_other() -> Follow:
    """`follow`, done by the other version of DuckDB."""
    name = ".venv" if Path(sys.prefix) == ROOT / ".venv-duckdb2" else ".venv-duckdb2"
    python = ROOT / name / "bin" / "python"
    if not python.exists():
        pytest.skip(f"there is no {name}/ with the other DuckDB: `make test-duckdb2` makes it")

    def run(root: Path, orders: int) -> dict[str, Any]:
        command = [str(python), "-m", "tests.store.following", str(root), str(orders)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        assert answer["version"].partition(".")[0] != engine.VERSION.partition(".")[0], f"{name}/ has the same DuckDB"
        return answer

    return run


@pytest.mark.parametrize("begins", ["this version", "the other"])
def test_each_goes_on_where_the_other_ended(tmp_path: Path, by_the_other: Follow, begins: str) -> None:
    first, then = (follow, by_the_other) if begins == "this version" else (by_the_other, follow)
    written = first(tmp_path, 3)
    read = then(tmp_path, 3)
    assert read["rows"] == written["rows"], "what one wrote the other reads"
    assert not read["is_published"], "and finds nothing new in the same records"
    changed = then(tmp_path, 5)
    assert changed["is_published"]
    assert changed["rows"] != written["rows"]
    again = first(tmp_path, 5)
    assert again["rows"] == changed["rows"], "the first opens what the other wrote into its store"
    assert not again["is_published"]
