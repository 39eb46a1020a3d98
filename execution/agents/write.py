"""Bringing the agents' files up to date: only what changed, in one step each, never over somebody's words."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from execution.agents.standing import NOT_AS_BUILT, Standing, State, assembled
from execution.errors import Problem
from execution.files import writing


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, as workspace-relative paths, and what was left alone and why."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    conflicts: tuple[Problem, ...]


def apply(root: Path, standing: Sequence[Standing]) -> Done:
    """Write what is missing or stale and remove orphans that hold nobody's words. Beside a file that somebody edited
    the new text is laid as `<name>.md.new`, which the host does not read."""
    written, removed, unchanged, conflicts = [], [], [], []
    for each in standing:
        if each.state is State.current:
            unchanged.append(each.path)
            _tidy(root / each.path)
        elif not each.is_writable:
            conflicts += [each.problem] if each.problem else []
            if each.built is not None:
                writing.write_bytes(root, _beside(root / each.path), assembled(each.built, "").encode())
        elif (meanwhile := _meanwhile(root, each)) is not None:
            conflicts.append(meanwhile)
        elif each.built is None:
            (root / each.path).unlink()
            removed.append(each.path)
        else:
            writing.write_bytes(root, root / each.path, assembled(each.built, each.own).encode())
            written.append(each.path)
            _tidy(root / each.path)
            if each.found_at is not None:
                (root / each.found_at).unlink()
                removed.append(each.found_at)
    return Done(tuple(written), tuple(removed), tuple(unchanged), tuple(conflicts))


def _meanwhile(root: Path, each: Standing) -> Problem | None:
    """Whether the file is no longer what it was when it was looked at."""
    path = each.found_at or each.path
    try:
        now = (root / path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        now = None
    except (OSError, UnicodeDecodeError):
        now = ""
    if now == each.text:
        return None
    return Problem(path, 1, 1, NOT_AS_BUILT, "the file was changed meanwhile; it was kept", "run it again")


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.new")


def _tidy(file: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        _beside(file).unlink()
