"""Printing: a PDF by the browser that is there, in its time, and nothing of it left behind."""

import os
import re
import stat
import sys
import tempfile
import time
import zlib
from pathlib import Path

import pytest

from execution.errors import UsageError
from execution.reports import pdf
from execution.reports.page import page
from tests.reports.shown import TITLE, markdown, pictures

needs_browser = pytest.mark.skipif(
    pdf.found() is None, reason="no browser: Chromium, Chrome or Edge (apt-get install chromium)"
)
needs_shebang = pytest.mark.skipif(sys.platform == "win32", reason="a browser of the test's own is a script")


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything that is only for a while is put; to be empty afterwards."""
    place = tmp_path / "while"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def program(folder: Path, text: str) -> Path:
    """A browser that does as the test wants; `$target` is where the PDF is to be."""
    file = folder / "chromium"
    find = 'for word in "$@"; do case "$word" in --print-to-pdf=*) target="${word#--print-to-pdf=}";; esac; done\n'
    file.write_text(f"#!/bin/sh\n{find}{text}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


@needs_browser
def test_a_page_is_printed_with_its_words_and_nothing_is_left(left: Path) -> None:
    made = pdf.printed(page(markdown(), pictures(), title=TITLE))
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", made)) >= 3
    assert b"/FontFile2" in made or b"/FontFile3" in made, "words are words, not a picture of them"
    assert not re.findall(rb"/URI \((?!https:|file:)", b"".join(inflated(made)))
    assert list(left.iterdir()) == []


def inflated(document: bytes) -> list[bytes]:
    """The parts of a PDF as they are when they are unpacked."""
    found = [document]
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        try:
            found.append(zlib.decompress(part))
        except zlib.error:
            continue
    return found


@needs_shebang
def test_the_browser_is_asked_without_a_network_in_a_profile_of_its_own(tmp_path: Path, left: Path) -> None:
    asked = tmp_path / "asked"
    browser = program(tmp_path, f'printf "%s\\n" "$@" > "{asked}"; printf "%%PDF-1.4" > "$target"')
    assert pdf.printed("<p>words</p>", browser=browser) == b"%PDF-1.4"
    options = asked.read_text(encoding="utf-8").splitlines()
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in options
    assert any(option.startswith(f"--user-data-dir={left}") for option in options)
    assert ("--no-sandbox" in options) == (os.geteuid() == 0)
    assert options[-1].startswith("file://")
    assert list(left.iterdir()) == []


@needs_shebang
@pytest.mark.parametrize(
    ("text", "why"),
    [("exit 3", "it ended with code 3"), ("exit 0", "it ended without one"), ('echo no > "$target"', "without one")],
)
def test_a_browser_that_prints_nothing_is_told(tmp_path: Path, left: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        pdf.printed("<p>words</p>", browser=program(tmp_path, text))
    assert (caught.value.code, caught.value.exit_code) == ("E297", 2)
    assert "print it from there" in caught.value.hint
    assert list(left.iterdir()) == []


@needs_shebang
def test_a_browser_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path, left: Path) -> None:
    helper = tmp_path / "helper"
    browser = program(tmp_path, f'sleep 60 & echo $! > "{helper}"; wait')
    began = time.monotonic()
    with pytest.raises(UsageError, match=r"took longer than 0\.5 s"):
        pdf.printed("<p>words</p>", browser=browser, timeout_s=0.5)
    assert time.monotonic() - began < 10
    assert not is_running(int(helper.read_text(encoding="utf-8")))
    assert list(left.iterdir()) == []


def is_running(process: int) -> bool:
    """Whether a process is still there after a moment; one that only waits to be buried is not."""
    for _ in range(50):
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return False
        if state == "Z":
            return False
        time.sleep(0.05)
    return True


def test_a_program_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be started"):
        pdf.printed("<p>words</p>", browser=tmp_path / "nothing")


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "found", lambda: None)
    with pytest.raises(UsageError, match="no browser on this machine") as caught:
        pdf.printed("<p>words</p>")
    assert (caught.value.code, caught.value.exit_code) == ("E295", 2)
    assert "apt-get install chromium" in caught.value.hint


@needs_shebang
def test_the_first_browser_by_name_is_taken(tmp_path: Path) -> None:
    assert pdf.found("linux", str(tmp_path)) is None
    edge = program(tmp_path, "").rename(tmp_path / "microsoft-edge")
    assert pdf.found("linux", str(tmp_path)) == edge
    chromium = program(tmp_path, "")
    assert pdf.found("linux", str(tmp_path)) == chromium
    named = list(pdf._places("win32", {"ProgramFiles": "C:\\Programs", "ProgramFiles(x86)": "C:\\x86"}))
    assert str(named[0]) == "C:\\Programs\\Google\\Chrome\\Application\\chrome.exe"
