"""Settings: the segments that say which accounts get a brief, which of its tiers, and which of them notes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from execution.directives.catalogue import Catalogue
from execution.directives.document import Document
from execution.directives.model import EVERYBODY, Segment, Settings, Tier
from execution.directives.problems import suggest
from execution.directives.yaml_text import KeyPath
from execution.errors import Problem

OF_ACCOUNTS = ("customers", "companies")
"""What an account is made of: whoever is in it, and the company itself."""


def problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything wrong with what the settings name."""
    for document, settings in catalogue.of(Settings):
        if catalogue.knows_all("segment"):
            segments = {each.name: each for _, each in catalogue.of(Segment)}
            yield from _named(document, settings.briefs, segments, "briefs")
            for tier in get_args(Tier):
                yield from _named(document, settings.tiers.of(tier), segments, "tiers", tier)
            for folder, notes in settings.notes.items():
                yield from _named(document, notes.of, segments, "notes", folder, "of")


def _named(document: Document, names: Sequence[str], segments: Mapping[str, Segment], *place: str) -> Iterator[Problem]:
    """What is wrong with a list of segments; `place` are the keys it stands under."""
    for number, written in enumerate(names):
        at: KeyPath = (*place, number)
        if written in names[:number]:
            yield document.problem("E113", f"'{written}' stands twice", "name each segment once", *at, value=True)
        elif written != EVERYBODY:
            if wrong := _unfit(written, segments):
                yield document.problem("E131", *wrong, *at, value=True)
        elif len(names) > 1:
            hint = f"write {place[-1]}: {EVERYBODY}, or take it out"
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
