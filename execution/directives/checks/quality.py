"""Quality: what checks are about, whether their numbers can be meant, and their conditions."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypeVar

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.facts import Step
from execution.directives.model import Entity, Source
from execution.directives.model.quality import (
    MAILBOX,
    OF_ROWS,
    OF_SOURCES,
    SOURCES_KNOWN,
    Anomaly,
    AnyCheck,
    Completeness,
    Freshness,
    Match,
    Quality,
    Share,
    Uniqueness,
    Validity,
)
from execution.directives.problems import suggest
from execution.directives.schema import entity_columns
from execution.directives.sql.checking import Checker
from execution.directives.sql.flaw import Scope
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

_HUNDRED = Decimal(100)
_NUMBERS = ("BIGINT", "DOUBLE", "DECIMAL")
Word = TypeVar("Word", bound=str)


def problems(catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    """Everything wrong with the quality directive."""
    first = ""
    for document, quality in catalogue.of(Quality):
        if first:
            hint = "put its checks there; a team's own belong into directives/local/ with extends:"
            yield document.problem("E189", f"'{first}' says already what quality is", hint, "name", value=True)
        first = first or quality.name
        for name, check in quality.checks.items():
            yield from _of_check(document, name, check, catalogue)
        yield from _scores(document, quality, catalogue)
        yield from _worth(document, quality, catalogue)
        for entity in quality.entities():
            yield from _columns(document, quality, entity, catalogue)
            yield from _conditions(document, quality, entity, catalogue, checker)


# --- what checks are about ------------------------------------------------------------------------


def _of_check(document: Document, name: str, check: AnyCheck, catalogue: Catalogue) -> Iterator[Problem]:
    at: KeyPath = ("checks", name)
    yield from _numbers(document, at, check)
    if check.blocking and check.at_most is None:
        hint = "add at_most: a percentage, or a number of rows"
        yield document.problem("E186", f"'{name}' blocks and has no threshold", hint, *at, "blocking")
    entity = None if isinstance(check, Freshness) else check.entity
    if entity is not None and entity not in catalogue.names("entity"):
        hint = suggest(entity, catalogue.names("entity"), otherwise="declare it in directives/data-model/")
        yield document.problem("E131", f"there is no entity '{entity}'", hint, *at, "entity", value=True)
    if isinstance(check, Freshness | Validity | Anomaly):
        yield from _sources(document, at, check, catalogue)
    for message, hint in _unclear(check, catalogue):
        yield document.problem("E187", f"'{name}' {message}", hint, *at, "dimension")


def _unclear(check: AnyCheck, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Why it is not clear what a check looks at."""
    match check:
        case Validity(holds=None, counts=None):
            yield "says nothing that should be valid", "add holds: (with entity:), or counts: rejects or expectations"
        case Validity(counts=None, entity=None):
            yield "has holds: and no entity it should hold for", "add entity:"
        case Validity() if check.counts is not None and not (check.holds is check.where is check.entity is None):
            yield "is about rows and about what sources sent", "write either entity: and holds:, or counts:"
        case Anomaly(entity=None) if check.where is not None:
            yield "has where: and no entity", "add entity:, or take where: out"
        case Anomaly() if check.entity is not None and (check.sources or check.counts):
            yield "is about an entity and about streams", "write either entity:, or sources: and counts:"
        case Anomaly() if check.entity is not None and check.at_most is None:
            yield "does not say how many rows may be gone", "add at_most:, as in 50%"
        case Uniqueness(same=()):
            yield "does not say what must not be the same", "name the columns in same:"
        case Uniqueness() if check.same == (MAILBOX,):
            entity = catalogue.entity(check.entity)
            if entity is not None and entity.key != "email":
                yield f"asks for the mailbox of {entity.key}", "only an entity keyed by email has one"
        case _:
            return


def _sources(
    document: Document, at: KeyPath, check: Freshness | Validity | Anomaly, catalogue: Catalogue
) -> Iterator[Problem]:
    known = {source.name: source for _, source in catalogue.of(Source)}
    for number, name in enumerate(check.sources):
        here = (*at, "sources", number)
        if name not in catalogue.names("source"):
            hint = suggest(name, catalogue.names("source"))
            yield document.problem("E131", f"there is no source '{name}'", hint, *here, value=True)
        elif isinstance(check, Freshness) and name in known and known[name].freshness is None:
            hint = "declare there freshness: {warn: 6h, error: 24h}"
            yield document.problem("E187", f"'{name}' does not say how old it may be", hint, *here, value=True)


# --- numbers ----------------------------------------------------------------------------------------


def _numbers(document: Document, at: KeyPath, check: AnyCheck) -> Iterator[Problem]:
    if check.at_most is not None:
        yield from _threshold(document, (*at, "at_most"), check.at_most)
    if isinstance(check, Completeness):
        yield from _weights(document, (*at, "columns"), check.columns)
        yield from _threshold(document, (*at, "known"), check.known)
    if isinstance(check, Match):
        found: dict[KeyPath, int] = {("levels", name, "points"): each.points for name, each in check.levels.items()}
        for path, points in {**found, ("at_least",): check.at_least}.items():
            if not 0 <= points <= 100:
                yield document.problem("E185", f"{points} is not from 0 to 100", "", *at, *path, value=True)
    if isinstance(check, Anomaly):
        if check.deviations <= 0:
            yield _low(document, (*at, "deviations"), check.deviations)
        if check.least < 0:
            yield document.problem("E185", f"{check.least} is below 0", "", *at, "least", value=True)
        if not 2 <= check.minimum <= check.days:
            hint = f"of {check.days} days at least 2 and at most all can be asked for"
            message = f"{check.minimum} days cannot be the least"
            yield document.problem("E185", message, hint, *at, "minimum", value=True)


