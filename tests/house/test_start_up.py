"""What each verb imports: starting is most of what a local command takes, and importing most of starting.

No test here looks at the clock; a module that is not needed is not there.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from execution import store
from execution.bootstrap import checking, workspaces
from execution.cli.grammar import Grammar
from execution.workspace import Workspace

ROOT = Path(__file__).parents[2]

NETWORK = {"httpx", "msgspec", "uvicorn", "asyncio"}
READING = {"yaml", "frontmatter", "sqlglot"}
"""Directives that are known to hold are not read again."""
HEAVY = {"duckdb", "pydantic", "jinja2", "rich", "apscheduler", *NETWORK, *READING}

ABSENT = {
    "--help": HEAVY,
    "brief acme": HEAVY,
    "query": HEAVY - {"duckdb", "rich"},
    "query --format csv": HEAVY - {"duckdb"},
    "status": HEAVY - {"duckdb", "pydantic", "rich"},
    "status --json": HEAVY - {"duckdb", "pydantic"},
    "check": HEAVY - {"pydantic", "jinja2"},  # templates of drafts are checked too
    "score": HEAVY - {"duckdb", "pydantic"},
    "source list --json": HEAVY - {"pydantic"},
    "sync --dry-run --json": HEAVY - {"duckdb", "pydantic", "msgspec", "asyncio"},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace whose directives are known to hold, with a store and a brief."""
    workspace = Workspace(workspaces.init(tmp_path_factory.mktemp("made")).root)
    assert checking.check(workspace, commands=Grammar()).problems == ()
    with store.writer(workspace, then_publish=True):
        pass
    brief = workspace.customers / "acme" / "context" / "compact.md"
    brief.parent.mkdir(parents=True)
    brief.write_text("# Acme\n", encoding="utf-8")
    return workspace


def loaded(workspace: Workspace, words: str) -> set[str]:
    """The packages that a call of `gtm` has imported at its end, which must be a good one."""
    code = (
        "import sys; from execution.cli.root import run; code = run(sys.argv[1:]); "
        "print('loaded:', *sorted({name.partition('.')[0] for name, module in sys.modules.items() if module}), "
        "file=sys.stderr); sys.exit(code)"
    )
    call = [sys.executable, "-c", code, "--workspace", str(workspace.root), *words.split()]
    done = subprocess.run(call, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.rpartition("loaded:")[2].split())


@pytest.mark.parametrize("words", ABSENT)
def test_a_verb_imports_what_it_needs(made: Workspace, words: str) -> None:
    found = loaded(made, words)
    assert found & ABSENT[words] == set()
    assert "typer" in found


def test_after_an_edit_of_prose_no_sql_is_checked(made: Workspace) -> None:
    settings = made.directives / "settings.md"
    settings.write_text(settings.read_text(encoding="utf-8") + "\nMore prose.\n", encoding="utf-8")
    found = loaded(made, "check")
    assert "yaml" in found
    assert found & {"duckdb", "sqlglot", *NETWORK} == set()


def test_a_client_brings_no_command_line_of_httpx_along() -> None:
    code = "import sys, execution.clients.base_client; print(*(name for name, module in sys.modules.items() if module))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    found = set(done.stdout.split())
    assert "httpx" in found
    assert found & {"httpx._main", "click", "pygments", "rich"} == set()
