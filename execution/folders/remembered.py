"""Which generated files are as they were last written, told by a look at each instead of reading them.

`data/cache/folders.json` has for every file the facts it was made from, its size and its time, as git's index has it.
A file that a person edited has another size or time and is read again; so is every file where the cache is lost.
"""

import json
import os

from execution.files import cache
from execution.workspace import Workspace

_FILE = "folders.json"


class Remembered:
    """What was written, by path from the workspace's root."""

    def __init__(self, workspace: Workspace) -> None:
        self._root = str(workspace.root)
        self._file = workspace.cache / _FILE
        kept = cache.read(self._file)
        self._before: dict[str, str] = json.loads(kept) if kept else {}
        self._now: dict[str, str] = {}

    def is_current(self, shown: str, facts: str) -> bool:
        """Whether a file still is what was written from these facts."""
        known = self._before.get(shown)
        if known is None or not known.startswith(facts) or known != self._looks(shown, facts):
            return False
        self._now[shown] = known
        return True

    def is_touched(self, shown: str) -> bool:
        """Whether somebody may have edited a file since."""
        known = self._before.get(shown)
        return known is None or known != self._looks(shown, known.partition(" ")[0])

    def note(self, shown: str, facts: str) -> None:
        """A file is what these facts make, from now on."""
        looks = self._looks(shown, facts)
        if looks is not None:
            self._now[shown] = looks

    def keep(self) -> None:
        """Best effort: where the cache cannot be written, the next run merely reads the files."""
        if self._now != self._before:
            cache.write(self._file, json.dumps(self._now, separators=(",", ":")))

    def _looks(self, shown: str, facts: str) -> str | None:
        try:
            seen = os.stat(f"{self._root}/{shown}")  # noqa: PTH116 - a Path for each of 100,000 files takes a second
        except OSError:
            return None
        return f"{facts} {seen.st_size} {seen.st_mtime_ns} {seen.st_ino}"
