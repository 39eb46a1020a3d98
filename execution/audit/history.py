"""What git says of a workspace. Without git, or outside of a repository, nothing is known."""

import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from execution.audit.facts import Git, Unknown

_NO_GIT = Unknown("the workspace is not under git")


def committable(root: Path) -> tuple[str, ...] | None:
    """Every file that git has, or would take; None where there is no git."""
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return None if listed is None else tuple(sorted({name for name in listed.split("\0") if name}))


def read(root: Path, wanted: Iterable[str]) -> Git | Unknown:
    """Whether git has .env, and when each of the wanted files last changed: committed, or on disk where it differs."""
    tracked = _git(root, "ls-files", "-z", "--", ".env")
    if tracked is None:
        return _NO_GIT
    changed = {}
    for path in sorted(wanted):
        at = (_git(root, "log", "-1", "--format=%ct", "--", path) or "").strip()
        if at.isdigit() and not (_git(root, "status", "--porcelain", "--", path) or "").strip():
            changed[path] = datetime.fromtimestamp(int(at), UTC)
        elif (root / path).is_file():
            changed[path] = datetime.fromtimestamp((root / path).stat().st_mtime, UTC)
    return Git(bool(tracked.strip("\0")), changed)


def _git(root: Path, *args: str) -> str | None:
    """What git answers; None where there is no git, or no repository."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words and paths, no shell
            ["git", "-C", str(root), "-c", "core.quotePath=off", *args],  # noqa: S607
            capture_output=True,
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None
