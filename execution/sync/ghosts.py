"""Rows that do not count because no other source has them: what is written of `acme.con`, where `acme.com` was meant.

They are found among the stored projections once every source of a run is merged, or among rows that are only tried.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from execution import engine, store
from execution.directives import Program
from execution.directives.model import Entity, Source
from execution.engine import ident, literal
from execution.errors import GtmError, Problem
from execution.sync.feeding import enabled, feeding, has_others
from execution.sync.raw import raw_table
from execution.sync.results import SourceResult
from execution.sync.shelf import shelf_of

_LETTERS = 2
"""By so many letters may a name that is meant be longer or shorter, and as many at its beginning are the same; more is
no slip of the pen."""
_HINTED = 10
"""For so many a name that is like theirs is looked for (among 300,000 that begin alike it takes 0.7 s of CPU each)."""


@dataclass(frozen=True, slots=True)
class Ghost:
    """A row that no other source has, the file that it is written in, and the key there is that is most like it."""

    source: str
    key: str
    path: str
    nearest: str | None


def find(con: engine.Connection, program: Program) -> tuple[Ghost, ...]:
    """Those of the rows that are stored."""
    found: list[Ghost] = []
    for source in enabled(program):
        for name, unless in source.known_unless.items():
            table, key = f"{source.name}__{name}", ident(program.entities[name].key)
            if not store.has_table(con, "projected", table):
                continue
            row = ident("projected", table)
            alone = ident(unless) if unless in engine.columns(con, f"FROM {row}") else "false"
            written = con.execute(
                f"SELECT w.{key}, json_extract_string(r.payload, '$.path') FROM {row} w "
                f"JOIN {raw_table(source.name, source.written_in)} r ON r.key = w.{key} AND NOT r.deleted "
                f"WHERE {alone} IS DISTINCT FROM true"
            ).fetchall()
            found += among(con, program, source, program.entities[name], dict(written))
    return tuple(found)


def among(
    con: engine.Connection, program: Program, source: Source, entity: Entity, written: Mapping[str, str]
) -> list[Ghost]:
    """Those of the keys of a source's rows, each with the file it is written in, that no other source has."""
    if not written or not has_others(con, program):
        return []
    key = ident(entity.key)
    others = [feed for feed in feeding(con, program, entity) if feed.source != source.name]
    known = [
        f"ANTI JOIN (SELECT {key} AS key FROM {feed.table} o WHERE {feed.counts('o')}) USING (key)" for feed in others
    ]
    rows = con.execute(
        f"WITH written AS (SELECT unnest({literal(sorted(written))}::VARCHAR[]) AS key), "
        f"unknown AS (SELECT key FROM written {' '.join(known)}), "
        f"hinted AS (SELECT key FROM unknown ORDER BY key LIMIT {_HINTED}), "
        f"nearest AS (SELECT h.key, min_by(c.{key}, (damerau_levenshtein(h.key, c.{key}), c.{key})) AS meant "
        f"FROM hinted h JOIN {ident('core', entity.name)} c ON left(c.{key}, {_LETTERS}) = left(h.key, {_LETTERS}) "
        f"AND abs(length(c.{key}) - length(h.key)) <= {_LETTERS} GROUP BY h.key) "
        "SELECT u.key, n.meant FROM unknown u LEFT JOIN nearest n ON n.key = u.key ORDER BY u.key"
    ).fetchall()
    return [Ghost(source.name, name, written[name], nearest) for name, nearest in rows]


def problems(root: Path, program: Program, ghosts: Iterable[Ghost], told: Collection[str] = ()) -> Iterator[Problem]:
    """Each with its place, but for those in files of which something is `told` already, or that nobody has written
    anything into: an account that is gone leaves its empty form behind until its folder is put away."""
    for ghost in ghosts:
        if ghost.path not in told and (problem := _problem(root, program.sources[ghost.source], ghost)) is not None:
            yield problem


def _problem(root: Path, source: Source, ghost: Ghost) -> Problem | None:
    from execution.sync import markdown_files

    name = source.written_in
    try:
        shelf = shelf_of(root, source, name)
        file = next((file for file in shelf.files if shelf.shown(file) == ghost.path), None)
        if file is not None:
            return markdown_files.unknown(shelf, file, source.streams[name], ghost.key, ghost.nearest)
    except GtmError:
        pass  # it cannot be opened any more, which its stream tells
    return markdown_files.unknown_somewhere(ghost.path, ghost.key, ghost.nearest)


def told_with(
    results: Iterable[SourceResult], root: Path, program: Program, ghosts: Collection[Ghost]
) -> tuple[SourceResult, ...]:
    """The results of a run with the ghosts among the findings of the streams that they were read in."""
    return tuple(_told_with(result, root, program, ghosts) if ghosts else result for result in results)


def _told_with(result: SourceResult, root: Path, program: Program, ghosts: Iterable[Ghost]) -> SourceResult:
    own = [ghost for ghost in ghosts if ghost.source == result.source]
    if not own:
        return result
    told = {problem.path for stream in result.streams for problem in stream.findings}
    found = tuple(problems(root, program, own, told))
    written_in = program.sources[result.source].written_in
    streams = tuple(
        replace(stream, findings=(*stream.findings, *found)) if stream.stream == written_in else stream
        for stream in result.streams
    )
    return replace(result, streams=streams)
