"""Outcomes and labels: what a score is held against, and what is known of the past."""

from collections.abc import Iterator
from datetime import timedelta

from execution.directives.catalogue import Catalogue
from execution.directives.checks.projections import misfit
from execution.directives.document import Document, PlacedBlock
from execution.directives.model import Entity, Outcome, Source
from execution.directives.problems import suggest
from execution.directives.schema import BUILT_IN, DUCKDB, REVENUE, entity_columns, stream_columns
from execution.directives.sql.checking import Checker
from execution.directives.sql.flaw import Scope
from execution.errors import Problem

TARGET = "outcome"
PAST = "past"
WHEN = "happened_at"


def problems(catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    """Everything wrong with outcomes, with the labels of sources, and with what entities say of their past."""
    for document, outcome in catalogue.of(Outcome):
        yield from _of_outcome(document, outcome, catalogue)
        for placed in document.blocks:
            yield from _block(placed, outcome, catalogue, checker)
    for document, source in catalogue.of(Source):
        if source.label is not None:
            yield from _of_label(document, source)
    for document, entity in catalogue.of(Entity):
        yield from _of_past(document, entity, checker)
        for placed in document.blocks:
            yield from _past_block(placed, entity, catalogue, checker)
    yield from _primaries(catalogue)


# --- outcomes -----------------------------------------------------------------------------------


def _of_outcome(document: Document, outcome: Outcome, catalogue: Catalogue) -> Iterator[Problem]:
    if outcome.entity not in catalogue.names("entity"):
        hint = suggest(outcome.entity, catalogue.names("entity"), otherwise="declare it in directives/data-model/")
        yield document.problem("E131", f"there is no entity '{outcome.entity}'", hint, "entity", value=True)
    for key in ("horizon", "every"):
        if getattr(outcome, key) < timedelta(days=1):
            hint = "outcomes are looked at day by day: write 1d or more"
            yield document.problem("E113", f"{key} is shorter than a day", hint, key, value=True)
    if document.is_whole and outcome.sql(TARGET) is None:
        hint = "add a ```sql outcome block: who could have it at $as_of, and in happened_at when it came"
        yield document.problem("E112", "there is no sql outcome block", hint, "kind")


def _block(placed: PlacedBlock, outcome: Outcome, catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    if placed.block.target != TARGET:
        yield placed.problem("E121", f"'{placed.block.target}' is no target in an outcome", "write ```sql outcome")
        return
    broken = catalogue.broken_tables()
    scope = Scope(f"outcome of {outcome.entity}", catalogue.tables(), as_of=True, broken=broken)
    checked = checker.query(placed.block.text, scope)
    for flaw in checked.flaws:
        yield placed.problem(flaw.code, flaw.message, flaw.hint, at=flaw.at or 0)
    entity = catalogue.entity(outcome.entity)
    if entity is None or not checked.columns:
        return
    for name in (entity.key, WHEN):
        if name not in checked.columns:
            yield placed.problem("E135", f"'{name}' is not selected", f"an outcome gives {entity.key} and {WHEN}")
    for name, kind in checked.columns.items():
        if name not in (entity.key, WHEN):
            hint = f"an outcome gives {entity.key} and {WHEN}, nothing else"
            yield placed.problem("E135", f"'{name}' is no part of an outcome", hint, at=checked.places.get(name))
        elif name == WHEN and (wrong := misfit(kind, "TIMESTAMP")):
            yield placed.problem("E136", f"{WHEN} is {kind}, and no time", wrong, at=checked.places.get(name))


def _primaries(catalogue: Catalogue) -> Iterator[Problem]:
    """Weights are learned from one outcome of an entity."""
    seen: dict[str, str] = {}
    for document, outcome in catalogue.of(Outcome):
        if outcome.primary and outcome.entity in seen:
            message = f"'{outcome.name}' and '{seen[outcome.entity]}' are both the primary outcome of {outcome.entity}"
            yield document.problem("E113", message, "take primary: out of one of them", "primary")
        elif outcome.primary:
            seen[outcome.entity] = outcome.name


# --- labels -------------------------------------------------------------------------------------


def _of_label(document: Document, source: Source) -> Iterator[Problem]:
    label = source.label
    if label is None:
        return
    if label.stream is None and len(source.streams) > 1:
        hint = f"add stream: one of {', '.join(source.streams)}"
        yield document.problem("E112", "the label does not say which stream it is in", hint, "label")
        return
    name = label.stream or next(iter(source.streams))
    if name not in source.streams:
        hint = suggest(name, source.streams)
        yield document.problem("E131", f"there is no stream '{name}'", hint, "label", "stream", value=True)
        return
    columns = stream_columns(source.streams[name])
    for key in ("column", "observed_at", "happened_at", "customer"):
        column = getattr(label, key)
        if column is None:
            continue
        if column not in columns:
            hint = suggest(column, columns)
            yield document.problem("E132", f"'{name}' has no column '{column}'", hint, "label", key, value=True)
        elif key.endswith("_at") and columns[column] not in ("TIMESTAMP", "DATE"):
            hint = f"declare it as {column}: {{path: …, type: date}}"
            yield document.problem("E136", f"'{column}' is no time", hint, "label", key, value=True)


# --- the past -----------------------------------------------------------------------------------


def _of_past(document: Document, entity: Entity, checker: Checker) -> Iterator[Problem]:
    if entity.past is None:
        return
    types = entity_columns(entity) | {name: DUCKDB[column.type] for name, column in entity.columns.items()}
    scope = Scope(f"past of {entity.name}", {entity.name: types}, as_of=True)
    for number, name in enumerate(entity.past.same):
        if name not in types:
            hint = suggest(name, types)
            yield document.problem("E132", f"no column '{name}' is stored", hint, "past", "same", number, value=True)
    wanted = {("past", "columns", name): (text, types.get(name)) for name, text in entity.past.columns.items()}
    if entity.past.known_from is not None:
        wanted["past", "known_from", ""] = (entity.past.known_from, "TIMESTAMP")
    for (*path, last), (text, kind) in wanted.items():
        at = (*path, last) if last else tuple(path)
        if kind is None:
            yield document.problem("E132", f"no column '{last}' is stored", suggest(last, types), *at)
            continue
        checked = checker.expression(text, scope)
        for flaw in checked.flaws:
            yield document.inside(flaw.code, flaw.message, flaw.hint, at, flaw.at or 0)
        given = checked.columns.get("value")
        if given is not None and not checked.flaws and (wrong := misfit(given, kind)):
            yield document.problem("E148", f"this gives {given}, not {kind}", wrong, *at, value=True)


def _past_block(placed: PlacedBlock, entity: Entity, catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    """The block that tells an entity's past from others: it reads those that tell of no others themselves."""
    if placed.block.target != PAST:
        yield placed.problem("E121", f"'{placed.block.target}' is no target in an entity", "write ```sql past")
        return
    plain = {each.name: entity_columns(each) for _, each in catalogue.of(Entity) if each.sql(PAST) is None}
    scope = Scope(
        f"past of {entity.name}", {**BUILT_IN, **REVENUE, **plain}, as_of=True, broken=catalogue.broken_tables()
    )
    checked = checker.query(placed.block.text, scope)
    for flaw in checked.flaws:
        yield placed.problem(flaw.code, flaw.message, flaw.hint, at=flaw.at or 0)
    types = entity_columns(entity)
    if checked.columns and entity.key not in checked.columns:
        yield placed.problem("E135", f"the key '{entity.key}' is not selected", f"every row needs its {entity.key}")
    for name, kind in checked.columns.items():
        at = checked.places.get(name)
        if name not in types:
            yield placed.problem("E135", f"no column '{name}' of {entity.name} is stored", suggest(name, types), at=at)
        elif wrong := misfit(kind, types[name]):
            yield placed.problem("E136", f"'{name}' is {kind}, and {entity.name}.{name} {types[name]}", wrong, at=at)
