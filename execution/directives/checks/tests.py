"""The tests in directives: whether what they give and expect is there to be given and expected."""

from collections.abc import Iterable, Iterator, Mapping

from execution.directives.cases import MarkedCase
from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import (
    Directive,
    Entity,
    Health,
    Measures,
    Outcome,
    Quality,
    Revenue,
    Section,
    Segment,
    Source,
    Trigger,
)
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
        if isinstance(of, Trigger):
            yield from _names(entry.document)
            for marked in entry.document.cases if entry.document.is_whole else ():
                yield from _timeline(marked, of, catalogue)
            continue
        known = _of_quality(of, catalogue) if isinstance(of, Quality) else _known(of, catalogue)
        if known is None:
            case = entry.document.cases[0]
            hint = "tests belong into sources, revenue, measures, quality, segments, health, outcomes, triggers, "
            hint += "sections, and an entity's past"
            yield case.problem("E151", f"a {entry.directive.kind} directive has no tests", hint)
            continue
        yield from _names(entry.document)
        if not entry.document.is_whole:
            continue
        for case in entry.document.cases:
            if case.case.timeline:
                yield case.problem(
                    "E151", "only tests of a trigger have a timeline", "write given: and expect:", "timeline"
                )
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
        own = [entity.key, "source"] if entity.rows == "owned" else [entity.key]
        return given, {directive.entity: [*own, *directive.measures]}
    if isinstance(directive, Entity) and (directive.past is not None or directive.blocks):
        then: Known = {**dict.fromkeys(catalogue.broken_tables()), **catalogue.tables()}
        return then, {directive.name: [*(then.get(directive.name) or ()), *directive.columns]}
    if isinstance(directive, Outcome):
        entity = catalogue.entity(directive.entity)
        tables: Known = {**dict.fromkeys(catalogue.broken_tables()), **catalogue.tables()}
        return tables, {directive.entity: None if entity is None else [entity.key, "happened_at"]}
    if isinstance(directive, Section):
        return _of_section(directive, catalogue)
    if isinstance(directive, Segment | Health):
        return _of_rows(directive.entity, catalogue)
    return None


def _of_rows(name: str, catalogue: Catalogue) -> tuple[Known, Known]:
    """What is known of an entity's rows, and what is shown of them."""
    entity = catalogue.entity(name)
    if entity is None or not catalogue.knows_all():
        return {name: None}, {name: None}
    facts = catalogue.types(entity)
    return {entity.name: facts}, {entity.name: [*facts, *entity.columns]}


def _of_section(section: Section, catalogue: Catalogue) -> tuple[Known, Known]:
    tables = catalogue.reported(with_derived=not section.compares)
    unknown = dict.fromkeys(catalogue.names("entity")) if not catalogue.knows_all() else {}
    return {**tables, **unknown, "rates": GIVEN_RATES, "period": ["period", "user"]}, {"rows": None}


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


# --- timelines of triggers ----------------------------------------------------------------------------


def _timeline(case: MarkedCase, trigger: Trigger, catalogue: Catalogue) -> Iterator[Problem]:
    """What each moment of a trigger's test gives and names."""
    if not case.case.timeline:
        hint = "write timeline: [{day: 0, given: …, expect: {KEY: fires}}]"
        yield case.problem("E150", "a test of a trigger has a timeline", hint, "name")
    entity, given = catalogue.entity(trigger.entity), set[str]()
    for number, moment in enumerate(case.case.timeline):
        at = ("timeline", number)
        for place, source in enumerate(moment.stale):
            if source not in catalogue.names("source"):
                hint = suggest(source, catalogue.names("source"))
                yield case.problem("E151", f"there is no source '{source}'", hint, *at, "stale", place)
        for name, rows in moment.given.items():
            yield from _rows_given(case, name, rows, catalogue, (*at, "given", name))
        if entity is None:
            continue
        given |= {key for row in moment.given.get(entity.name, ()) for key in keys_of(entity, row)}
        for key in moment.expect:
            if key not in given:
                hint = suggest(str(key), given, otherwise=f"give a row of {entity.name} first")
                yield case.problem(
                    "E151", f"no row '{key}' of {entity.name} is given by then", hint, *at, "expect", key
                )


def _rows_given(
    case: MarkedCase, name: str, rows: Iterable[Mapping[str, object]], catalogue: Catalogue, at: tuple[str | int, ...]
) -> Iterator[Problem]:
    entity = catalogue.entity(name)
    if entity is None:
        if name not in catalogue.names("entity"):
            hint = suggest(name, catalogue.names("entity"))
            yield case.problem("E151", f"there is no '{name}' to give", hint, *at)
        return
    known = catalogue.types(entity)
    for number, row in enumerate(rows):
        if entity.key not in row:
            hint = f"add {entity.key}: a row is laid over the one given before by it"
            yield case.problem("E151", f"a row of {name} without its key", hint, *at, number)
        for column in row if catalogue.knows_all() else ():
            if column not in known:
                yield case.problem(
                    "E151", f"'{name}' has no column '{column}'", suggest(column, known), *at, number, column
                )


def keys_of(entity: Entity, row: Mapping[str, object]) -> Iterator[str]:
    """Under which keys a test may name a row: its own, with that of its source or without."""
    key = str(row.get(entity.key))
    yield key
    if entity.rows == "owned" and "source" in row:
        yield f"{row['source']}/{key}"
