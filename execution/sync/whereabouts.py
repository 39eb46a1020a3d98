"""Where a source's files are looked for, and whether any is there. Light: `gtm status` asks it of every source."""

from pathlib import Path

from execution.directives.model import Source


def looked_for(source: Source, name: str) -> str:
    """The path of a stream's files, from the workspace's root."""
    folder = (source.files.folder if source.files else ".").strip("/")
    path = source.streams[name].path
    return path if folder in ("", ".") else f"{folder}/{path}"


def has_files(root: Path, source: Source) -> bool:
    """Whether any file of a source is there: it is connected then."""
    folder = root / (source.files.folder if source.files else ".")
    return any(next(folder.glob(stream.path), None) is not None for stream in source.streams.values())
