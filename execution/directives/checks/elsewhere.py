"""`known_unless`: rows that another source has to have too, and the column that lets one count alone."""

from collections.abc import Iterator

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import Source
from execution.directives.problems import suggest
from execution.errors import Problem

KEY = "known_unless"


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with what sources say of it; whether their blocks give the column is for those to tell."""
    for document, source in catalogue.of(Source):
        if source.known_unless and not source.written_in:
            hint = "take it out: of a row that is in no such file nobody could be told where it is written"
            yield document.problem("E113", f"{KEY} is for whole Markdown files", hint, KEY)
        for name, column in source.known_unless.items():
            yield from _of_entity(catalogue, document, source, name, column)


def _of_entity(catalogue: Catalogue, document: Document, source: Source, name: str, column: str) -> Iterator[Problem]:
    entity = catalogue.entity(name)
    if name not in source.feeds:
        hint = suggest(name, source.feeds, otherwise="take it out, or add the block")
        yield document.problem("E131", f"{source.name} has no block for '{name}'", hint, KEY, name)
    elif entity is None:
        return
    elif entity.rows != "shared":
        hint = "take it out: only of shared rows another source may have the same"
        yield document.problem("E113", f"rows of {name} belong to one source each", hint, KEY, name)
    elif column not in entity.columns:
        hint = suggest(column, entity.columns)
        yield document.problem("E132", f"{name} has no column '{column}'", hint, KEY, name, value=True)
    elif entity.columns[column].type != "boolean":
        hint = "name a column that is true for a row which counts alone"
        message = f"'{column}' is {entity.columns[column].type}, and no boolean"
        yield document.problem("E136", message, hint, KEY, name, value=True)
