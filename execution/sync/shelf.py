"""The files of a source that has files instead of an API: which there are, and whether they have changed.

A file counts as unchanged by its size and time, as git does it; one that was written in the moment it was read is
hashed again. So a run over unchanged files reads none of them.
"""

import os
import stat
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, file_digest
from pathlib import Path

from execution.directives.model import Source
from execution.errors import FileError
from execution.sync.decode import mapping
from execution.sync.whereabouts import looked_for

MARKDOWN = ".md"
LOOKS = "files as they look"
CONTENT = "files as they are"
"""Under these names `meta.reads` keeps the two fingerprints of what a stream was last read from."""

_MOMENT_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Shelf:
    """The files of one stream, in the order of their names, all within the workspace at `root`. `read_as` is what else
    decides what is read out of them: the directive, and the `bands` that an override may name."""

    root: Path
    files: tuple[Path, ...]
    read_as: str = ""

    def shown(self, file: Path) -> str:
        """The path as people know it, from the workspace's root."""
        return file.relative_to(self.root).as_posix()


def is_markdown(source: Source, name: str) -> bool:
    """Whether a stream is read from the frontmatter of Markdown files."""
    return source.streams[name].path.lower().endswith(MARKDOWN)


def shelf_of(root: Path, source: Source, name: str, bands: Collection[str] = ()) -> Shelf:
    """The files of a stream. Raises FileError for one that leads out of the workspace or is no plain file."""
    folder = root / (source.files.folder if source.files else ".")
    found = sorted(file for file in folder.glob(source.streams[name].path) if not _is_hidden(file, folder))
    for file in found:
        _require_inside(root, file)
    return Shelf(root, tuple(found), _read_as(source, name, bands))


def _is_hidden(file: Path, folder: Path) -> bool:
    """Whether a file or a folder on the way to it is hidden: what is put away there is not read."""
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def require_some(shelf: Shelf, source: Source, name: str) -> None:
    """Raises FileError where a stream has no file at all."""
    if not shelf.files:
        raise FileError(
            "there is no such file",
            hint="put it there, or say in the directive where it is; what was read last stays",
            where=looked_for(source, name),
        )


def _require_inside(root: Path, file: Path) -> None:
    where = file.relative_to(root).as_posix()
    try:
        target = file.resolve(strict=True)
        is_plain = stat.S_ISREG(target.stat().st_mode)
    except (OSError, RuntimeError) as error:  # a link to itself is a RuntimeError in Python 3.11
        said = getattr(error, "strerror", None) or "it leads nowhere"
        raise FileError(f"it cannot be opened: {said}", hint="put the file itself there", where=where) from error
    if not target.is_relative_to(root.resolve()):
        raise FileError(
            "it is a link that leads out of the workspace",
            hint="put the file itself there; nothing outside the workspace is read",
            where=where,
            code="E376",
        )
    if not is_plain:
        raise FileError("it is not a file", hint="take it away, or name only files in the path", where=where)


# --- what has changed ---------------------------------------------------------------------------


def looks(shelf: Shelf) -> int:
    """A fingerprint of the names, sizes and times of the files, and of what the directive makes of them."""
    parts = [shelf.read_as]
    for file in shelf.files:
        seen = file.stat()
        parts.append(f"{shelf.shown(file)}\n{seen.st_size}\n{seen.st_mtime_ns}\n{seen.st_ino}")
    return _number(parts)


def content(shelf: Shelf) -> int:
    """A fingerprint of what is in the files. Raises FileError for one that cannot be read."""
    parts = [shelf.read_as]
    for file in shelf.files:
        try:
            with file.open("rb") as opened:
                parts.append(f"{shelf.shown(file)}\n{file_digest(opened, 'blake2b').hexdigest()}")
        except OSError as error:
            raise unreadable(shelf, file, error) from error
    return _number(parts)


def are_settled(files: Sequence[Path], now: datetime) -> bool:
    """Whether none was written so lately that it may be written again without its size and time telling."""
    newest = max((file.stat().st_mtime_ns for file in files), default=0)
    return newest + _MOMENT_NS < int(now.timestamp() * 1e9)


def unreadable(shelf: Shelf, file: Path, error: OSError) -> FileError:
    """What to say of a file that the system does not let us read."""
    said = os.strerror(error.errno) if error.errno else "it cannot be read"
    hint = "let this user read it; what was read last stays"
    return FileError(f"it cannot be opened: {said}", hint=hint, where=shelf.shown(file))


def _read_as(source: Source, name: str, bands: Collection[str]) -> str:
    """What of the directive decides what is read out of the same files, and what is said about it."""
    stream, form = source.streams[name], source.files.form if source.files else None
    checks = [f"{check.check}:{check.blocking}" for check in source.checks.get(name, ())]
    return "\n".join([mapping(stream), stream.path, stream.records, form or "", *checks, *sorted(bands)])


def _number(parts: Sequence[str]) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8).digest(), "little")
