"""What was last written, and how the files looked then, so that a run need not open what nobody touched.

A file counts as it was where its size and the time of its last change are what they were after it was written; then
neither is it read nor is anything rendered that would be written into it. Whoever edits a file changes one of the two;
`gtm context --check` looks at the content whatever they are. What is remembered is no more than that: without it, or
with one that cannot be read, every file is opened and found as it was by the hash in its marker.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from execution.files import cache
from execution.workspace import Workspace

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was after a run: whose it is, from which facts, its size and the time of its last change."""

    key: str
    facts: str
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it is now."""

    size: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path | os.DirEntry[str]) -> "Look":
        """Raises OSError where it cannot be looked at."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns)


def read(workspace: Workspace) -> dict[str, Seen]:
    """What is remembered, by the file's path below `customers/`; nothing where there is nothing that can be read."""
    kept = cache.read(_file(workspace))
    version, found = json.loads(kept) if kept else (None, {})
    return {path: Seen(*values) for path, values in found.items()} if version == _VERSION else {}


def write(workspace: Workspace, seen: Mapping[str, Seen]) -> None:
    """Remember this instead, in one step. A workspace that cannot be written to remembers nothing."""
    body = {path: (each.key, each.facts, each.size, each.changed_ns) for path, each in sorted(seen.items())}
    cache.write(_file(workspace), json.dumps([_VERSION, body], separators=(",", ":")))


def _file(workspace: Workspace) -> Path:
    return workspace.cache / "context.json"
