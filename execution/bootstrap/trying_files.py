"""Trying a source that has files: each stream's are read as a sync would read them, and nothing is stored."""

from collections.abc import Mapping
from typing import Any

from execution import engine
from execution.bootstrap.trying import StreamTried, Tried
from execution.directives import Program
from execution.directives.model import Source
from execution.errors import SourceError
from execution.sync import markdown_files, shelf, table_files
from execution.sync.run import bands_of
from execution.workspace import Workspace

_FEW = 100
_Records = list[Mapping[str, Any]]


def try_files(workspace: Workspace, program: Program, source: Source) -> Tried:
    """Read every stream; what is wrong with one is in the result."""
    streams = []
    for name in source.streams:
        try:
            streams.append(_tried(workspace, program, source, name))
        except SourceError as error:
            said = f"{error.where}: {error.message}"
            streams.append(StreamTried(name, code=error.code, error=said, hint=error.hint))
    return Tried(source.name, (), tuple(streams))


def sample_files(workspace: Workspace, source: Source) -> dict[str, _Records]:
    """A few records of every stream, as they are read. Raises FileError where a stream cannot be."""
    return {name: _read(workspace, source, name)[1] for name in source.streams}


def _tried(workspace: Workspace, program: Program, source: Source, name: str) -> StreamTried:
    if not shelf.is_markdown(source, name):
        return StreamTried(name, _read(workspace, source, name)[0])
    found = shelf.shelf_of(workspace.root, source, name)
    read = _markdown(found, source, name, bands_of(program))
    if not read.problems:
        return StreamTried(name, len(read.records))
    first, more = read.problems[0], len(read.broken) - 1
    others = f"; {more} more files do not hold" if more else ""
    said = f"{first.path}:{first.line}:{first.column}: {first.message}{others}"
    return StreamTried(name, len(read.records), first.code, said, first.hint)


def _read(workspace: Workspace, source: Source, name: str) -> tuple[int, _Records]:
    """How many records there are, and the first few."""
    import json

    found = shelf.shelf_of(workspace.root, source, name)
    if shelf.is_markdown(source, name):
        records = _markdown(found, source, name, None).records
        return len(records), list(records[:_FEW])
    shelf.require_some(found, source, name)
    with engine.memory() as con:
        rows = table_files.load(con, found, source, name)
        page = next(rows.first(_FEW).pages(), (b"[]", 0))[0]
    return rows.count, json.loads(page)


def _markdown(found: shelf.Shelf, source: Source, name: str, bands: tuple[str, ...] | None) -> markdown_files.Markdown:
    form = source.files.form if source.files else None
    return markdown_files.read(found, source.streams[name], form, bands)
