"""Every command that a tool stands for answers, on a store that the sandbox filled."""

import json
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from execution import engine, store
from execution.agents import commands, definitions
from execution.agents.files import read_files
from execution.bootstrap import demonstration
from execution.bootstrap.demonstration import World
from execution.cli.root import run
from execution.workspace import Workspace

ROOT = Path(__file__).parents[2]
DAY = datetime(2026, 6, 15, 6, tzinfo=UTC)
FOUND, _ = definitions.read(read_files(ROOT))
COMMANDS = sorted(
    {command.run for tool in FOUND.tools.values() for command in tool.commands if command.effect != "asks a vendor"}
)
ASKING_VENDORS = sorted(
    {command.run for tool in FOUND.tools.values() for command in tool.commands if command.effect == "asks a vendor"}
)


def values(demo: Path) -> dict[str, str]:
    """A value for every placeholder, of somebody who is in the store."""
    with store.reader(Workspace(demo)) as con:
        (who,) = engine.dicts(
            con,
            """
            SELECT email, company_domain AS domain FROM unified_customers
            WHERE mrr > 0 AND company_domain IN (SELECT domain FROM unified_companies) ORDER BY mrr DESC, email LIMIT 1
            """,
        )
        alerts = engine.dicts(con, "SELECT alert FROM ops.alerts ORDER BY alert LIMIT 1")
    given = {name: about.example for name, about in FOUND.placeholders.items()}
    found = {"ACCOUNT": who["domain"], "DOMAIN": who["domain"], "EMAIL": who["email"], "ALERT": alerts[0]["alert"]}
    return given | found | {"DAY": "2026-06-14", "PATH": "directives/segments/paying.md"}


def wrong(envelope: dict[str, Any], code: int) -> str:
    """Why an answer is none; nothing where it is one. Exit code 1 says that there are findings: the answer holds."""
    if list(envelope) != ["ok", "command", "data", "problems", "error"]:
        return f"no envelope: {list(envelope)}"
    if envelope["error"] is not None or envelope["data"] is None:
        return str(envelope["error"])
    return "" if code in (0, 1) else f"exit code {code}"


@pytest.mark.timeout(600)
def test_every_mapped_command_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo = demonstration.demo(tmp_path / "demo", World(customers=12), now=DAY, reports=["daily"]).root
    given = values(demo)
    failed = {}
    for command in COMMANDS:
        words = commands.filled(shlex.split(command)[1:], given)
        code = run(["--workspace", str(demo), *words])
        if why := wrong(json.loads(capsys.readouterr().out), code):
            failed[command] = why
    assert failed == {}


def test_what_asks_a_vendor_is_marked() -> None:
    assert ASKING_VENDORS == ["gtm source check SOURCE --json", "gtm source fields SOURCE --json"]


def test_every_placeholder_is_used() -> None:
    used = {word for each in COMMANDS + ASKING_VENDORS for word in commands.placeholders_in(shlex.split(each))}
    assert used == set(FOUND.placeholders)
