"""Measures: what they declare, before any SQL is looked at."""

from collections.abc import Collection, Iterator

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import Measures
from execution.directives.problems import suggest
from execution.directives.schema import entity_columns
from execution.errors import Problem


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with the declarations of each measures directive."""
    declared: dict[tuple[str, str], str] = {}
    for document, measures in catalogue.of(Measures):
        if measures.entity not in catalogue.names("entity"):
            hint = suggest(measures.entity, catalogue.names("entity"), otherwise="declare it in directives/data-model/")
            yield document.problem("E131", f"there is no entity '{measures.entity}'", hint, "entity", value=True)
        entity = catalogue.entity(measures.entity)
        stored = entity_columns(entity) if entity else {}
        for name in measures.measures:
            at = ("measures", name)
            mine = (measures.entity, name)
            if mine in declared:
                yield document.problem("E137", f"'{name}' is declared twice", f"the other is {declared[mine]}", *at)
            elif name in stored:
                hint = f"name it otherwise, or write from: [measures] at {measures.entity}.{name}"
                yield document.problem("E137", f"'{name}' is a column that sources write", hint, *at)
            mark = document.mark(*at)
            declared.setdefault(mine, f"{document.path}:{mark.text.position(mark.key)[0] if mark else 1}")
        for name in measures.otherwise:
            if name not in measures.measures:
                hint = suggest(name, measures.measures)
                yield document.problem("E132", f"there is no measure '{name}'", hint, "otherwise", name)
            elif measures.measures[name].type not in ("integer", "decimal", "number"):
                hint = f"'{name}' is {measures.measures[name].type}; only a number can be otherwise"
                yield document.problem("E113", "otherwise is for numbers", hint, "otherwise", name)
        yield from _aliases(document, measures, stored, catalogue)
        if not document.blocks:
            message = "measures without a sql measures block"
            yield document.problem("E137", message, "add ```sql measures with a SELECT", "measures")


def _aliases(
    document: Document, measures: Measures, stored: Collection[str], catalogue: Catalogue
) -> Iterator[Problem]:
    """Other names of measures: each of one of the directive's own, and no name of anything else of the same rows."""
    others = {
        name: f"it is a measure, in {other.path}"
        for other, each in catalogue.of(Measures)
        if each.entity == measures.entity
        for name in each.measures
    }
    for other, each in catalogue.of(Measures):
        if each.entity == measures.entity and each.name < measures.name:
            others |= dict.fromkeys(each.aliases, f"it is an alias, in {other.path}")
    entity = catalogue.entity(measures.entity)
    columns = {*stored, *(entity.columns if entity else ())}
    for name, meant in measures.aliases.items():
        at = ("aliases", name)
        if meant not in measures.measures:
            hint = suggest(meant, measures.measures)
            yield document.problem("E132", f"there is no measure '{meant}' in this directive", hint, *at, value=True)
        if name in columns:
            message = f"'{name}' would mean two things of {measures.entity}"
            yield document.problem("E161", message, "it is a column; name the alias otherwise", *at)
        elif name in others:
            message = f"'{name}' would mean two things of {measures.entity}"
            yield document.problem("E161", message, f"{others[name]}; name the alias otherwise", *at)
