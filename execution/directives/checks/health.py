"""Scores: the names they need, the bands that must cover them, what segments may change, and which one is primary."""

from collections.abc import Iterator, Mapping

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.facts import Fact
from execution.directives.model import Entity, Health, Override
from execution.directives.problems import suggest
from execution.errors import Problem


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with each score but its expressions."""
    for document, health in catalogue.of(Health):
        if health.entity not in catalogue.names("entity"):
            hint = suggest(health.entity, catalogue.names("entity"), otherwise="declare it in directives/data-model/")
            yield document.problem("E131", f"there is no entity '{health.entity}'", hint, "entity", value=True)
        entity = catalogue.entity(health.entity)
        if entity is not None and catalogue.knows_all():
            facts = catalogue.facts(entity)
            yield from _needs(document, health, entity, facts)
            yield from _segments(document, health, entity, facts, catalogue)
        yield from _bands(document, health.bands, health.hysteresis)
        for segment, override in health.segments.items():
            yield from _override(document, health, segment, override)
    for _, entity in catalogue.of(Entity):
        yield from _primary(catalogue, entity)


def _needs(document: Document, health: Health, entity: Entity, facts: Mapping[str, Fact]) -> Iterator[Problem]:
    for name, component in health.components.items():
        for number, need in enumerate(component.needs):
            at = ("components", name, "needs", number)
            if need not in facts:
                what = f"{entity.name} has no column or measure '{need}'"
                yield document.problem("E132", what, suggest(need, facts), *at, value=True)
            elif need in component.needs[:number]:
                yield document.problem("E113", f"'{need}' stands twice", "name each need once", *at, value=True)


def _segments(
    document: Document, health: Health, entity: Entity, facts: Mapping[str, Fact], catalogue: Catalogue
) -> Iterator[Problem]:
    """A segment is what is true or false of a row; a group of one is a text that it may have."""
    sets = [name for name, fact in facts.items() if fact.type == "BOOLEAN"]
    divisions = [name for name, fact in facts.items() if fact.type == "VARCHAR"]
    for segment in health.segments:
        name, _, group = segment.partition(".")
        known = divisions if group else sets
        if name not in known:
            what = f"{entity.name} has no segment '{name}'" + (" with groups" if group else "")
            other = sets if group else divisions
            hint = suggest(name, known, otherwise="declare it in directives/segments/")
            if name in other:
                hint = f"write '{name}' alone" if group else f"name one of its groups, as in {name}.<group>"
            yield document.problem("E131", what, hint, "segments", segment)
        elif group and (groups := catalogue.groups(name)) and group not in groups:
            what = f"the segment '{name}' has no group '{group}'"
            yield document.problem("E131", what, suggest(group, groups), "segments", segment)


def _override(document: Document, health: Health, segment: str, override: Override) -> Iterator[Problem]:
    at = ("segments", segment)
    if not (override.weights or override.bands or override.coverage_floor is not None):
        hint = "write weights:, bands: or coverage_floor:, or take it out"
        yield document.problem("E112", f"'{segment}' changes nothing", hint, *at)
    for name in override.weights:
        if name not in health.components:
            hint = suggest(name, health.components)
            yield document.problem("E132", f"there is no component '{name}'", hint, *at, "weights", name)
    unknown = [label for label in override.bands if label not in health.bands]
    for label in unknown:
        hint = suggest(label, health.bands)
        yield document.problem("E132", f"there is no band '{label}'", hint, *at, "bands", label)
    if unknown or not override.bands:
        return
    bands = health.bands | override.bands
    if found := list(_bands(document, bands, health.hysteresis, at)):
        yield from found
    elif (order := _by_threshold(bands)) != _by_threshold(health.bands):
        hint = f"keep the order {', '.join(_by_threshold(health.bands))}"
        yield document.problem("E139", f"the bands stand in another order: {', '.join(order)}", hint, *at, "bands")


def _by_threshold(bands: Mapping[str, float]) -> list[str]:
    return sorted(bands, key=lambda label: -bands[label])


def _bands(
    document: Document, bands: Mapping[str, float], hysteresis: float, within: tuple[str, ...] = ()
) -> Iterator[Problem]:
    """Each band begins where another ends, so they leave no gap if one begins at 0, and overlap if two begin alike."""
    seen: dict[float, str] = {}
    for label, floor in bands.items():
        at = (*within, "bands", label)
        if not 0 <= floor <= 100:
            yield document.problem("E139", f"{floor:g} is no score", "a score is 0 to 100", *at, value=True)
        elif floor in seen:
            message = f"'{label}' and '{seen[floor]}' begin at the same score"
            yield document.problem("E139", message, "give each band its own", *at, value=True)
        elif hysteresis and floor and not hysteresis <= floor <= 100 - hysteresis:
            way = "left" if floor < hysteresis else "come back to"
            message = f"with a hysteresis of {hysteresis:g} '{label}' could never be {way}"
            hint = f"let it begin between {hysteresis:g} and {100 - hysteresis:g}, or write a smaller hysteresis"
            yield document.problem("E139", message, hint, *at, value=True)
        seen.setdefault(floor, label)
    if 0 not in bands.values():
        worst = min(bands, key=lambda label: bands[label])
        hint = f"let the worst band begin at 0, as in {worst}: 0"
        yield document.problem("E139", f"no band for a score below {bands[worst]:g}", hint, *within, "bands")


def _primary(catalogue: Catalogue, entity: Entity) -> Iterator[Problem]:
    """Of several scores one fills the entity's `from: [health]` columns."""
    scores = catalogue.scores(entity.name)
    said = [(document, health) for document, health in scores if health.primary]
    if len(scores) > 1 and not said:
        document = scores[0][0]
        names = ", ".join(each.name for _, each in scores)
        hint = f"write primary: true in the one that fills {entity.name}.health_score and its like"
        yield document.problem("E160", f"{entity.name} has several scores, and none is primary: {names}", hint, "name")
    for document, _ in said[1:]:
        hint = f"{said[0][1].name} says so already, in {said[0][0].path}"
        yield document.problem("E160", f"{entity.name} has two primary scores", hint, "primary")
