"""Between measures, segments and scores: names that mean two things, and steps that wait for each other."""

from collections.abc import Iterator

from execution.directives.catalogue import Catalogue
from execution.directives.dependencies import Use, circle, uses
from execution.directives.document import Document
from execution.directives.facts import DELTA, FIGURES, POINTS, PRIMARY, QUALITY, SHOWN, Step
from execution.directives.model import Entity, Health, Measures, Quality, Segment
from execution.directives.problems import suggest
from execution.directives.schema import DUCKDB, entity_columns
from execution.errors import Problem


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong between the directives that say what is derived."""
    for document, entity in catalogue.of(Entity):
        if catalogue.knows_all("health"):
            yield from _filled(document, entity, catalogue)
    yield from _two_meanings(catalogue)
    yield from _circles(catalogue)


def _filled(document: Document, entity: Entity, catalogue: Catalogue) -> Iterator[Problem]:
    """The columns `from: [health]`: a score has to give each."""
    given = {name: FIGURES[end][1] for name, end in PRIMARY.items()} | dict(SHOWN)
    for _, health in catalogue.scores(entity.name):
        given |= {f"{health.name}{end}": kind for end, (_, kind) in FIGURES.items()}
    given |= {name: POINTS for name in entity.columns if DELTA.fullmatch(name)}
    for name, column in entity.columns.items():
        at = ("columns", name)
        if "health" not in column.sources:
            continue
        if name not in given:
            hint = suggest(name, given)
            yield document.problem("E131", f"no score gives '{name}'", hint, *at, "from", value=True)
        elif given[name] != DUCKDB[column.type]:
            hint = f"the score gives {given[name]}, the column is {DUCKDB[column.type]}"
            yield document.problem("E136", f"'{name}' has two types", hint, *at, "type", value=True)


def _two_meanings(catalogue: Catalogue) -> Iterator[Problem]:
    """A segment or a figure of a score with the name of something else that is known of the same rows."""
    taken: dict[tuple[str, str], str] = {}
    for document, entity in catalogue.of(Entity):
        taken |= {(entity.name, name): f"a column, in {document.path}" for name in entity_columns(entity)}
    for document, measures in catalogue.of(Measures):
        measured = (*measures.measures, *measures.aliases)
        taken |= {(measures.entity, name): f"a measure, in {document.path}" for name in measured}
    for document, quality in catalogue.of(Quality):
        taken |= {(entity, name): f"of quality, in {document.path}" for entity in quality.scores for name in QUALITY}
    named: list[tuple[Document, Segment | Health, list[str], str]] = []
    named += [(document, each, [each.name], "a segment") for document, each in catalogue.of(Segment)]
    for document, health in catalogue.of(Health):
        named.append((document, health, [f"{health.name}{end}" for end in FIGURES], "of a score"))
    for document, each, names, what in named:
        again = next((name for name in names if (each.entity, name) in taken), None)
        if again is not None:
            hint = f"it is {taken[each.entity, again]}; name one otherwise"
            message = f"'{again}' would mean two things of {each.entity}"
            yield document.problem("E161", message, hint, "name", value=True)
        taken |= {(each.entity, name): f"{what}, in {document.path}" for name in names}


def _circles(catalogue: Catalogue) -> Iterator[Problem]:
    documents: dict[tuple[str, str], Document] = {}
    for kind in (Measures, Quality, Segment, Health):
        # A journey is worked out as the segment of its name.
        step = "segment" if kind is Segment else ""
        documents |= {(step or each.kind, each.name): document for document, each in catalogue.of(kind)}
    entities = {entity.name: entity for _, entity in catalogue.of(Entity)}
    measures, segments, scores = (
        [each for _, each in catalogue.of(Measures)],
        [each for _, each in catalogue.of(Segment)],
        [each for _, each in catalogue.of(Health)],
    )
    used = uses(entities, measures, segments, scores, [each for _, each in catalogue.of(Quality)])
    reported: set[frozenset[Step]] = set()
    for start in sorted({use.user for use in used}, key=str):
        way = circle(used, start)
        if way is not None and (steps := frozenset(use.user for use in way)) not in reported:
            reported.add(steps)
            yield _told(way, documents[way[0].user.kind, way[0].directive])


def _told(way: list[Use], document: Document) -> Problem:
    """The circle, at the word with which its first step uses the next."""
    first = way[0]
    path = " → ".join([str(first.user), *(str(use.used) for use in way)])
    message = f"{first.user} is worked out from itself: {path}"
    names = ", ".join(f"{use.user} names '{use.word}'" for use in way)
    hint = f"{names}; one of them must do without"
    if len(way) == 1 and first.user.kind == "health":
        hint = f"'{first.word}' is known when the score is: only actions and expansion may name it"
    if first.block is not None:
        placed = document.blocks[first.block]
        return placed.problem("E133", message, hint, at=max(placed.block.text.lower().find(first.word.lower()), 0))
    return document.problem("E133", message, hint, *first.path, value=True)
