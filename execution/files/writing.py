"""Writing generated files: only where something changed, in one step, and never over what somebody else wrote."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from execution.errors import Problem, UsageError
from execution.files import managed

EDITED = "E440"
BROKEN = "E441"
UNREADABLE = "E442"
OUTSIDE = "E443"


@dataclass(frozen=True, slots=True)
class Block:
    """A generated block: its name, whose it is, the hash of the facts it is made from, and how to get its text."""

    name: str
    key: str
    facts: str
    render: Callable[[], str]

    def wrapped(self, text: str) -> str:
        """The text between its markers."""
        return managed.wrap(self.name, self.key, self.facts, text)


def write_block(root: Path, path: Path, block: Block) -> Problem | bool:
    """Bring the managed block of a file up to date: True where it was written, False where nothing had changed.

    A Problem where the file was left alone: its markers are broken, or somebody edited the block. In the latter case
    the new block is written beside it, as `<name>.generated.md`.
    """
    shown = path.relative_to(root).as_posix()
    try:
        _refuse_outside(root, path)
        before = _read(path)
        now = managed.parse(before, block.name) if before is not None else None
    except managed.Broken as broken:
        hint = "mend the markers, or delete them with all between them; the block is then written anew"
        return Problem(shown, broken.line, 1, BROKEN, broken.reason, hint)
    except (OSError, UnicodeDecodeError) as error:
        return Problem(shown, 1, 1, UNREADABLE, f"the file cannot be read: {_in_short(error)}", "it was left as it is")
    except UsageError as error:
        return Problem(shown, 1, 1, OUTSIDE, error.message, error.hint)
    if now is not None and now.is_untouched and (now.key, now.facts) == (block.key, block.facts):
        return False
    text = block.render()
    beside = path.with_name(f"{path.stem}.generated.md")
    if now is not None and not now.is_untouched:
        line = now.before.count("\n") + 1
        _write(beside, block.wrapped(text))
        hint = f"the new text is in {beside.name}; move your words below the end marker, or delete the block"
        return Problem(shown, line, 1, EDITED, "the generated block was edited; it was kept", hint)
    if now is not None and now.key == block.key and managed.is_same(now.block, text):
        return False
    _write(path, _assembled(before, now, block.wrapped(text)))
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    return True


def write_new(root: Path, path: Path, text: str) -> bool:
    """Write a file that is not there yet, whole or not at all; False where it is.

    Raises UsageError where it would stand outside the workspace.
    """
    _refuse_outside(root, path)
    if path.exists():
        return False
    _write(path, text)
    return True


def _assembled(before: str | None, now: managed.Managed | None, block: str) -> str:
    if now is not None:
        return now.before + block + now.after
    return block if not before else f"{block}\n{before}"


def _read(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _refuse_outside(root: Path, path: Path) -> None:
    """A link may not lead a generated file out of the workspace."""
    if not path.parent.resolve().is_relative_to(root.resolve()) or path.is_symlink():
        raise UsageError(
            f"{path.name} would be written outside the workspace", hint="replace the link by a real folder"
        )


def _write(path: Path, text: str) -> None:
    """Replace the file in one step. What people wrote in it must survive a power cut, so it is on disk before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    had_content = path.exists()
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
            if had_content:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _in_short(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    return error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
