"""A Chromium that tests look at pages with: one process, driven by its DevTools protocol over a pipe.

It is started without a network, and whatever a page asks for, says or does wrong is written down.
"""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PATIENCE_S = 20.0
"""A machine that is busy takes long; a page that never answers is a failure."""

_MOVED = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for place, end in zip((3, 4), ends):
    os.dup2(end, place)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Becomes the browser, with the pipe where it looks for it: files 3 and 4."""


@dataclass
class Seen:
    """What a page did while it was looked at: requests beyond the file itself, messages, and its own errors."""

    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


class Browser:
    """One running Chromium. `look` opens a page as somebody would see it."""

    def __init__(self, process: subprocess.Popen[bytes], write: int, read: int) -> None:
        self._process, self._write, self._read = process, write, read
        self._number, self._buffer, self._session = 0, b"", ""
        self._events: list[dict[str, Any]] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable")

    def look(self, file: Path, *, width: int = 1280, height: int = 900, dark: bool = False, media: str = "") -> Seen:
        """Open a file; what it did until it had loaded."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", media=media, features=features)
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self._events.clear()
        url = file.as_uri()
        self.ask("Page.navigate", url=url)
        self._until("Page.loadEventFired")
        self.ask("Runtime.evaluate", expression="0")
        seen = Seen()
        for event in self._events:
            told = event["params"]
            if event["method"] == "Network.requestWillBeSent" and told["request"]["url"] != url:
                seen.requests.append(told["request"]["url"])
            elif event["method"] == "Log.entryAdded":
                seen.messages.append(told["entry"]["text"])
            elif event["method"] in {"Runtime.consoleAPICalled", "Runtime.exceptionThrown"}:
                seen.messages.append(json.dumps(told))
        return seen

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever a page answers
        """What an expression is in the page, as JSON has it."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def screenshot(self, file: Path) -> None:
        """The whole page as a PNG; for people to look at."""
        answer = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(answer["data"]))

    def ask(self, method: str, **params: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the protocol's
        """One call of the protocol, and its answer."""
        self._number += 1
        call: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            call["sessionId"] = self._session
        os.write(self._write, json.dumps(call).encode() + b"\0")
        while True:
            message = self._next()
            if message.get("id") == self._number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                result: Mapping[str, Any] = message["result"]
                return result

    def _until(self, method: str) -> None:
        while not any(event["method"] == method for event in self._events):
            self._next()

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE_S
        while b"\0" not in self._buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                raise AssertionError("the browser does not answer")
            chunk = os.read(self._read, 1 << 16)
            if not chunk:
                raise AssertionError("the browser is gone")
            self._buffer += chunk
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if "method" in message:
            self._events.append(message)
        return message


@contextlib.contextmanager
def running(program: str) -> Iterator[Browser]:
    """A browser of its own, with a profile that is gone afterwards."""
    profile = tempfile.mkdtemp(prefix="gtm-browser-")
    their_read, our_write = os.pipe()
    our_read, their_write = os.pipe()
    options = ["--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--disable-gpu"]
    options += ["--no-first-run", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND"]
    options += ["--disable-background-networking", "--disable-dev-shm-usage", "--no-sandbox", "about:blank"]
    moved = [sys.executable, "-c", _MOVED, str(their_read), str(their_write), program, *options]
    process = subprocess.Popen(
        moved, pass_fds=(their_read, their_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(their_read)
    os.close(their_write)
    try:
        yield Browser(process, our_write, our_read)
    finally:
        os.close(our_write)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        os.close(our_read)
        shutil.rmtree(profile, ignore_errors=True)
