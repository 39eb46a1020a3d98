"""What there is in a workspace, read from the disk: paths, pages, folders of accounts, what runs left half-made.

No link is followed. Of each file only as much is read as a check needs: of 10,000 accounts, every generated file once.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from execution.audit.facts import AccountFolder, Leak, Leftover, Page
from execution.audit.pages import page_of
from execution.audit.secrets import Detector, without_long_lines
from execution.context.slugs import RESERVED
from execution.workspace import Workspace

_LARGEST = 2_000_000
"""Bytes of a file that is looked into."""
_ENDS = 8192
"""Of a larger generated file its two ends are read: its markers stand there, and links of people are not in it."""
_LARGE = 65_536

_PASSED_OVER = frozenset({"data", "node_modules", "__pycache__", "build", "dist"})
_PARTIAL = re.compile(r"\..+\.partial")
_HALF_MADE = (
    ("published", "*.partial"),
    ("backups", "*.partial"),
    ("cache", "**/*.partial"),
    ("tmp", "look-*"),
    ("", "*.restoring"),
)
"""What a run that broke off leaves below data/: where, and how it is called."""
_ACCOUNT = re.compile(r"^account:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
_NEW = re.compile(r"^new:[ \t]*true\b", re.MULTILINE | re.IGNORECASE)


@dataclass
class Tree:
    """The paths of a workspace, relative to it."""

    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    partial: list[str] = field(default_factory=list)


def walk(root: Path) -> Tree:
    """Every file and folder, but for the store, hidden ones (`.claude` is looked at), virtual environments, and
    workspaces inside this one."""
    tree = Tree()
    top = len(str(root)) + 1
    for at, folders, files in os.walk(root):
        prefix = f"{at[top:]}/".removeprefix("/").replace(os.sep, "/")
        folders[:] = sorted(name for name in folders if _is_looked_into(at, name, is_top=not prefix))
        tree.folders.update(f"{prefix}{name}" for name in folders)
        for name in files:
            if _PARTIAL.fullmatch(name):
                tree.partial.append(f"{prefix}{name}")
            tree.files.add(f"{prefix}{name}")
    return tree


def _is_looked_into(at: str, name: str, *, is_top: bool) -> bool:
    if name in _PASSED_OVER or name.endswith(".egg-info"):
        return False
    if name.startswith("."):
        return is_top and name == ".claude"
    if not is_top:
        return True
    return not os.path.exists(os.path.join(at, name, "pyvenv.cfg")) and not os.path.isdir(  # noqa: PTH110, PTH112, PTH118 - a Path for each of 100,000 takes a second
        os.path.join(at, name, "directives")  # noqa: PTH118
    )


def pages(root: Path, files: Iterable[str]) -> Iterator[Page]:
    """Every Markdown file that can be read."""
    for path in sorted(files):
        if path.endswith(".md") and (text := _page_text(root, path)) is not None:
            yield page_of(path, text)


def _page_text(root: Path, path: str) -> str | None:
    try:
        with open(os.path.join(root, path), "rb") as file:  # noqa: PTH118, PTH123 - a Path for each takes a second
            size = os.fstat(file.fileno()).st_size
            content = file.read(_LARGE + 1 if "/context/" in path else _LARGEST)
            if len(content) > _LARGE and "/context/" in path:
                file.seek(max(len(content), size - _ENDS))
                content = content[:_LARGE].rpartition(b"\n")[0] + b"\n" + file.read(_ENDS).partition(b"\n")[2]
    except OSError:
        return None
    return content.decode("utf-8", "replace")


def account_folders(root: Path, tree: Tree, found: Mapping[str, Page]) -> Iterator[AccountFolder]:
    """The folders of customers/ that are accounts'."""
    generated: dict[str, list[Page]] = {}
    briefed: set[str] = set()
    for path, page in found.items():
        parts = path.split("/")
        if parts[0] == "customers" and len(parts) > 2:
            if page.key is not None:
                generated.setdefault(parts[1], []).append(page)
            if parts[2] == "context":
                briefed.add(parts[1])
    for folder in sorted(path for path in tree.folders if path.startswith("customers/") and path.count("/") == 1):
        name = folder.removeprefix("customers/")
        if name in RESERVED or name.startswith("."):
            continue
        marked = next((page.key for page in generated.get(name, [])), None)
        said, is_new = _said(root, f"{folder}/account.md", tree.files)
        yield AccountFolder(name, said, marked, is_new, name in briefed)


def _said(root: Path, path: str, files: set[str]) -> tuple[str | None, bool]:
    """Whose folder it is by account.md, and whether that account is new."""
    if path not in files:
        return None, False
    try:
        with open(os.path.join(root, path), "rb") as file:  # noqa: PTH118, PTH123 - as above
            text = file.read(4096).decode("utf-8", "replace")
    except OSError:
        return None, False
    head = text.split("\n---", 1)[0]
    found = _ACCOUNT.search(head)
    return (found[1].lower() if found else None), _NEW.search(head) is not None


def leftovers(workspace: Workspace, tree: Tree) -> list[Leftover]:
    """Files that a run began and did not finish, in the workspace and in its store."""
    found = [workspace.root / path for path in tree.partial]
    for folder, pattern in _HALF_MADE:
        found += (workspace.data / folder).glob(pattern)
    told = []
    for file in sorted(found):
        try:
            at = file.lstat().st_mtime
        except OSError:
            continue
        told.append(Leftover(file.relative_to(workspace.root).as_posix(), datetime.fromtimestamp(at, UTC)))
    return told


def leaks(root: Path, files: Iterable[str], detector: Detector) -> list[Leak]:
    """What looks like a secret in those of the files that are text."""
    found: list[Leak] = []
    for path in sorted(files):
        if detector.is_passed_over(path):
            continue
        file = root / path
        try:
            if file.is_symlink() or not file.is_file() or file.stat().st_size > _LARGEST:
                continue
            content = file.read_bytes()
        except OSError:
            continue
        if b"\0" not in content[:8192]:
            found += detector.leaks(path, without_long_lines(content.decode("utf-8", "replace")))
    return found


def ignored_lines(root: Path) -> tuple[str, ...]:
    """The lines of .gitignore that are patterns."""
    try:
        text = (root / ".gitignore").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def env_mode(workspace: Workspace) -> int | None:
    """The permissions of .env; None where there is none."""
    try:
        return workspace.env_file.stat().st_mode & 0o777
    except OSError:
        return None
