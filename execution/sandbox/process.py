"""A sandbox in a process of its own, for as long as a `with` block."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from execution.errors import GtmError
from execution.sandbox.options import Options, environment

_STOP_S = 5.0
_ROOT = Path(__file__).resolve().parents[2]


class Running:
    """A started sandbox: where it is, and what a program needs to know to meet it. Stops at the end of the block.

    url            http://127.0.0.1:PORT; each vendor is below it by name
    environment    the variables that send our clients there
    """

    def __init__(self, options: Options, process: "subprocess.Popen[bytes]", url: str, errors: IO[bytes]) -> None:
        self.options = options
        self.url = url
        self.environment = environment(options, url)
        self._process = process
        self._errors = errors

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def stop(self) -> None:
        """End the child and wait for it; once is enough, more is harmless."""
        _end(self._process)
        self._errors.close()

    # --- the sandbox's own doors ------------------------------------------------------------------

    def arm(self, *faults: dict[str, Any]) -> None:
        """Add faults. Raises GtmError where one makes no sense."""
        self.ask("POST", "faults", list(faults))

    def disarm(self) -> None:
        """Take all faults off."""
        self.ask("DELETE", "faults")

    def advance(self, days: float = 0, changes: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Move the world on; the new moment and what each change made. Raises GtmError for a change that cannot be."""
        answer: dict[str, Any] = self.ask("POST", "advance", {"days": days, "changes": changes or []})
        return answer

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        """The requests seen, after the so-manyeth."""
        entries: list[dict[str, Any]] = self.ask("GET", f"log?after={after}")
        return entries

    def truth(self, vendor: str) -> dict[str, Any]:
        """What a complete and correct sync of a vendor must find."""
        found: dict[str, Any] = self.ask("GET", f"truth?vendor={vendor}")[vendor]
        return found

    def ask(self, method: str, door: str, body: object = None) -> Any:  # noqa: ANN401 - whatever JSON comes
        """Ask one of the doors under /_sandbox. Raises GtmError with the sandbox's own words where it refuses."""
        from http.client import HTTPConnection

        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=60)
        try:
            connection.request(method, f"/_sandbox/{door}", None if body is None else json.dumps(body))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise GtmError(f"sandbox: {answer['error']}", hint=answer.get("hint", ""), code="E261")
        return answer


def start(options: Options | None = None, *, timeout_s: float = 600) -> Running:
    """A sandbox in a child process, ready to answer. Use it as a context manager.

    The child ends with the block, with this process, or after `max_seconds`, whichever comes first.
    Raises GtmError where it does not come up.
    """
    options = options or Options()
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the sandbox stops
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(  # noqa: S603 - this very interpreter and package
        [sys.executable, "-m", "execution.sandbox", "--child", "--options", options.to_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        return Running(options, process, _first_line(process, timeout_s), errors)
    except BaseException:
        _end(process)
        errors.close()
        raise


def _first_line(process: "subprocess.Popen[bytes]", timeout_s: float) -> str:
    """The URL that the child prints when it is ready."""
    from select import select

    assert process.stdout is not None  # noqa: S101 - it is a pipe
    deadline = time.monotonic() + timeout_s
    if select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
        line = process.stdout.readline().decode().strip()
        if line.startswith("http://"):
            return line
        if line:
            raise GtmError(f"the sandbox did not start: {line}", code="E261")
    raise GtmError("the sandbox did not start", hint="run `python -m execution.sandbox` to see why", code="E261")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End our child, and only it: ask, wait a little, then insist."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
