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
    """A row is where the first condition that is tried and holds puts it, so one after the same condition gets
    nobody. Of a journey the furthest stage is tried first."""
    seen: dict[str, str] = {}
    what, side, end = ("groups", "before", "last") if segment.kind == "segment" else ("stages", "after", "first")
    for when, name in segment.tried():
        if name is None:
            continue
        condition = " ".join(when.lower().split())
        at = (what, name, "when")
        if "true" in seen:
            hint = f"'{seen['true']}' stands {side} it and takes everybody; let it be the {end}"
            yield document.problem("E165", f"nobody can be in '{name}'", hint, *at, value=True)
        elif condition in seen:
            hint = f"'{seen[condition]}' stands {side} it with the same condition"
            yield document.problem("E165", f"nobody can be in '{name}'", hint, *at, value=True)
        seen.setdefault(condition, name)
