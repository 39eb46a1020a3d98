"""`gtm init` and `gtm connect` as a person meets them, on a terminal."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from execution.bootstrap import env_file, sources
from execution.workspace import Workspace

from .conftest import GOOD, Vendor


def converse(*words: str, answers: dict[str, str]) -> str:
    """Run `gtm` on a terminal of its own, answer each question once it is there in full; all the terminal showed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "execution.cli", *words]
    shown = ""
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        waiting = dict(answers)
        until = time.monotonic() + 30
        while time.monotonic() < until and process.poll() is None:
            if not select.select([ours], [], [], 0.1)[0]:
                continue
            try:
                read = os.read(ours, 4096).decode()
            except OSError:  # the other end is closed: it has ended
                break
            shown += read
            for question in [question for question in waiting if question in shown]:
                os.write(ours, f"{waiting.pop(question)}\n".encode())
        if process.poll() is None:
            process.kill()
    shown += _rest(ours)
    assert process.returncode == 0, shown
    assert waiting == {}, shown
    return shown


def _rest(terminal: int) -> str:
    """What was still to be read when the program had ended."""
    text = b""
    try:
        while select.select([terminal], [], [], 0)[0] and (read := os.read(terminal, 4096)):
            text += read
    except OSError:
        pass  # how a terminal says that nobody is at its other end
    os.close(terminal)
    return text.decode()


def test_init_asks_for_the_teams_own_facts_once(tmp_path: Path) -> None:
    answers = {
        "Time zone [UTC]": "Europe/Berlin",
        "Currency of amounts [USD]": "EUR",
        "First month": "",
        "Domains of the team": "acme.com, acme.de",
    }
    converse("init", str(tmp_path / "new"), answers=answers)
    settings = sources.program_of(Workspace(tmp_path / "new")).settings
    assert (settings.time_zone, settings.base_currency, settings.fiscal_year_starts) == ("Europe/Berlin", "EUR", 1)
    assert settings.internal_domains == ("acme.com", "acme.de")
    assert "Time zone" not in converse("init", str(tmp_path / "new"), answers={})


def test_connect_asks_without_showing_the_answer(workspace: Workspace, calendly: Vendor) -> None:
    shown = converse("-w", str(workspace.root), "connect", "calendly", answers={"CALENDLY_TOKEN: ": GOOD})
    assert GOOD not in shown
    assert "calendly is connected" in shown
    assert env_file.read(workspace.env_file) == {"CALENDLY_TOKEN": GOOD}
    kept = converse("-w", str(workspace.root), "connect", "calendly", answers={"Enter keeps the present one): ": ""})
    assert "calendly is connected" in kept
    assert env_file.read(workspace.env_file) == {"CALENDLY_TOKEN": GOOD}
