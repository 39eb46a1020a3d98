"""Fixes that are safe: planned as data, then done one by one. What people wrote is not renamed, moved or removed."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from execution.audit.facts import Facts
from execution.audit.report import Report
from execution.workspace import Workspace

Kind = Literal["make folder", "keep private", "remove leftover", "ignore"]


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing to be done, to a path of the workspace; `detail` is the line to add, where one is."""

    kind: Kind
    path: str
    detail: str = ""

    def __str__(self) -> str:
        said = {
            "make folder": f"make the folder {self.path}/",
            "keep private": f"let nobody else read {self.path} (600)",
            "remove leftover": f"remove {self.path}, which a run left half-made",
            "ignore": f"add the line {self.detail} to {self.path}",
        }
        return said[self.kind]


@dataclass(frozen=True, slots=True)
class Done:
    """A fix, and what kept it from being done (nothing where it was)."""

    fix: Fix
    error: str = ""


def planned(facts: Facts, report: Report) -> tuple[Fix, ...]:
    """What would be done about what was found."""
    found = {each.check for each in report.outcomes if each.status == "found"}
    return tuple(_planned(facts, found))


def _planned(facts: Facts, found: set[str]) -> Iterator[Fix]:
    policy = facts.policy
    if "required_folders" in found:
        yield from (Fix("make folder", folder) for folder in policy.folders if folder not in facts.folders)
    if "env_permissions" in found:
        yield Fix("keep private", ".env")
    if "git_ignores" in found:
        there = {line.strip().strip("/") for line in facts.ignored}
        yield from (Fix("ignore", ".gitignore", line) for line in policy.ignored if line.strip("/") not in there)
    if "leftover_files" in found:
        old = (each for each in facts.leftovers if facts.now - each.at > policy.ages.leftover)
        yield from (Fix("remove leftover", each.path) for each in old)


def apply(workspace: Workspace, fixes: tuple[Fix, ...]) -> tuple[Done, ...]:
    """Do them, in order; one that fails stops no other."""
    return tuple(_done(workspace, fix) for fix in fixes)


def _done(workspace: Workspace, fix: Fix) -> Done:
    target = workspace.root / fix.path
    if not target.parent.resolve().is_relative_to(workspace.root.resolve()) or target.is_symlink():
        return Done(fix, "a link leads out of the workspace")
    try:
        match fix.kind:
            case "make folder":
                target.mkdir(parents=True, exist_ok=True)
            case "keep private":
                target.chmod(0o600)
            case "remove leftover" if target.is_dir():
                shutil.rmtree(target)
            case "remove leftover":
                target.unlink(missing_ok=True)
            case "ignore":
                _add_line(os.fspath(target), fix.detail)
    except OSError as error:
        return Done(fix, error.strerror or str(error))
    return Done(fix)


def _add_line(file: str, line: str) -> None:
    """Append a line, behind a whole one. What is there stays as it is."""
    with open(file, "a+b") as stream:  # noqa: PTH123 - opened once, for reading and for appending
        end = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, end - 1))
        is_whole = end == 0 or stream.read(1) == b"\n"
        stream.write(("" if is_whole else "\n").encode() + f"{line}\n".encode())
