"""Landing: each page on disk exactly as the vendor sent it, compressed, before anything is made of it.

`data/landing/<source>/<stream>/<run>/000001.json.zst`; pages that were not whole lie in `quarantine/` beside them.
"""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import zstandard

from execution.workspace import Workspace

KEPT_FOR = timedelta(days=14)


@dataclass(slots=True)
class Landing:
    """The folder of one stream's pages in one run."""

    folder: Path
    _compress: zstandard.ZstdCompressor = field(default_factory=lambda: zstandard.ZstdCompressor(level=1), repr=False)
    _written: int = 0

    def write(self, body: bytes) -> Path:
        """Keep one page; its file."""
        if not self._written:
            self.folder.mkdir(parents=True, exist_ok=True)
        self._written += 1
        file = self.folder / f"{self._written:06d}.json.zst"
        file.write_bytes(self._compress.compress(body))
        return file

    def quarantine(self, body: bytes, reason: str) -> Path:
        """Keep a page that was not whole, with the reason; its file."""
        folder = self.folder / "quarantine"
        folder.mkdir(parents=True, exist_ok=True)
        number = sum(1 for _ in folder.glob("*.zst")) + 1
        file = folder / f"{number:06d}.zst"
        file.write_bytes(self._compress.compress(body))
        file.with_suffix(".txt").write_text(reason + "\n", encoding="utf-8")
        return file


def landing_for(workspace: Workspace, source: str, stream: str, run: str) -> Landing:
    """Where one stream's pages of one run go."""
    return Landing(workspace.landing / source / stream / run)


def prune(workspace: Workspace, now: datetime, kept_for: timedelta = KEPT_FOR) -> int:
    """Remove the landed pages of runs older than `kept_for`; how many runs went."""
    oldest = (now - kept_for).timestamp()
    removed = 0
    for folder in workspace.landing.glob("*/*/*"):
        if folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def run_id(now: datetime) -> str:
    """A name for a run that sorts by time and differs between processes."""
    import os

    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S%f}-{os.getpid()}"
