"""Fields that actions set: whether they are the workspace's own, and whether triggers set each other off by them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import pairwise

from execution.directives.catalogue import Catalogue
from execution.directives.changes import parse
from execution.directives.checks.entities import WORKSPACE
from execution.directives.checks.names import circle
from execution.directives.checks.triggers import plainly
from execution.directives.dependencies import after, before, read_of, takes_whole_rows, words
from execution.directives.document import Document
from execution.directives.facts import Fact
from execution.directives.model import Entity, Health, Measures, Quality, Routing, Segment, Trigger
from execution.directives.model.routing import SetField
from execution.directives.problems import suggest
from execution.directives.schema import entity_columns
from execution.directives.sql.checking import Checker
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

Field = tuple[str, str]
"""An entity, and a stored column of it."""

_FITS: Mapping[str, tuple[type, ...]] = {
    "text": (str,), "uuid": (str,), "integer": (int,), "decimal": (int, float), "number": (int, float),
    "boolean": (bool,), "timestamp": (str,), "date": (str,),
}  # fmt: skip


# --- one field ------------------------------------------------------------------------------------------


def set_field(
    document: Document,
    at: KeyPath,
    deed: SetField,
    entity_name: str,
    catalogue: Catalogue,
    checker: Checker,
    said: Collection[str] = ("field", "value", "where"),
) -> Iterator[Problem]:
    """Everything wrong with setting a field of an entity; `said` are the keys that stand at that place."""
    entity = catalogue.entity(entity_name)
    if entity is None:
        if entity_name not in catalogue.names("entity") and deed.of == "deals":
            yield document.problem("E131", f"there is no entity '{entity_name}'", "", *at)
        return
    place = (*at, "field") if "field" in said else at
    own = [name for name, column in entity.columns.items() if column.sources == (WORKSPACE,)]
    hint = f"declare one in the entity's directive with from: [{WORKSPACE}]"
    if deed.field not in own:
        there = deed.field in entity.columns or deed.field in entity_columns(entity)
        what = f"{entity.name}.{deed.field} is not the workspace's own" if there else ""
        what = what or f"{entity.name} has no field '{deed.field}'"
        hint = suggest(deed.field, own, otherwise=hint)
        yield document.problem("E183", what, hint, *place, value=True)
    elif not _fits(deed.value, entity.columns[deed.field].type):
        what = f"{deed.value!r} does not fit {entity.name}.{deed.field}, which is {entity.columns[deed.field].type}"
        here = (*at, "value") if "value" in said else at
        yield document.problem("E136", what, "write a value of that type, or null for none", *here, value=True)
    if deed.where is not None and "where" in said:
        yield from plainly(document, (*at, "where"), deed.where, entity, catalogue, checker)


def _fits(value: object, kind: str) -> bool:
    if value is None:
        return True
    if kind not in _FITS or not isinstance(value, _FITS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    try:
        if kind in ("timestamp", "date"):
            (datetime if kind == "timestamp" else date).fromisoformat(str(value))
    except ValueError:
        return False
    return True


# --- triggers that set each other off -----------------------------------------------------------------------


def circles(catalogue: Catalogue) -> Iterator[Problem]:
    """Triggers that set a field on which, near or far, their own rule rests: each alert would make the next."""
    routing = next((each for _, each in catalogue.of(Routing)), None)
    if routing is None:
        return
    triggers = {trigger.name: (document, trigger) for document, trigger in catalogue.of(Trigger)}
    writes = {name: _written(trigger, routing) for name, (_, trigger) in triggers.items()}
    written = {field for fields in writes.values() for field in fields}
    if not written:
        return
    entities = {entity.name: entity for _, entity in catalogue.of(Entity)}
    facts = {name: catalogue.facts(entity) for name, entity in entities.items()}

    @cache
    def made_of(entity: str, name: str) -> tuple[tuple[Field, bool], ...]:
        return tuple(_behind(facts[entity][name], entity, name, catalogue, facts, entities))

    reads = {name: _read(trigger, facts, made_of) for name, (_, trigger) in triggers.items()}
    graph = {
        name: [other for other in sorted(reads) if any(field in reads[other] for field in writes[name])]
        for name in sorted(triggers)
    }
    for name in sorted(triggers):
        if way := circle(graph, name):
            document, _ = triggers[name]
            yield _told(way, document, writes, reads)


def _told(
    way: list[str],
    document: Document,
    writes: Mapping[str, Mapping[Field, int]],
    reads: Mapping[str, Mapping[Field, tuple[str, ...]]],
) -> Problem:
    """The circle, at the call with which its first trigger sets the field that the next one reads."""
    steps: list[str] = []
    for here, following in pairwise(way):
        field = next(each for each in writes[here] if each in reads[following])
        through = reads[following][field]
        by = f" by way of {' → '.join(through)}" if through else ""
        steps.append(f"'{here}' sets {'.'.join(field)}, which '{following}' reads{by}")
    first = next(each for each in writes[way[0]] if each in reads[way[1]])
    message = f"triggers that set each other off: {' → '.join(way)}"
    hint = f"{'; '.join(steps)}; one of them must do without"
    return document.problem("E190", message, hint, "actions", writes[way[0]][first], value=True)


def _written(trigger: Trigger, routing: Routing) -> dict[Field, int]:
    """The fields that a trigger sets, each with the number of the action that does."""
    found: dict[Field, int] = {}
    for number, called in enumerate(trigger.actions):
        deed = routing.actions.get(called.action)
        if isinstance(deed, SetField):
            of = called.settings.get("of", deed.of)
            field = str(called.settings.get("field", deed.field))
            found.setdefault(("deals" if of == "deals" else trigger.entity, field), number)
    return found


def _read(
    trigger: Trigger,
    facts: Mapping[str, Mapping[str, Fact]],
    made_of: Callable[[str, str], Iterable[tuple[Field, bool]]],
) -> dict[Field, tuple[str, ...]]:
    """Every stored column that a trigger's rule rests on, with the measures, segments and scores on the way to it."""
    texts = [parse(text) for text in trigger.expressions().values()]
    named = words(" , ".join(parsed.text for parsed in texts))
    named |= {change.of.partition(".")[0].lower() for parsed in texts for change in parsed.changes}
    waiting: list[tuple[Field, tuple[str, ...]]] = [
        ((trigger.entity, name), ()) for name in facts.get(trigger.entity, {}) if name.lower() in named
    ]
    found: dict[Field, tuple[str, ...]] = {}
    seen: set[Field] = set()
    while waiting:
        (entity, name), way = waiting.pop(0)
        fact = facts.get(entity, {}).get(name)
        if (entity, name) in seen or fact is None:
            continue
        seen.add((entity, name))
        if fact.step is None:
            found[entity, fact.column] = way
            continue
        on = (*way, f"{fact.step.kind} {name}")
        for field, is_stored in made_of(entity, name):
            if is_stored:
                found.setdefault(field, on)
            else:
                waiting.append((field, on))
    return found