def _low(document: Document, at: KeyPath, number: Decimal) -> Problem:
    return document.problem("E185", f"{number} is not above 0", "write a number above 0", *at, value=True)


def _weights(document: Document, at: KeyPath, weights: Mapping[Word, Decimal]) -> Iterator[Problem]:
    for name, weight in weights.items():
        if weight < Decimal("0.001"):
            hint = "what should not count is left out; a weight is at least 0.001"
            yield document.problem("E185", f"the weight {weight} is not above 0", hint, *at, name, value=True)
        elif weight > 1000:
            hint = "only the shares count: write them from 1 to 100"
            yield document.problem("E185", f"the weight {weight} is above 1000", hint, *at, name, value=True)


def _threshold(document: Document, at: KeyPath, share: Share) -> Iterator[Problem]:
    if share.percent is not None and share.percent > _HUNDRED:
        yield document.problem("E185", f"{share} is more than all", "write 0% to 100%", *at, value=True)
    if share.rows is not None and share.rows < 0:
        yield document.problem("E185", f"{share} is below 0", "write 0 or more", *at, value=True)
    if share.rows is not None and at[-1] == "known":
        yield document.problem("E185", f"{share} is no share", "write a percentage, as in 60%", *at, value=True)


# --- worth ------------------------------------------------------------------------------------------


def _worth(document: Document, quality: Quality, catalogue: Catalogue) -> Iterator[Problem]:
    for name, column in quality.worth.items():
        entity = catalogue.entity(name)
        if entity is None:
            hint = suggest(name, catalogue.names("entity"))
            yield document.problem("E131", f"there is no entity '{name}'", hint, "worth", name)
            continue
        stored = entity_columns(entity)
        if column not in stored:
            hint = suggest(column, stored)
            yield document.problem("E132", f"'{name}' has no column '{column}'", hint, "worth", name, value=True)
        elif not stored[column].startswith(_NUMBERS):
            hint = "name a column with a number"
            yield document.problem("E136", f"'{column}' is no number", hint, "worth", name, value=True)


# --- scores -----------------------------------------------------------------------------------------


def _scores(document: Document, quality: Quality, catalogue: Catalogue) -> Iterator[Problem]:
    for entity, weights in quality.scores.items():
        at: KeyPath = ("scores", entity)
        yield from _weights(document, at, weights)
        if entity not in catalogue.names("entity"):
            hint = suggest(entity, catalogue.names("entity"), otherwise="declare it in directives/data-model/")
            yield document.problem("E131", f"there is no entity '{entity}'", hint, *at)
        given = {check.dimension for check in quality.of_rows(entity).values()} | {"freshness"}
        for name in weights:
            if name not in OF_ROWS:
                hint = "it is about sources: weigh it in sources:"
                yield document.problem("E188", f"a row is not rated for {name}", hint, *at, name)
            elif name not in given:
                hint = f"add a check with dimension: {name} and entity: {entity}"
                yield document.problem("E188", f"no check tells the {name} of {entity}", hint, *at, name)
    yield from _weights(document, ("sources",), quality.sources)
    for name in quality.sources:
        if name not in OF_SOURCES:
            hint = f"a source is rated for {', '.join(OF_SOURCES)}"
            yield document.problem("E188", f"a source is not rated for {name}", hint, "sources", name)


# --- columns and conditions -------------------------------------------------------------------------


def _known(entity: Entity, catalogue: Catalogue) -> dict[str, str]:
    """What a check may name: stored columns and measures, and how many sources know the row."""
    step = Step("measures", entity.name)
    facts = catalogue.facts(entity)
    return {name: fact.type for name, fact in facts.items() if fact.step in (None, step)} | {SOURCES_KNOWN: "BIGINT"}


def _columns(document: Document, quality: Quality, name: str, catalogue: Catalogue) -> Iterator[Problem]:
    entity = catalogue.entity(name)
    if entity is None or not catalogue.knows_all("measures"):
        return
    known = _known(entity, catalogue)
    for path, column in quality.columns(name).items():
        if column not in known:
            hint = suggest(column, known)
            yield document.problem("E132", f"{name} has no column or measure '{column}'", hint, *path)


def _conditions(
    document: Document, quality: Quality, name: str, catalogue: Catalogue, checker: Checker
) -> Iterator[Problem]:
    entity = catalogue.entity(name)
    if entity is None:
        return
    scope = Scope(name, {name: _known(entity, catalogue)}, as_of=True)
    for path, text in quality.conditions(name).items():
        checked = checker.expression(text, scope)
        for flaw in checked.flaws:
            if flaw.code != "E147" or catalogue.knows_all("measures"):
                yield document.inside(flaw.code, flaw.message, flaw.hint, path, flaw.at or 0)
        kind = checked.columns.get("value")
        if kind is not None and not checked.flaws and kind not in ("BOOLEAN", '"NULL"'):
            hint = "write a comparison, as in mrr >= 0"
            yield document.inside("E148", f"this gives {kind}, not true or false", hint, path, 0)
