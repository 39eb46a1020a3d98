"""The moments that entered a score's history, and at which of them a definition had changed.

A changed directive moves scores as a customer does, so it is marked: by the run that first followed it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from execution import engine


@dataclass(frozen=True, slots=True)
class Run:
    """One scoring. `rests_on` are the directives beside its own that it took, each with a hash; None where not kept."""

    number: int
    as_of: datetime
    directive: str
    version: int
    rests_on: Mapping[str, str] | None
    is_split: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A run at which definitions had changed: the score's own directive (then with both versions), others, or both.

    `is_split`: what that did to the scores is known.
    """

    as_of: datetime
    directive: str | None
    versions: tuple[int, int] | None
    others: tuple[str, ...]
    is_split: bool


def read(con: engine.Connection, score: str) -> list[Run]:
    """Every run of a score, earliest first."""
    rows = engine.dicts(con, "SELECT * FROM derived.score_runs WHERE score = ? ORDER BY as_of", [score])
    return [
        Run(
            number=row["run"],
            as_of=row["as_of"],
            directive=row["directive"],
            version=row["version"],
            rests_on=json.loads(row["rests_on"]) if row["rests_on"] else None,
            is_split=bool(row["is_split"]),
        )
        for row in rows
    ]


def marks(past: Sequence[Run], since: datetime, until: datetime) -> tuple[Mark, ...]:
    """The changes of definitions after one moment and up to another, earliest first."""
    found = []
    for before, run in pairwise(past):
        if not since < run.as_of <= until:
            continue
        others = _differing(before.rests_on, run.rests_on)
        is_own = before.directive != run.directive
        if is_own or others:
            versions = (before.version, run.version) if is_own else None
            mark = Mark(run.as_of, run.directive if is_own else None, versions, others, run.is_split and not others)
            found.append(mark)
    return tuple(found)


def _differing(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> tuple[str, ...]:
    """The directives that were changed; one that came or went is a matter of the score's own directive, or of another
    that is named."""
    if before is None or after is None:
        return ()
    return tuple(sorted(name for name in before.keys() & after.keys() if before[name] != after[name]))
