"""From texts to a program: read every file, lay the overlays over, check each directive and all of them together."""

import re
from collections.abc import Iterator
from functools import lru_cache

from execution.directives.catalogue import Catalogue, Entry
from execution.directives.checks import (
    deeds,
    delivery,
    elsewhere,
    entities,
    expressions,
    graph,
    health,
    journeys,
    keywords,
    measures,
    names,
    outcomes,
    projections,
    quality,
    reports,
    revenue,
    routing,
    running,
    segments,
    setting,
    settings,
    sources,
    team,
    tests,
    triggers,
)
from execution.directives.document import Document, read_document
from execution.directives.model import KINDS
from execution.directives.overlays import apply_overlays
from execution.directives.program import Program
from execution.directives.reading import MAX_BYTES, Texts, decode
from execution.directives.remnant import remnant
from execution.directives.sql.checking import Checker
from execution.directives.sql.memory import Memory
from execution.directives.validation import validate
from execution.errors import Problem

_NAME = re.compile(rb"^name:[ \t]*(\w+)", re.MULTILINE)
_FILES = 1024
"""How many files are remembered as they were read."""

_HELD = Memory()
"""The SQL that was found to hold since the process began."""


def load(texts: Texts, memory: Memory | None = None) -> Program:
    """The program that the texts make up, with every problem in them; it never raises, whatever they contain.

    With a `memory` of SQL known to hold only the other SQL is looked at, which the memory then knows too; by default
    that of this process.
    """
    problems: list[Problem] = []
    documents: list[Document] = []
    unread: set[str] = set()
    for path in sorted(texts):
        document, wrong = _read(path, texts[path])
        problems += wrong
        if document is not None:
            documents.append(document)
        if document is None or str(document.data.get("kind")) not in KINDS:
            unread |= {name.decode("ascii", "ignore") for name in _NAME.findall(texts[path][:MAX_BYTES])}
    documents, found = apply_overlays(documents)
    problems += found
    entries: list[Entry] = []
    for document in documents:
        directive, found = validate(document)
        problems += found
        entries.append(Entry(document, directive, remnant(document) if directive is None else None))
    catalogue = Catalogue(tuple(entries), frozenset(unread))
    problems += _between(catalogue, Checker(_HELD if memory is None else memory))
    return Program.of([entry.directive for entry in entries if entry.directive is not None], problems)


@lru_cache(maxsize=_FILES)
def _read(path: str, content: bytes) -> tuple[Document | None, tuple[Problem, ...]]:
    """A file's document, which nobody changes: of a folder that is loaded again only what was edited is read."""
    text = decode(path, content)
    if isinstance(text, Problem):
        return None, (text,)
    document, problems = read_document(path, text)
    return document, tuple(problems)


def _between(catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    """What is wrong within and between directives that hold by themselves."""
    structure = (
        names,
        sources,
        elsewhere,
        entities,
        measures,
        segments,
        journeys,
        health,
        graph,
        revenue,
        running,
        settings,
        team,
        routing,
        delivery,
        tests,
    )
    for check in structure:
        yield from check.problems(catalogue)
    yield from projections.problems(catalogue, checker)
    yield from expressions.problems(catalogue, checker)
    yield from outcomes.problems(catalogue, checker)
    yield from quality.problems(catalogue, checker)
    yield from reports.problems(catalogue, checker)
    yield from triggers.problems(catalogue, checker)
    yield from keywords.problems(catalogue, checker)
    yield from deeds.problems(catalogue, checker)
    yield from setting.circles(catalogue)