def _behind(
    fact: Fact,
    entity: str,
    name: str,
    catalogue: Catalogue,
    facts: Mapping[str, Mapping[str, Fact]],
    entities: Mapping[str, Entity],
) -> Iterator[tuple[Field, bool]]:
    """What a derived fact is made of: stored columns as they are read (True), and other facts."""
    step, texts = fact.step, list[str]()
    if step is None:
        return
    if step.kind == "segment":
        texts = [text for _, s in catalogue.of(Segment) if s.name == step.name for text in s.conditions().values()]
    elif step.kind == "health":
        for _, score in catalogue.of(Health):
            if score.name == step.name:
                texts += [*before(score).values(), *after(score).values()]
    elif step.kind == "quality":
        for _, quality in catalogue.of(Quality):
            texts += [f'"{column}"' for column in quality.columns(entity).values()]
            texts += quality.conditions(entity).values()
    else:
        yield from _of_measure(entity, name, catalogue, facts, entities)
    named = words(" , ".join(texts))
    yield from (((entity, each), False) for each in facts[entity] if each.lower() in named and each != name)


def _of_measure(
    entity: str,
    name: str,
    catalogue: Catalogue,
    facts: Mapping[str, Mapping[str, Fact]],
    entities: Mapping[str, Entity],
) -> Iterator[tuple[Field, bool]]:
    for _, measures in catalogue.of(Measures):
        if measures.entity != entity or measures.measured(name) is None:
            continue
        for block in measures.blocks:
            named, whole = words(block.text), takes_whole_rows(block.text, entities)
            for table, of in entities.items():
                if table.lower() in named:
                    columns = (c for c in entity_columns(of) if whole or c.lower() in named)
                    yield from (((table, column), True) for column in columns)
            others = {each: known for each, known in facts.items() if each != entity}
            for other, read in read_of(block.text, measures.measures, others).items():
                yield from (((other, each), False) for each in read)
