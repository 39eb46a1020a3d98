"""Texts in `data/cache` that can be made anew at any time: whole and unchanged, or not there."""

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path


def read(file: Path) -> str | None:
    """The text that was written there; None where there is none, or not all of it any more."""
    try:
        digest, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content.decode() if digest.decode("ascii", "replace") == sha256(content).hexdigest() else None


def write(file: Path, text: str) -> None:
    """Best effort: where the cache cannot be written, the next command merely works it out again."""
    content = text.encode()
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(sha256(content).hexdigest().encode() + b"\n" + content)
        partial.replace(file)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def prune(folder: Path, kept: int) -> None:
    """Remove all files of a folder but those written last."""
    try:
        files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for file in files[kept:]:
            file.unlink(missing_ok=True)
    except OSError:
        return
