"""Expressions over one row: the conditions and points of scores, the checks of streams, when to read again."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import FeedSync, Health, Source
from execution.directives.schema import stream_columns
from execution.directives.sql.flaw import Scope
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

if TYPE_CHECKING:  # it opens the engine, which callers that leave SQL unread never need
    from execution.directives.sql.checking import Checker

Wanted = Literal["condition", "number"]

_NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL|DOUBLE|FLOAT)\b|\"NULL\"")


@dataclass(frozen=True)
class _Expression:
    document: Document
    path: KeyPath
    text: str
    wanted: Wanted
    scope: Scope


def problems(catalogue: Catalogue, checker: "Checker") -> Iterator[Problem]:
    """Everything wrong with the expressions of all directives."""
    for document, source in catalogue.of(Source):
        yield from _problems(_of_source(document, source), checker)
    for document, health in catalogue.of(Health):
        for problem in _problems(_of_health(document, health, catalogue), checker):
            if problem.code != "E147" or catalogue.knows_all_measures:
                yield problem


def _problems(expressions: Iterable[_Expression], checker: "Checker") -> Iterator[Problem]:
    for expression in expressions:
        checked = checker.expression(expression.text, expression.scope)
        for flaw in checked.flaws:
            yield expression.document.inside(flaw.code, flaw.message, flaw.hint, expression.path, flaw.at or 0)
        kind = checked.columns.get("value")
        if kind is None or checked.flaws:
            continue
        if expression.wanted == "condition" and kind not in ("BOOLEAN", '"NULL"'):
            hint = "write a comparison, as in days_since_seen > 30"
            yield expression.document.inside("E148", f"this gives {kind}, not true or false", hint, expression.path, 0)
        elif expression.wanted == "number" and not _NUMBER.match(kind):
            yield expression.document.inside("E148", f"this gives {kind}, not a number", "", expression.path, 0)


def _of_source(document: Document, source: Source) -> Iterator[_Expression]:
    for name, checks in source.checks.items():
        if name not in source.streams:
            continue
        scope = Scope(f"{source.name}.{name}", {name: stream_columns(source.streams[name])}, as_of=True)
        for number, check in enumerate(checks):
            path: KeyPath = ("validate", name, number)
            path = (*path, "check") if (*path, "check") in document.marks else path
            yield _Expression(document, path, check.check, "condition", scope)
    for name, stream in source.streams.items():
        if stream.reread is not None and stream.each in source.streams:
            parent = {stream.each: stream_columns(source.streams[stream.each])}
            scope = Scope(f"{source.name}.{stream.each}", parent, as_of=True)
            yield _Expression(document, ("streams", name, "reread"), stream.reread, "condition", scope)
        sync = stream.sync
        if isinstance(sync, FeedSync) and sync.where is not None and sync.feed in source.streams:
            feed = {sync.feed: stream_columns(source.streams[sync.feed])}
            scope = Scope(f"{source.name}.{sync.feed}", feed)
            yield _Expression(document, ("streams", name, "sync", "where"), sync.where, "condition", scope)


def _of_health(document: Document, health: Health, catalogue: Catalogue) -> Iterator[_Expression]:
    entity = catalogue.entity(health.entity)
    if entity is None:
        return
    facts = catalogue.facts(entity)
    schema = f"health {health.name}"

    def scope(known: Iterable[str] = ()) -> Scope:
        return Scope(schema, {entity.name: facts}, as_of=True, known=frozenset(known))

    for name, component in health.components.items():
        yield _Expression(document, ("components", name, "score"), component.score, "number", scope(component.needs))
    for name, penalty in health.penalties.items():
        yield _Expression(document, ("penalties", name, "when"), penalty.when, "condition", scope())
        known = {word for word in re.findall(r"\w+", penalty.when) if word in facts}
        yield _Expression(document, ("penalties", name, "points"), penalty.points, "number", scope(known))
    for name, signal in health.signals.items():
        yield _Expression(document, ("signals", name, "when"), signal.when, "condition", scope())
    after = Scope(f"after {schema}", {entity.name: facts | catalogue.outcomes(entity)}, as_of=True)
    for number, action in enumerate(health.actions):
        yield _Expression(document, ("actions", number, "when"), action.when, "condition", after)
