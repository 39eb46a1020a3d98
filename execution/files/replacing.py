"""Putting a new text in the place of a file, only where that still is what was read.

A person may save the file while it is being made anew. So the new text and the file change places in one step, and
then one sees what was there: if it is not what was read, both go back to where they were, and whoever asked reads
again. Where the system cannot do that, the file is read once more just before it is replaced.
"""

import contextlib
import ctypes
import os
import re
from functools import cache
from pathlib import Path

_AT_FDCWD, _EXCHANGE = -100, 2
_LEFT = re.compile(r"\.(?P<name>.+)\.(?P<pid>\d+)\.(?:partial|swap)")


def replace(path: Path, text: bytes, expected: bytes | None) -> bool:
    """Make the file have this text, whole or not at all; False, and nothing done, where it is not as `expected` (None:
    not there) by now.

    What people wrote must survive a power cut, so a text that takes the place of another is on disk before.
    """
    partial = _beside(path, "partial")
    try:
        was_there = _written(partial, text, is_synced=expected is not None)
        if was_there:
            clear(path)
        return _created(partial, path) if expected is None else _exchanged(partial, path, text, expected)
    finally:
        partial.unlink(missing_ok=True)


def _beside(path: Path, kind: str) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{kind}")


def _written(partial: Path, text: bytes, *, is_synced: bool) -> bool:
    """Write it; whether its folder was there."""
    try:
        file = partial.open("wb")
    except FileNotFoundError:
        partial.parent.mkdir(parents=True, exist_ok=True)
        file, was_there = partial.open("wb"), False
    else:
        was_there = True
    with file:
        file.write(text)
        if is_synced:
            file.flush()
            os.fsync(file.fileno())
    return was_there


def _created(partial: Path, path: Path) -> bool:
    """Give the file its name unless there is one of that name."""
    try:
        os.link(partial, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if path.exists():
            return False
        partial.replace(path)
    return True


def _exchanged(partial: Path, path: Path, text: bytes, expected: bytes) -> bool:
    swap = partial.replace(_beside(path, "swap"))
    if not _swapped(swap, path):
        if _read(path) != expected:
            swap.unlink()
            return False
        swap.replace(path)
        return True
    is_as_read = _read(swap) == expected
    if not is_as_read:
        _swapped(swap, path)
        if _read(swap) != text:  # saved once more within these microseconds
            swap.replace(_kept(path))
            return False
    swap.unlink(missing_ok=True)
    return is_as_read


def _swapped(one: Path, other: Path) -> bool:
    """Let two files change names in one step; False where the system or the file system cannot, or one is gone."""
    exchange = _renameat2()
    return exchange is not None and exchange(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0


@cache
def _renameat2() -> "ctypes._NamedFuncPointer | None":
    try:
        function = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    function.restype = ctypes.c_int
    return function


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _kept(path: Path) -> Path:
    return path.with_name(f"{path.stem}.kept{path.suffix}")


def clear(path: Path) -> None:
    """Take away what a run that was killed left beside a file. An older text that is not in the file word for word may
    have somebody's words in it, so it is kept, as `<name>.kept.md`."""
    for entry in list(path.parent.iterdir()):
        left = _LEFT.fullmatch(entry.name)
        if left is None or left["name"] != path.name or _is_running(int(left["pid"])):
            continue
        with contextlib.suppress(OSError):
            if entry.name.endswith(".swap") and not _is_ours(entry, path):
                entry.replace(_kept(path))
            else:
                entry.unlink()


def _is_ours(left: Path, path: Path) -> bool:
    """Whether all that people wrote in a file that was left is in the file too."""
    from execution.files import managed

    now = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    text = left.read_text(encoding="utf-8", errors="replace")
    name = managed.name_in(text)
    try:
        block = managed.parse(text, name) if name else None
    except managed.Broken:
        return False
    return block is not None and block.is_untouched and block.before in now and block.after in now


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
