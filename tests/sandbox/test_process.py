"""Starting and stopping: ready when it says so, gone when it should be, and clear about what is wrong."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from execution.errors import GtmError, UsageError
from execution.sandbox import Options, environment, start
from execution.sandbox.__main__ import main
from execution.sandbox.options import from_json

SMALL = Options(customers=3, speed=0, max_seconds=30)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid: int, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


def test_it_lives_as_long_as_the_block() -> None:
    with start(SMALL) as running:
        health = running.ask("GET", "health")
        assert health == {
            "now": "2026-11-02T12:00:00.000000Z",
            "seed": 1,
            "customers": 3,
            "vendors": ["calendly", "hubspot", "intercom", "stripe"],
        }
        pid = running.pid
        assert is_alive(pid)
    assert not is_alive(pid)
    running.stop()


def test_the_environment_names_every_vendor() -> None:
    with start(Options(customers=0, vendors=("hubspot",), max_seconds=30)) as running:
        assert running.environment == {
            "GTM_HUBSPOT__BASE_URL": f"{running.url}/hubspot",
            "HUBSPOT_TOKEN": "sandbox-hubspot",
        }
        assert running.environment == environment(running.options, running.url)


def test_an_error_in_the_block_ends_it_too() -> None:
    with pytest.raises(ZeroDivisionError), start(SMALL) as running:
        pid = running.pid
        _ = 1 // 0
    assert not is_alive(pid)


def test_its_life_has_an_end() -> None:
    with start(Options(customers=3, max_seconds=0.5)) as running:
        running._process.wait(5)
        assert running._process.returncode == 0


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys, time\n"
        "from execution.sandbox import Options, start\n"
        "running = start(Options(customers=3, max_seconds=30))\n"
        "print(running.pid, flush=True)\n"
        "time.sleep(30)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait(5)
        assert wait_until_gone(child)


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(GtmError, match=f"port {port}"):
            start(Options(customers=3, port=port, max_seconds=30))


def test_faults_that_make_no_sense_are_told_at_the_start() -> None:
    with pytest.raises(GtmError, match="gremlins"):
        start(Options(customers=3, faults=({"kind": "gremlins"},), max_seconds=30))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"vendors": ("salesforce",)}, "there is no 'salesforce'"),
        ({"customers": -1}, "customers"),
        ({"customers": 3_000_000}, "customers"),
        ({"as_of": datetime(2026, 1, 1)}, "no zone"),  # noqa: DTZ001 - that is the point
        ({"speed": -1.0}, "negative"),
        ({"max_seconds": 0}, "max_seconds"),
        ({"port": 70_000}, "no port 70000"),
    ],
)
def test_options_that_make_no_sense(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Options(**wrong)  # type: ignore[arg-type]


def test_options_survive_the_way_to_the_child() -> None:
    options = Options(
        seed=5,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        faults=({"kind": "slow", "ms": 3},),
        render_ahead=(("email",), ("zip", "city")),
    )
    read = from_json(options.to_json())
    assert read.to_json() == options.to_json()
    assert read.render_ahead == options.render_ahead


@pytest.mark.parametrize("text", ["{", '{"customers": "many"}', '{"vendors": ["x"]}'])
def test_wrong_options_for_the_child(text: str) -> None:
    with pytest.raises(UsageError):
        from_json(text)


def test_the_command_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--vendors", "salesforce"]) == 2
    assert "there is no 'salesforce'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--faults", "no-such-file.json"])
    assert "no-such-file.json" in capsys.readouterr().err


def test_the_command_prints_what_to_export(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps([{"kind": "slow", "ms": 1}]))
    command = [sys.executable, "-m", "execution.sandbox", "--port", "0", "--customers", "6", "--max-seconds", "20"]
    process = subprocess.Popen(
        [*command, "--vendors", "calendly", "--as-of", "2026-03-01", "--faults", str(faults)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout:
        head = process.stdout.readline().decode()
        exported = process.stdout.readline().decode()
        token = process.stdout.readline().decode()
        process.terminate()
        process.wait(5)
    assert head.startswith("# 6 customers as of 2026-03-01 00:00 UTC at http://127.0.0.1:")
    assert exported.startswith("export GTM_CALENDLY__BASE_URL=http://127.0.0.1:")
    assert token == "export CALENDLY_TOKEN=sandbox-calendly-owner\n"
