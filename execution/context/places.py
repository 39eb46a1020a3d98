"""Which folder below `customers/` is whose, and which context files are in it."""

import os
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from execution.context import slugs
from execution.context.chosen import TIERS
from execution.context.remembered import Look, Seen
from execution.directives.model import Tier
from execution.files import whose
from execution.files.whose import Place
from execution.workspace import Workspace

_NAMES = {f"{tier}.md": tier for tier in TIERS}


@dataclass(slots=True)
class Found:
    """What stands below `customers/`: whose each folder is, and how each context file in it looks."""

    places: list[Place] = field(default_factory=list)
    files: dict[tuple[str, Tier], Look] = field(default_factory=dict)

    def owners(self, known: Container[str]) -> dict[str, str]:
        """Folder → account, where these accounts are known; no account twice."""
        return whose.assigned(self.places, known)


def file_of(workspace: Workspace, folder: str, tier: Tier) -> Path:
    """Where a context file of a folder is."""
    return workspace.customers / folder / "context" / f"{tier}.md"


def shown(folder: str, tier: Tier) -> str:
    """Its path from the workspace's root."""
    return f"customers/{folder}/context/{tier}.md"


def look(workspace: Workspace, seen: Mapping[str, Seen]) -> Found:
    """Look at every folder. Files that look as they were `seen` are not opened."""
    found = Found()
    try:
        entries = sorted(os.scandir(workspace.customers), key=lambda entry: entry.name)
    except OSError:
        return found
    for entry in entries:
        if entry.name not in slugs.RESERVED and not entry.name.startswith(".") and entry.is_dir():
            _look_into(entry.name, entry.path, seen, found)
    return found


def _look_into(folder: str, path: str, seen: Mapping[str, Seen], found: Found) -> None:
    try:
        with os.scandir(f"{path}/context") as entries:
            files = {_NAMES[entry.name]: Look.of(entry) for entry in entries if entry.name in _NAMES}
    except OSError:
        files = {}
    marked = None
    for tier in TIERS:
        if tier in files:
            found.files[folder, tier] = files[tier]
            was = seen.get(shown(folder, tier))
            is_as_it_was = was is not None and (was.size, was.changed_ns) == (files[tier].size, files[tier].changed_ns)
            marked = marked or (was.key if was and is_as_it_was else whose.marked(f"{path}/context/{tier}.md"))
    place = whose.place(path, marked)
    if place is not None:
        found.places.append(place)


def folder_of(workspace: Workspace, key: str) -> str | None:
    """The folder of an account, where it has one."""
    return next((folder for folder, owner in taken(workspace, {key}).items() if owner == key), None)


def taken(workspace: Workspace, known: Container[str]) -> dict[str, str]:
    """The folders that already are an account's: folder → account key, where these accounts are known."""
    return whose.taken(workspace.customers, known)
