"""Which folder of `customers/` is which account's: as the account's file in it says, or what was generated there.

People say it in `account.md`; while nobody does, the marker of a generated file does. Where people name an account
that nobody knows, the marker counts: it may be a slip of the pen.
"""

import os
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from execution.files import managed

ACCOUNT = "account.md"
GENERATED = ("context/compact.md", "context/standard.md", "timeline.md", "tasks.md")
ARCHIVE = ".archive"
"""The folder of folders that are no account's any more."""

_HEAD = 4096
_SAID = re.compile(r"^account:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, the account that people say it is, and that of its generated files."""

    folder: str
    said: str | None
    marked: str | None

    def owner(self, known: Container[str]) -> str | None:
        """Whose it is, where these accounts are known."""
        return self.said if self.said in known or self.marked is None else self.marked


def places(root: Path) -> Iterator[Place]:
    """The folders below `root` that are anybody's, in the order of their names; hidden ones are none."""
    try:
        with os.scandir(root) as entries:
            folders = sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return
    for folder in folders:
        if not _name(folder).startswith(".") and (found := place(folder)) is not None:
            yield found


def place(folder: str, known: str | None = None) -> Place | None:
    """Whose a folder is; None where nothing in it says. `known` is what its generated files say, where that is.

    Of every folder this is asked in every run: paths are plain text here, whose making takes a fifth of the time.
    """
    by_marker = known or next((key for name in GENERATED if (key := marked(f"{folder}/{name}"))), None)
    said = _said(_head(f"{folder}/{ACCOUNT}"))
    return Place(_name(folder), said, by_marker) if said or by_marker else None


def marked(file: str) -> str | None:
    """Whose a generated file is, by its marker."""
    return managed.owner(_head(file))


def assigned(found: Iterable[Place], known: Container[str]) -> dict[str, str]:
    """Folder → account, no account twice: of several folders that one whose generated files are the account's."""
    owners: dict[str, Place] = {}
    for place in found:
        owner = place.owner(known)
        if owner is not None and (owner not in owners or (place.marked == owner != owners[owner].marked)):
            owners[owner] = place
    return {place.folder: owner for owner, place in owners.items()}


def taken(root: Path, known: Container[str]) -> dict[str, str]:
    """The folders that already are an account's: folder → account key."""
    return assigned(places(root), known)


def _name(folder: str) -> str:
    return folder.rpartition("/")[2]


def _said(head: str) -> str | None:
    if not head.startswith("---"):
        return None
    match = _SAID.search(head.split("\n---", 1)[0])
    return match[1] if match else None


def _head(file: str) -> str:
    try:
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - see `place`
            return opened.read(_HEAD).decode("utf-8-sig", "replace")
    except OSError:
        return ""
