"""Checks of where things stand and what they are called."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import PurePosixPath

from execution.audit.facts import Facts, Finding
from execution.context.slugs import RESERVED
from execution.directives.overlays import FOLDER as LOCAL
from execution.directives.problems import closest

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})_([\w-]+)\.[a-z0-9]+")

_COMPARED = 500
"""Folders among which the one that was meant is looked for."""


def required_folders(facts: Facts) -> Iterator[Finding]:
    for folder in facts.policy.folders:
        if folder not in facts.folders:
            around, depth = folder.rpartition("/")[0], folder.count("/")
            beside = (each for each in facts.folders if each.count("/") == depth and each.startswith(around))
            near = closest(folder, list(islice(beside, _COMPARED)))
            hint = f"is it {near}? rename it" if near else "`gtm doctor --fix` makes it"
            yield Finding(f"the folder {folder}/ is missing", hint)


def required_files(facts: Facts) -> Iterator[Finding]:
    for file in facts.policy.files:
        if file not in facts.files:
            yield Finding(f"the file {file} is missing", "`gtm init .` writes what is missing, and overwrites nothing")


def folder_depth(facts: Facts) -> Iterator[Finding]:
    for top, deepest in facts.policy.depth.items():
        too_deep = top.count("/") + deepest
        for folder in sorted(each for each in facts.folders if each.count("/") == too_deep):
            if folder.startswith(f"{top}/"):
                hint = f"move what is in it up; depth: {top} in {facts.policy.path} says how deep"
                yield Finding(f"the folder is more than {deepest} deep", hint, folder)


def account_folder_names(facts: Facts) -> Iterator[Finding]:
    for account in facts.accounts:
        if not _SLUG.fullmatch(account.name) and account.name not in RESERVED:
            hint = "rename it with lower-case letters, digits and hyphens; what it is follows from account.md"
            yield Finding("not every file system keeps this name", hint, f"customers/{account.name}")


def dated_file_names(facts: Facts) -> Iterator[Finding]:
    for file in sorted(each for each in facts.files if each.startswith("customers/") and each.count("/") > 2):
        parts = file.split("/")
        if parts[-2] not in facts.policy.dated:
            continue
        if not _is_dated(parts[-1]) and not parts[-1].startswith(("README", "INDEX")):
            yield Finding("the file's name does not begin with its day", "call it 2026-11-21_what-it-is.md", file)


def _is_dated(name: str) -> bool:
    found = _DATED.fullmatch(name)
    if found is None:
        return False
    try:
        return bool(date.fromisoformat(found[1]))
    except ValueError:
        return False


def directive_file_names(facts: Facts) -> Iterator[Finding]:
    for directive in facts.program.directives():
        if directive.path.startswith(LOCAL):
            continue
        shapes = facts.policy.names.get(directive.kind, ("{name}",))
        wanted = [shape.replace("{name}", directive.name).replace("_", "-") for shape in shapes]
        if PurePosixPath(directive.path).stem.replace("_", "-") not in wanted:
            hint = f"call the file {' or '.join(f'{name}.md' for name in wanted)}"
            yield Finding(f"the file holds the {directive.kind} '{directive.name}'", hint, directive.path, 1)
