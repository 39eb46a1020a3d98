"""The tests in directives: whether what they give and expect is there to be given and expected."""

from collections.abc import Iterable, Iterator, Mapping

from execution.directives.cases import MarkedCase
from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import Directive, Entity, Health, Measures, Outcome, Quality, Revenue, Segment, Source
from execution.directives.problems import suggest
from execution.directives.schema import GIVEN_RATES, PERIOD, REVENUE, VOLUMES
from execution.errors import Problem

Rows = Mapping[str, tuple[Mapping[str, object], ...]]
Known = Mapping[str, Iterable[str] | None]
"""Names and the columns each has; None where its rows may have any."""


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with the tests of all directives."""
    for entry in catalogue.entries:
        if entry.directive is None or not entry.document.cases:
            continue
        of = entry.directive
        known = _of_quality(of, catalogue) if isinstance(of, Quality) else _known(of, catalogue)
        if known is None:
            case = entry.document.cases[0]
            hint = "tests belong into sources, revenue, measures, quality, segments, health, outcomes, an entity's past"
            yield case.problem("E151", f"a {entry.directive.kind} directive has no tests", hint)
            continue
        yield from _names(entry.document)
        if not entry.document.is_whole:
            continue
        for case in entry.document.cases:
            yield from _part(case, "given", case.case.given, known[0])
            yield from _part(case, "expect", case.case.expect, known[1])


def _known(directive: Directive, catalogue: Catalogue) -> tuple[Known, Known] | None:
    """What a directive's tests may give, and what they may expect."""
    if isinstance(directive, Source):
        targets = set(directive.feeds)
        if not targets <= catalogue.names("entity"):
            targets |= catalogue.names("entity")
        entities = {target: catalogue.entity(target) for target in targets}
        streams: Known = {**dict.fromkeys(directive.streams), "rates": GIVEN_RATES}
        return streams, {name: e.columns if e else None for name, e in entities.items()}
    if isinstance(directive, Revenue):
        return _of_revenue(directive, catalogue)
    if isinstance(directive, Measures):
        entity = catalogue.entity(directive.entity)
        given: Known = {**dict.fromkeys(catalogue.broken_tables()), **catalogue.tables()}
        unified = catalogue.unified(directive.entity)
        given = {**given, **(unified if catalogue.knows_all() else dict.fromkeys(unified))}
        if entity is None:
            return given, dict.fromkeys([directive.entity, *catalogue.names("entity")])
        return given, {directive.entity: [entity.key, *directive.measures]}
    if isinstance(directive, Entity) and (directive.past is not None or directive.blocks):
        then: Known = {**dict.fromkeys(catalogue.broken_tables()), **catalogue.tables()}
        return then, {directive.name: [*(then.get(directive.name) or ()), *directive.columns]}
    if isinstance(directive, Outcome):
        entity = catalogue.entity(directive.entity)
        tables: Known = {**dict.fromkeys(catalogue.broken_tables()), **catalogue.tables()}
        return tables, {directive.entity: None if entity is None else [entity.key, "happened_at"]}
    if isinstance(directive, Segment | Health):
        entity = catalogue.entity(directive.entity)
        if entity is None or not catalogue.knows_all():
            return {directive.entity: None}, {directive.entity: None}
        facts = catalogue.types(entity)
        return {entity.name: facts}, {entity.name: [*facts, *entity.columns]}
    return None


def _of_quality(quality: Quality, catalogue: Catalogue) -> tuple[Known, Known]:
    entities = {name: catalogue.entity(name) for name in catalogue.names("entity")}
    facts = {name: catalogue.types(entity) if entity else None for name, entity in entities.items()}
    rows: dict[str, Iterable[str] | None] = {
        name: [*types, "known_by"] if types is not None and catalogue.knows_all() else None
        for name, types in facts.items()
    }
    checks = ["check", "dimension", "about", "severity", "blocking", "failing", "of", "at_most", "verdict", "note"]
    given: Known = {**rows, "sources": ["source", "read_at"], "volumes": [*VOLUMES], "published": ["counted", "rows"]}
    return given, {**{name: rows[name] for name in quality.entities() if name in rows}, "checks": checks}


def _of_revenue(revenue: Revenue, catalogue: Catalogue) -> tuple[Known, Known]:
    tables = catalogue.tables()
    subscriptions = tables.get("subscriptions")
    known = {name: tables.get(name) for name in ("subscription_changes", "events")}
    given: Known = {
        **known, "subscriptions": [*subscriptions, "changed_at"] if subscriptions else None,
        "subscription_history": None, "score_history": None, "rates": GIVEN_RATES,
    }  # fmt: skip
    return given, {**REVENUE, "periods": ["first", "last", *PERIOD, *revenue.metrics]}


def _names(document: Document) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for case in document.cases:
        if case.case.name in seen:
            hint = f"the other is on line {seen[case.case.name]}"
            yield case.problem("E150", f"two tests are named '{case.case.name}'", hint, "name")
        seen.setdefault(case.case.name, case.case.line)


def _part(
    case: MarkedCase, part: str, rows: Mapping[str, tuple[Mapping[str, object], ...]], known: Known
) -> Iterator[Problem]:
    for name, listed in rows.items():
        if name not in known:
            what = "to give" if part == "given" else "to expect"
            yield case.problem("E151", f"there is no '{name}' {what}", suggest(name, known), part, name)
            continue
        columns = known[name]
        if columns is None:
            continue
        for number, row in enumerate(listed):
            for column in row:
                if column not in columns:
                    hint = suggest(column, columns)
                    yield case.problem("E151", f"'{name}' has no column '{column}'", hint, part, name, number, column)
