"""The demo, end to end against a real sandbox, and the sandbox on its own."""

import json
import shutil
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from execution import store
from execution.bootstrap import demonstration, env_file
from execution.bootstrap.demonstration import World, demo
from execution.errors import UsageError
from execution.runs import steps
from execution.runs.session import open_session
from execution.workspace import Workspace
from tests.conftest import Golden

NOW = datetime(2026, 6, 1, 9, 30, 17, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> demonstration.Demonstrated:
    """A demo of twelve customers."""
    return demo(tmp_path_factory.mktemp("demo") / "ws", World(customers=12), now=NOW, reports=["daily", "cro"])


def test_the_whole_path_leaves_something_to_read(filled: demonstration.Demonstrated) -> None:
    assert filled.exit_code == 0
    assert filled.as_of == NOW.replace(second=0)
    assert {source.status for source in filled.sync.sources if source.source != "workspace"} == {"ok"}
    assert filled.briefs
    for path in (*filled.briefs, *filled.reports):
        assert (filled.root / path).read_text(encoding="utf-8").strip()
    with store.reader(Workspace(filled.root)) as con:
        found = con.execute("SELECT count(*), count(total_calls_booked) FROM core.customers").fetchone() or (0, 0)
    assert found[1] > 0


def test_its_environment_opens_nothing_but_the_sandbox(filled: demonstration.Demonstrated) -> None:
    file = filled.root / ".env"
    values = env_file.read(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    urls = [value for name, value in values.items() if name.endswith("__BASE_URL")]
    assert urls
    assert all(url.startswith("http://127.0.0.1:") for url in urls)
    assert all(value.startswith("sandbox-") for name, value in values.items() if name.endswith("_TOKEN"))


def test_every_report_says_what_was_read(filled: demonstration.Demonstrated, golden: Golden) -> None:
    """Of a report that everybody of a role has, that of the first of them."""
    session = open_session(Workspace(filled.root))
    for name in sorted(session.program.reports):
        composed = steps.composed(session, [name], filled.as_of)
        golden(f"reports/{name}.md", composed[0].text)


def test_again_makes_new_data_and_keeps_what_was_edited(filled: demonstration.Demonstrated, tmp_path: Path) -> None:
    root = tmp_path / "ws"
    shutil.copytree(filled.root, root)
    directive = root / "directives" / "reports" / "daily.md"
    directive.write_text(directive.read_text(encoding="utf-8") + "\nOurs.\n", encoding="utf-8")
    told: list[str] = []
    again = demo(root, World(customers=6, seed=2), tell=told.append, now=NOW, reports=["daily"])
    assert again.exit_code == 0
    assert directive.read_text(encoding="utf-8").endswith("Ours.\n")
    assert any("sandbox at http://127.0.0.1:" in line for line in told)


def test_nobodys_real_folder_is_touched(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HUBSPOT_TOKEN=real\n", encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "file"):
        with pytest.raises(UsageError, match="has other things in it"):
            demo(folder, now=NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "data", "file"]


def test_the_sandbox_says_where_it_is_and_ends_when_told() -> None:
    words = [sys.executable, "-m", "execution.cli", "sandbox", "--json", "--customers", "3"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        envelope = json.loads(process.stdout.readline())
        url = envelope["data"]["url"]
        assert httpx.get(f"{url}/_sandbox/log").status_code == 200
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, b"")
    assert envelope["data"]["environment"]["GTM_CALENDLY__BASE_URL"] == f"{url}/calendly"
