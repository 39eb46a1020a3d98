"""Entities: their keys, and who fills each column."""

from collections import Counter
from collections.abc import Iterator

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.facts import QUALITY
from execution.directives.model import Entity, Segment
from execution.directives.model.quality import Quality
from execution.directives.problems import closest, suggest
from execution.directives.schema import DERIVED, DUCKDB, is_derived
from execution.errors import Problem

WORKSPACE = "workspace"
"""The source that people's own files are."""


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with each entity."""
    used = Counter(
        source for _, entity in catalogue.of(Entity) for column in entity.columns.values() for source in column.sources
    )
    for document, entity in catalogue.of(Entity):
        if entity.key not in entity.columns:
            hint = suggest(entity.key, entity.columns)
            yield document.problem("E132", f"the key '{entity.key}' is not among the columns", hint, "key", value=True)
        yield from _columns(document, entity, catalogue, used)


def _columns(document: Document, entity: Entity, catalogue: Catalogue, used: Counter[str]) -> Iterator[Problem]:
    measured = catalogue.measured(entity.name)
    for name, column in entity.columns.items():
        at = ("columns", name)
        if column.sources == ("quality",) and catalogue.knows_quality():
            yield from _quality(document, entity, name, catalogue)
        if column.sources == ("segments",) and catalogue.knows_all("segment"):
            yield from _segment(document, entity, name, catalogue)
        if entity.rows == "owned" and name == "source":
            yield document.problem("E113", "every owned entity has a 'source' already", "name it otherwise", *at)
        yield from _sources(document, name, column.sources, catalogue, used)
        if column.sources == ("measures",) and catalogue.knows_all("measures"):
            if name not in measured:
                hint = suggest(name, measured, otherwise="declare it in directives/measures/")
                yield document.problem("E131", f"no measure is named '{name}'", hint, *at, "from", value=True)
            elif measured[name] != DUCKDB[column.type]:
                hint = f"the measure gives {measured[name]}, the column is {DUCKDB[column.type]}"
                yield document.problem("E136", f"'{name}' has two types", hint, *at, "type", value=True)


def _quality(document: Document, entity: Entity, name: str, catalogue: Catalogue) -> Iterator[Problem]:
    """A column `from: [quality]` is one of the names of the points, where the entity has points."""
    at = ("columns", name)
    if name not in QUALITY:
        hint = suggest(name, QUALITY)
        yield document.problem("E131", f"quality gives no '{name}'", hint, *at, "from", value=True)
    elif not any(entity.name in quality.scores for _, quality in catalogue.of(Quality)):
        hint = f"add scores: {{{entity.name}: …}} to directives/data-quality.md"
        yield document.problem("E131", f"{entity.name} have no points of quality", hint, *at, "from", value=True)
    elif DUCKDB[entity.columns[name].type] != QUALITY[name][1]:
        hint = f"the points are {QUALITY[name][1]}, the column is {DUCKDB[entity.columns[name].type]}"
        yield document.problem("E136", f"'{name}' has two types", hint, *at, "type", value=True)


def _segment(document: Document, entity: Entity, name: str, catalogue: Catalogue) -> Iterator[Problem]:
    """A column `from: [segments]` is the segment of its name."""
    segments = {each.name: each.type for _, each in catalogue.of(Segment) if each.entity == entity.name}
    at = ("columns", name)
    if name not in segments:
        hint = suggest(name, segments, otherwise="declare it in directives/segments/")
        yield document.problem("E131", f"no segment is named '{name}'", hint, *at, "from", value=True)
    elif segments[name] != DUCKDB[entity.columns[name].type]:
        hint = f"the segment gives {segments[name]}, the column is {DUCKDB[entity.columns[name].type]}"
        yield document.problem("E136", f"'{name}' has two types", hint, *at, "type", value=True)


def _sources(
    document: Document, name: str, sources: tuple[str, ...], catalogue: Catalogue, used: Counter[str]
) -> Iterator[Problem]:
    """A source need not be there yet; a name that is nearly another's is taken for a slip."""
    known = {*catalogue.names("source"), WORKSPACE, *DERIVED}
    for number, source in enumerate(sources):
        at = ("columns", name, "from", number)
        if sources.index(source) < number:
            yield document.problem("E113", f"'{source}' stands twice", "name each source once", *at, value=True)
        if source in known:
            continue
        near = closest(source, known | {other for other in used if used[other] > used[source]})
        if near and near not in sources:
            yield document.problem("E131", f"there is no source '{source}'", f"did you mean '{near}'?", *at, value=True)
    if not is_derived(sources) and any(source in DERIVED for source in sources):
        hint = "either sources write it, or one of measures, quality, segments, health, system"
        yield document.problem("E113", f"'{name}' is both read and derived", hint, "columns", name, "from", value=True)
