"""Writing generated files: only where something changed, in one step, and never over what somebody else wrote."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from execution.errors import Problem, UsageError
from execution.files import managed, replacing

EDITED = "E440"
BROKEN = "E441"
UNREADABLE = "E442"
OUTSIDE = "E443"
UNSTEADY = "E444"

_ATTEMPTS = 5
"""How often a file is read again that somebody changed while it was made anew."""


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
    the new block is written beside it, as `<name>.generated.md`. What somebody saves into the file meanwhile is kept:
    the block is then put into the file as it is by now.
    """
    shown = path.relative_to(root).as_posix()
    rendered = cache(block.render)
    for _ in range(_ATTEMPTS):
        found = _opened(root, path, block.name)
        if isinstance(found, Problem):
            return found
        before, now = found
        if _is_current(now, block):
            return False
        text = rendered()
        if now is not None and not now.is_untouched:
            return _beside_edited(path, shown, now, block.wrapped(text))
        if now is not None and now.key == block.key and managed.is_same(now.block, text):
            return False
        new = _assembled(before, now, block.wrapped(text)).encode("utf-8", "replace")
        if replacing.replace(path, new, None if before is None else before.encode("utf-8")):
            with contextlib.suppress(FileNotFoundError):
                _generated(path).unlink()
            return True
    hint = "run it again once nothing writes into the file"
    return Problem(shown, 1, 1, UNSTEADY, "the file changed again and again while it was made anew; it was left", hint)


def look_at(root: Path, path: Path, block: Block) -> Problem | bool | None:
    """How `write_block` would find the file, and nothing is written: True where it would be written, False where it is
    up to date, None where it is not there; a Problem where it would be left alone."""
    found = _opened(root, path, block.name)
    if isinstance(found, Problem):
        return found
    before, now = found
    if before is None:
        return None
    if now is not None and not now.is_untouched:
        hint = "move your words below the end marker, or delete the block"
        line = now.before.count("\n") + 1
        return Problem(path.relative_to(root).as_posix(), line, 1, EDITED, "the generated block was edited", hint)
    if _is_current(now, block):
        return False
    return now is None or now.key != block.key or not managed.is_same(now.block, block.render())


def is_current(path: Path, block: Block) -> bool:
    """Whether the file has that block, made from the same facts and as it was written."""
    try:
        text = _read(path)
        return text is not None and _is_current(managed.parse(text, block.name), block)
    except (managed.Broken, OSError, UnicodeDecodeError):
        return False


def _is_current(now: managed.Managed | None, block: Block) -> bool:
    return now is not None and now.is_untouched and (now.key, now.facts) == (block.key, block.facts)


def _opened(root: Path, path: Path, name: str) -> Problem | tuple[str | None, managed.Managed | None]:
    """The file's text, if it is there, and its block, if it has one; a Problem where it cannot be told."""
    shown = path.relative_to(root).as_posix()
    try:
        _refuse_outside(root, path)
        before = _read(path)
        return before, managed.parse(before, name) if before is not None else None
    except managed.Broken as broken:
        hint = "mend the markers, or delete them with all between them; the block is then written anew"
        return Problem(shown, broken.line, 1, BROKEN, broken.reason, hint)
    except (OSError, UnicodeDecodeError) as error:
        return Problem(shown, 1, 1, UNREADABLE, f"the file cannot be read: {_in_short(error)}", "it was left as it is")
    except UsageError as error:
        return Problem(shown, 1, 1, OUTSIDE, error.message, error.hint)


def _generated(path: Path) -> Path:
    return path.with_name(f"{path.stem}.generated.md")


def _beside_edited(path: Path, shown: str, now: managed.Managed, block: str) -> Problem:
    """Write the new block beside a file in which somebody edited the old one."""
    beside = _generated(path)
    new, there = block.encode("utf-8", "replace"), beside.read_bytes() if beside.is_file() else None
    if new != there:
        replacing.replace(beside, new, there)
    hint = f"the new text is in {beside.name}; move your words below the end marker, or delete the block"
    line = now.before.count("\n") + 1
    return Problem(shown, line, 1, EDITED, "the generated block was edited; it was kept", hint)


def write_new(root: Path, path: Path, text: str) -> bool:
    """Write a file that is not there yet, whole or not at all; False where it is.

    Raises UsageError where it would stand outside the workspace.
    """
    _refuse_outside(root, path)
    return replacing.replace(path, text.encode("utf-8", "replace"), None)


def write_bytes(root: Path, path: Path, content: bytes) -> Path:
    """Bring a file that is generated as a whole up to date, in one step and only where it differs; the path itself.

    Raises UsageError where it would stand outside the workspace.
    """
    _refuse_outside(root, path)
    for _ in range(_ATTEMPTS):
        there = path.read_bytes() if path.is_file() else None
        if there == content or replacing.replace(path, content, there):
            break
    return path


def write_over(root: Path, path: Path, before: str | None, text: str) -> bool:
    """Replace a file that still reads as it did `before` (None: is not there); False where it does not.

    Raises UsageError where it would stand outside the workspace.
    """
    _refuse_outside(root, path)
    return replacing.replace(path, text.encode("utf-8", "replace"), None if before is None else before.encode("utf-8"))


def read(path: Path) -> str | None:
    """The text of a file with its line ends as they are, None where there is none. Raises OSError and
    UnicodeDecodeError."""
    return _read(path)


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
    if not path.parent.resolve().is_relative_to(_resolved(root)) or path.is_symlink():
        raise UsageError(
            f"{path.name} would be written outside the workspace", hint="replace the link by a real folder"
        )


@lru_cache(maxsize=8)
def _resolved(root: Path) -> Path:
    return root.resolve()


def _in_short(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    return error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
