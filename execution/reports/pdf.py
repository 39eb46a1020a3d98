"""A page as a PDF, printed by the Chromium, Chrome or Edge that the machine has: headless, without a network, in a
profile of its own that is gone afterwards.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from execution.errors import UsageError

PATIENCE_S = 60.0
"""A report of a hundred pages takes some three seconds; a machine that is very busy may take long."""

_NAMES = (
    "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge-stable",
    "microsoft-edge", "msedge", "brave-browser",
)  # fmt: skip
_PLACES = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        "%ProgramFiles%\\Google\\Chrome\\Application\\chrome.exe",
        "%ProgramFiles(x86)%\\Google\\Chrome\\Application\\chrome.exe",
        "%LocalAppData%\\Google\\Chrome\\Application\\chrome.exe",
        "%ProgramFiles(x86)%\\Microsoft\\Edge\\Application\\msedge.exe",
    ),
}
_OPTIONS = (
    "--headless=new", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
)  # fmt: skip


def found(platform: str = sys.platform, path: str | None = None) -> Path | None:
    """The browser that prints: the first by name in PATH, else in the places where installers put one."""
    for name in _NAMES:
        if there := shutil.which(name, path=path):
            return Path(there)
    return next((place for place in _places(platform, os.environ) if place.is_file()), None)


def _places(platform: str, environment: Mapping[str, str]) -> Iterator[Path]:
    for place in _PLACES.get(platform, ()):
        for name in ("ProgramFiles(x86)", "ProgramFiles", "LocalAppData"):
            place = place.replace(f"%{name}%", environment.get(name, ""))  # noqa: PLW2901 - one name after the other
        yield Path(place)


def printed(html: str, *, browser: Path | None = None, timeout_s: float = PATIENCE_S) -> bytes:
    """The PDF of a page as `page` gives it.

    Raises UsageError: E295 where the machine has no browser, E297 where the browser made none in time.
    """
    program = browser or found()
    if program is None:
        raise UsageError(
            "there is no browser on this machine that could print a PDF",
            hint="install Chromium, Chrome or Edge (Debian: apt-get install chromium), or ask for html",
            code="E295",
        )
    with tempfile.TemporaryDirectory(prefix="gtm-print-", ignore_cleanup_errors=True) as folder:
        return _print(program, html, Path(folder), timeout_s)


def _print(program: Path, html: str, folder: Path, timeout_s: float) -> bytes:
    source, target = folder / "report.html", folder / "report.pdf"
    source.write_text(html, encoding="utf-8")
    call = [str(program), *_OPTIONS, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        call.append("--no-sandbox")  # which Chromium has none of for root; the page can run nothing and reach nobody
    why = _run([*call, source.as_uri()], timeout_s)
    written = target.read_bytes() if target.is_file() else b""
    if why or not written.startswith(b"%PDF-"):
        hint = f"open the HTML in a browser and print it from there ({program.name} was asked)"
        raise UsageError(f"the browser printed no PDF: {why or 'it ended without one'}", hint=hint, code="E297")
    return written


def _run(call: list[str], timeout_s: float) -> str:
    """Run the browser to its end; why it did not get there. Nothing that it started is left."""
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(call, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603
    except OSError as error:
        return f"it cannot be started ({error.strerror or type(error).__name__})"
    try:
        code = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return f"it took longer than {timeout_s:g} s"
    finally:
        _end(process)
    return f"it ended with code {code}" if code else ""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End whatever of the browser still runs: its helpers are in its group."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        elif process.poll() is None:
            process.kill()
    except ProcessLookupError:
        pass  # it ended by itself, as it should
    process.wait()
