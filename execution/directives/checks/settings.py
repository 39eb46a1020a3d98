"""Settings: the segments that say which accounts get a brief."""

from collections.abc import Iterator, Mapping

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import EVERYBODY, Segment, Settings
from execution.directives.problems import suggest
from execution.errors import Problem

OF_ACCOUNTS = ("customers", "companies")
"""What an account is made of: whoever is in it, and the company itself."""


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with what the settings name."""
    for document, settings in catalogue.of(Settings):
        if catalogue.knows_all("segment"):
            yield from _briefs(document, settings.briefs, {each.name: each for _, each in catalogue.of(Segment)})


def _briefs(document: Document, briefs: tuple[str, ...], segments: Mapping[str, Segment]) -> Iterator[Problem]:
    for number, written in enumerate(briefs):
        at = ("briefs", number)
        if written in briefs[:number]:
            yield document.problem("E113", f"'{written}' stands twice", "name each segment once", *at, value=True)
        elif written != EVERYBODY:
            if wrong := _unfit(written, segments):
                yield document.problem("E131", *wrong, *at, value=True)
        elif len(briefs) > 1:
            hint = f"write briefs: {EVERYBODY}, or take it out"
            yield document.problem("E113", f"'{EVERYBODY}' takes everybody by itself", hint, *at, value=True)


def _unfit(written: str, segments: Mapping[str, Segment]) -> tuple[str, str] | None:
    """Why it is no segment of accounts, and a hint."""
    name, _, group = written.partition(".")
    segment = segments.get(name)
    if segment is None:
        hint = suggest(name, [*segments, EVERYBODY], otherwise="declare it in directives/segments/")
        return f"no segment is named '{name}'", hint
    if segment.entity not in OF_ACCOUNTS:
        return f"the segment '{name}' is about {segment.entity}", f"name one of {' or '.join(OF_ACCOUNTS)}"
    if group and group not in segment.groups:
        hint = suggest(group, segment.groups, otherwise=f"write '{name}' alone")
        return f"the segment '{name}' has no group '{group}'", hint
    return None
