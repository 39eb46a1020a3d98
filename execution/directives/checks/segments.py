"""Segments: what they are about, and groups that nobody can ever be in."""

from collections.abc import Iterator

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import Segment
from execution.directives.problems import suggest
from execution.errors import Problem


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with each segment but its conditions."""
    for document, segment in catalogue.of(Segment):
        if segment.entity not in catalogue.names("entity"):
            hint = suggest(segment.entity, catalogue.names("entity"), otherwise="declare it in directives/data-model/")
            yield document.problem("E131", f"there is no entity '{segment.entity}'", hint, "entity", value=True)
        yield from _never_reached(document, segment)


def _never_reached(document: Document, segment: Segment) -> Iterator[Problem]:
    """A row belongs to the first group whose condition holds, so one after the same condition gets nobody."""
    seen: dict[str, str] = {}
    for name, group in segment.groups.items():
        condition = " ".join(group.when.lower().split())
        at = ("groups", name, "when")
        if "true" in seen:
            hint = f"'{seen['true']}' stands before it and takes everybody; let it be the last"
            yield document.problem("E165", f"nobody can be in '{name}'", hint, *at, value=True)
        elif condition in seen:
            hint = f"'{seen[condition]}' stands before it with the same condition"
            yield document.problem("E165", f"nobody can be in '{name}'", hint, *at, value=True)
        seen.setdefault(condition, name)
