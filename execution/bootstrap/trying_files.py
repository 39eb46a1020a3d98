"""Trying a source that has files: each stream's are read as a sync would read them, and nothing is stored."""

from collections.abc import Mapping
from typing import Any

from execution import engine, store
from execution.bootstrap.trying import StreamTried, Tried
from execution.directives import Program
from execution.directives.document import look_up
from execution.directives.model import Source
from execution.directives.paths import parse_path
from execution.errors import Problem, SourceError
from execution.proof import stage
from execution.sync import ghosts, markdown_files, shelf, table_files
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
    problems = (*read.problems, *_unknown(workspace, program, source, name, read))
    if not problems:
        return StreamTried(name, len(read.records))
    first, more = problems[0], len({problem.path for problem in problems}) - 1
    others = f"; {more} more files do not hold" if more else ""
    said = f"{first.path}:{first.line}:{first.column}: {first.message}{others}"
    return StreamTried(name, len(read.records), first.code, said, first.hint)


def _unknown(
    workspace: Workspace, program: Program, source: Source, name: str, read: markdown_files.Markdown
) -> list[Problem]:
    """Files that count for nobody, by what was last published: no other source knows whom they are about."""
    if not source.known_unless or name != source.written_in or store.current(workspace) is None:
        return []
    paths = {str(look_up(record, parse_path(source.streams[name].key))): record["path"] for record in read.records}
    found: list[ghosts.Ghost] = []
    with stage.empty() as bare, stage.empty_for(bare, source) as tables, store.reader(workspace) as con:
        for entity, unless in source.known_unless.items():
            target = program.entities[entity]
            rows = stage.projected(tables, program, source, {name: read.records}, entity)
            keys = [row[target.key] for row in rows if not row[unless]]
            written = {key: paths[key] for key in keys if key in paths}
            found += ghosts.among(con, program, source, target, written)
    return list(ghosts.problems(workspace.root, program, found, read.broken))


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
