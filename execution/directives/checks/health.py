"""Scores: the names they need and the bands that must cover them."""

from collections.abc import Iterator

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import Entity, Health
from execution.directives.problems import suggest
from execution.errors import Problem


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with each score but its expressions."""
    for document, health in catalogue.of(Health):
        if health.entity not in catalogue.names("entity"):
            hint = suggest(health.entity, catalogue.names("entity"), otherwise="declare it in directives/data-model/")
            yield document.problem("E131", f"there is no entity '{health.entity}'", hint, "entity", value=True)
        entity = catalogue.entity(health.entity)
        if entity is not None and catalogue.knows_all_measures:
            yield from _needs(document, health, entity, catalogue)
        yield from _bands(document, health)


def _needs(document: Document, health: Health, entity: Entity, catalogue: Catalogue) -> Iterator[Problem]:
    facts = catalogue.facts(entity)
    for name, component in health.components.items():
        for number, need in enumerate(component.needs):
            at = ("components", name, "needs", number)
            if need not in facts:
                what = f"{entity.name} has no column or measure '{need}'"
                yield document.problem("E132", what, suggest(need, facts), *at, value=True)
            elif need in component.needs[:number]:
                yield document.problem("E113", f"'{need}' stands twice", "name each need once", *at, value=True)


def _bands(document: Document, health: Health) -> Iterator[Problem]:
    seen: dict[float, str] = {}
    for label, floor in health.bands.items():
        at = ("bands", label)
        if not 0 <= floor <= 100:
            yield document.problem("E139", f"{floor:g} is no score", "a score is 0 to 100", *at, value=True)
        if floor in seen:
            message = f"'{label}' and '{seen[floor]}' begin at the same score"
            yield document.problem("E139", message, "give each band its own", *at, value=True)
        seen.setdefault(floor, label)
    if 0 not in health.bands.values():
        worst = min(health.bands, key=lambda label: health.bands[label])
        hint = f"let the worst band begin at 0, as in {worst}: 0"
        yield document.problem("E139", f"no band for a score below {health.bands[worst]:g}", hint, "bands")
