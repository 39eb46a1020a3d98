"""From texts to a program: read every file, lay the overlays over, check each directive and all of them together."""

import re
from collections.abc import Iterator
from typing import TypeVar

from execution.directives.catalogue import Catalogue, Entry
from execution.directives.checks import entities, health, measures, names, running, sources, tests
from execution.directives.document import Document, read_document
from execution.directives.hashing import program_hash
from execution.directives.model import KINDS, Directive, Entity, Health, Measures, Report, Schedule, Settings, Source
from execution.directives.overlays import apply_overlays
from execution.directives.program import Program
from execution.directives.reading import MAX_BYTES, Texts, decode
from execution.directives.validation import validate
from execution.errors import Problem

Kind = TypeVar("Kind", bound=Directive)

_NAME = re.compile(rb"^name:[ \t]*(\w+)", re.MULTILINE)


def load(texts: Texts, *, check_sql: bool = True) -> Program:
    """The program that the texts make up, with every problem in them; it never raises, whatever they contain.

    Without `check_sql` the SQL is left unread, for a caller who knows that these very texts were checked before.
    """
    problems: list[Problem] = []
    documents: list[Document] = []
    unread: set[str] = set()
    for path in sorted(texts):
        document, found = _read(path, texts[path])
        problems += found
        if document is not None:
            documents.append(document)
        if document is None or document.data.get("kind") not in KINDS:
            unread |= {name.decode("ascii", "ignore") for name in _NAME.findall(texts[path][:MAX_BYTES])}
    documents, found = apply_overlays(documents)
    problems += found
    entries: list[Entry] = []
    for document in documents:
        directive, found = validate(document)
        problems += found
        entries.append(Entry(document, directive))
    catalogue = Catalogue(tuple(entries), frozenset(unread))
    problems += _between(catalogue, check_sql=check_sql)
    return _program(catalogue, problems)


def _read(path: str, content: bytes) -> tuple[Document | None, list[Problem]]:
    text = decode(path, content)
    return (None, [text]) if isinstance(text, Problem) else read_document(path, text)


def _between(catalogue: Catalogue, *, check_sql: bool) -> Iterator[Problem]:
    """What is wrong within and between directives that hold by themselves."""
    for check in (names, sources, entities, measures, health, running, tests):
        yield from check.problems(catalogue)
    from execution.directives.checks import expressions, projections

    if not check_sql:
        yield from projections.problems(catalogue, None)
        return
    from execution.directives.sql.checking import Checker

    checker = Checker()
    yield from projections.problems(catalogue, checker)
    yield from expressions.problems(catalogue, checker)


def _program(catalogue: Catalogue, problems: list[Problem]) -> Program:
    hashes = {f"{e.directive.kind} {e.directive.name}": e.directive.hash for e in catalogue.entries if e.directive}
    settings = next((found for _, found in catalogue.of(Settings)), Settings(kind="settings", name="settings"))
    return Program(
        settings=settings,
        sources=_by_name(catalogue, Source),
        entities=_by_name(catalogue, Entity),
        measures=_by_name(catalogue, Measures),
        health=_by_name(catalogue, Health),
        reports=_by_name(catalogue, Report),
        schedules=_by_name(catalogue, Schedule),
        problems=tuple(sorted(set(problems))),
        hash=program_hash(hashes),
    )


def _by_name(catalogue: Catalogue, kind: type[Kind]) -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for _, directive in catalogue.of(kind):
        found.setdefault(directive.name, directive)
    return found
