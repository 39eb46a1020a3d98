"""What of a row has a history, so that a rule may ask what became of it: figures of scores, and segments.

Everything else is known as of now alone: a measure is worked out anew each time, and a stored column is what its source
said last.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from execution.directives.changes import MOVES, Change
from execution.directives.facts import FIGURES, FIRST, Fact
from execution.directives.problems import suggest
from execution.directives.schema import DUCKDB

_KEPT = frozenset(FIGURES[end][0] for end in FIRST)
"""The figures of a score that are kept of every moment: those of `derived.score_history`."""

_TREND = "only scores and segments have a history; write a trend as a measure, with $as_of"


@dataclass(frozen=True, slots=True)
class Without:
    """Why a call has no answer, and what to write instead."""

    message: str
    hint: str


def type_of(change: Change, facts: Mapping[str, Fact], groups: Callable[[str], Collection[str]]) -> str | Without:
    """The DuckDB type of what a call gives for a row that has these facts, or why there is no answer.

    `groups` tells the groups that a segment has.
    """
    written, _, group = change.of.partition(".")
    name = next((each for each in facts if each.lower() == written.lower()), written)
    fact = facts.get(name)
    if fact is None or fact.step is None or fact.step.kind not in ("segment", "health"):
        return _unknown(change, name, fact, facts)
    if fact.step.kind == "segment":
        return _of_segment(change, name, group, fact, groups(fact.step.name))
    return _of_score(change, group, fact)


def _unknown(change: Change, name: str, fact: Fact | None, facts: Mapping[str, Fact]) -> Without:
    told = [each for each, known in facts.items() if known.step and known.step.kind in ("segment", "health")]
    if fact is not None:
        what = "a measure" if fact.step and fact.step.kind == "measures" else "stored as it is now"
        return Without(f"'{name}' is {what}, and nobody knows what it was", _TREND)
    near = suggest(name, told, otherwise=_TREND)
    return Without(f"there is no score and no segment '{change.of}' here", near)


def _of_segment(change: Change, name: str, group: str, fact: Fact, groups: Collection[str]) -> str | Without:
    if change.function not in (*MOVES, "was"):
        return Without(f"'{name}' is a segment, and no number", f"write entered({name}) or left({name})")
    if group and group not in groups:
        hint = suggest(group, groups, otherwise=f"it has no groups: write '{name}' alone")
        return Without(f"the segment '{name}' has no group '{group}'", hint)
    if change.function == "was":
        return "BOOLEAN" if group else fact.type
    if groups and not group:
        hint = f"name one of its groups, as in {change.function}({name}.{next(iter(groups))})"
        return Without(f"'{name}' has groups, and it is not said which", hint)
    return "BOOLEAN"


def _of_score(change: Change, group: str, fact: Fact) -> str | Without:
    if group:
        return Without(f"'{change.of}' is no segment", f"write {change.of.partition('.')[0]} alone")
    if fact.column not in _KEPT:
        kept = "its points, bounds, coverage, band and risk"
        return Without(f"what '{change.of}' was is not kept", f"of a score only {kept} are; {_TREND}")
    if change.function in MOVES:
        hint = f"write was({change.of}, 1d) and compare, or make a segment of the condition"
        return Without(f"'{change.of}' is of a score: nobody enters or leaves it", hint)
    if change.function == "was":
        return fact.type
    if not fact.column.endswith("_milli"):
        hint = f"write was({change.of}, 7d) and compare"
        return Without(f"'{change.of}' is text: it neither falls nor rises", hint)
    return DUCKDB["decimal"]
