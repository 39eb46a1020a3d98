"""Expressions over one row: the conditions and points of scores, the checks of streams, when to read again."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import FeedSync, Health, Journey, Report, Revenue, Segment, Source
from execution.directives.schema import CHURN_FACTS, PERIOD, stream_columns
from execution.directives.sql.checking import Checker
from execution.directives.sql.flaw import Scope
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

Wanted = Literal["condition", "number", "text", "moment"]

_NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL|DOUBLE|FLOAT)\b|\"NULL\"")


@dataclass(frozen=True)
class _Expression:
    document: Document
    path: KeyPath
    text: str
    wanted: Wanted
    scope: Scope


def problems(catalogue: Catalogue, checker: Checker) -> Iterator[Problem]:
    """Everything wrong with the expressions of all directives."""
    for document, source in catalogue.of(Source):
        yield from _problems(_of_source(document, source), checker)
    for expressions in _about_rows(catalogue):
        for problem in _problems(expressions, checker):
            if problem.code != "E147" or catalogue.knows_all():
                yield problem
    for document, revenue in catalogue.of(Revenue):
        yield from _problems(_of_revenue(document, revenue), checker)


def _about_rows(catalogue: Catalogue) -> Iterator[Iterator[_Expression]]:
    """Expressions over all that is known of a row: a name that is not found may be given by a directive that does not
    hold."""
    for document, segment in catalogue.of(Segment):
        yield _of_segment(document, segment, catalogue)
    for document, health in catalogue.readable(Health):
        yield _of_health(document, health, catalogue)
    for document, report in catalogue.of(Report):
        yield _of_report(document, report, catalogue)


def _problems(expressions: Iterable[_Expression], checker: Checker) -> Iterator[Problem]:
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
        elif expression.wanted == "text" and kind not in ("VARCHAR", '"NULL"'):
            yield expression.document.inside("E148", f"this gives {kind}, not text", "", expression.path, 0)
        elif expression.wanted == "moment" and not kind.startswith(("DATE", "TIMESTAMP", '"NULL"')):
            hint = "name a day or a time, as in customer_since"
            yield expression.document.inside("E148", f"this gives {kind}, not a day", hint, expression.path, 0)


def _of_revenue(document: Document, revenue: Revenue) -> Iterator[_Expression]:
    churned = Scope(f"churn of {revenue.name}", {"churned": CHURN_FACTS})
    yield _Expression(document, ("churn", "type"), revenue.churn.type, "text", churned)
    yield _Expression(document, ("churn", "win_back"), revenue.churn.win_back, "condition", churned)
    period = Scope(f"period of {revenue.name}", {"period": PERIOD})
    for name, metric in revenue.metrics.items():
        yield _Expression(document, ("metrics", name, "value"), metric.value, "number", period)


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


def _of_segment(document: Document, segment: Segment, catalogue: Catalogue) -> Iterator[_Expression]:
    entity = catalogue.entity(segment.entity)
    if entity is not None:
        scope = Scope(f"segment {segment.name}", {entity.name: catalogue.types(entity)}, as_of=True)
        for path, text in segment.conditions().items():
            yield _Expression(document, path, text, "condition", scope)
        if isinstance(segment, Journey):
            yield from _of_journey(document, segment, scope)


def _of_journey(document: Document, journey: Journey, scope: Scope) -> Iterator[_Expression]:
    """What is asked of a row that stands in a stage."""
    for name, stage in journey.groups.items():
        if stage.since is not None:
            yield _Expression(document, ("stages", name, "since"), stage.since, "moment", scope)
        for number, criterion in enumerate(stage.exit):
            if criterion.when is not None:
                path: KeyPath = ("stages", name, "exit", number, "when")
                yield _Expression(document, path, criterion.when, "condition", scope)


def _of_report(document: Document, report: Report, catalogue: Catalogue) -> Iterator[_Expression]:
    customers = catalogue.entity("customers")
    if report.leave_out is not None and customers is not None:
        scope = Scope(f"report {report.name}", {customers.name: catalogue.types(customers)}, as_of=True)
        yield _Expression(document, ("leave_out",), report.leave_out, "condition", scope)


def _of_health(document: Document, health: Health, catalogue: Catalogue) -> Iterator[_Expression]:
    entity = catalogue.entity(health.entity)
    if entity is None:
        return
    facts = catalogue.types(entity)

    def scope(known: Iterable[str] = ()) -> Scope:
        return Scope(f"health {health.name}", {entity.name: facts}, as_of=True, known=frozenset(known))

    if health.where is not None:
        yield _Expression(document, ("where",), health.where, "condition", scope())
    for name, component in health.components.items():
        yield _Expression(document, ("components", name, "score"), component.score, "number", scope(component.needs))
    for name, penalty in health.penalties.items():
        yield _Expression(document, ("penalties", name, "when"), penalty.when, "condition", scope())
        known = {word for word in re.findall(r"\w+", penalty.when) if word in facts}
        yield _Expression(document, ("penalties", name, "points"), penalty.points, "number", scope(known))
    for name, signal in health.signals.items():
        yield _Expression(document, ("signals", name, "when"), signal.when, "condition", scope())
    for name, rule in health.expansion.items():
        yield _Expression(document, ("expansion", name, "when"), rule.when, "condition", scope())
    for number, action in enumerate(health.actions):
        yield _Expression(document, ("actions", number, "when"), action.when, "condition", scope())
