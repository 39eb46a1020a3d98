"""Signs that a score knows the outcome before it came: then its figures say nothing about the future."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from execution import engine
from execution.directives.dependencies import words
from execution.directives.model import Source
from execution.engine import ident
from execution.proof import statistics
from execution.proof.judging import Alone, Figures
from execution.proof.statistics import Count

TOO_GOOD = 0.98
"""No honest measure of customers tells leavers from stayers so well weeks before they leave."""

_GIVEN_AWAY = 0.9
_PURE = 0.98
_SHARE_OF_EVENTS = 0.2
"""Values that stand almost only where the event came, and for so many of the events, were written after it."""
_FEW = 30
_TIMES = ("DATE", "TIMESTAMP")


@dataclass(frozen=True, slots=True)
class Leak:
    """One sign: what shows it (a component, a fact, or the whole score), and what it is, in a sentence."""

    part: str
    message: str


def found(
    con: engine.Connection,
    facts: dict[str, str],
    components: Sequence[Alone],
    figures: Figures | None,
    rate: float,
    *,
    is_stated: bool,
) -> tuple[Leak, ...]:
    """Every sign in the looks themselves; `facts` are their names and types, `rate` the share before an event. Facts
    that a table states may have been written at any time; those of the store's past are worked out of what was known
    then, so of them a number may well have ends that foretell surely."""
    leaks: list[Leak] = []
    if figures is not None and figures.auc >= TOO_GOOD:
        leaks.append(Leak("the score", f"its AUC is {figures.auc:.3f}: that is knowing, not foreseeing"))
    leaks += [
        Leak(each.component, f"alone it tells them apart almost perfectly (AUC {each.auc:.3f})")
        for each in components
        if each.auc is not None and max(each.auc, 1 - each.auc) >= TOO_GOOD
    ]
    for name, kind in facts.items():
        leaks += _of_fact(con, name, kind, rate, is_stated=is_stated)
    return tuple(leaks)


def _of_fact(con: engine.Connection, name: str, kind: str, rate: float, *, is_stated: bool) -> Iterator[Leak]:
    fact = f"f.{ident(name)}"
    rows = f"facts f JOIN looks l ON l.look = f.{ident('.look')}"
    known = con.execute(
        f"SELECT count({fact}) FILTER (happened), count({fact}) FILTER (NOT happened), count(*) FILTER (happened), "
        f"count(*) FILTER (NOT happened) FROM {rows}"
    ).fetchone()
    there, elsewhere, events, others = known or (0, 0, 0, 0)
    if not events or not others:
        return
    often = f"it is there for {there / events:.0%} of those with the event and {elsewhere / others:.0%} of the others"
    if 0.5 + abs(there / events - elsewhere / others) / 2 >= _GIVEN_AWAY or (
        is_stated and rate <= 0.5 and _is_telling(there, elsewhere, events)
    ):
        yield Leak(name, f"whether it is known gives the outcome away: {often}")
    if kind in _TIMES:
        row = con.execute(f"SELECT count(*) FROM {rows} WHERE CAST({fact} AS TIMESTAMP) > l.moment").fetchone()
        if row and row[0]:
            yield Leak(name, f"it lies after the moment of the look in {row[0]:,} looks")
    elif kind in ("VARCHAR", "BOOLEAN"):
        yield from _of_values(con, name, fact, rows, rate)
    elif kind != "JSON":
        yield from _of_numbers(con, name, fact, rows, rate if is_stated else 1.0)


def _is_telling(events: int, others: int, every: int) -> bool:
    """Whether looks are almost all before the event, and many of all that are."""
    return events >= _FEW and events >= _PURE * (events + others) and events >= _SHARE_OF_EVENTS * every


def _of_values(con: engine.Connection, name: str, fact: str, rows: str, rate: float) -> Iterator[Leak]:
    values = con.execute(
        f"SELECT value, count(*), count(*) FILTER (happened), sum(count(*) FILTER (happened)) OVER () "
        f"FROM (SELECT happened, CAST({fact} AS VARCHAR) AS value FROM {rows} WHERE {fact} IS NOT NULL) "
        "GROUP BY value ORDER BY value"
    ).fetchall()
    if len(values) > _FEW or rate > 0.5:
        return
    for value, looked, events, every in values:
        if _is_telling(events, looked - events, every):
            yield Leak(name, f"{value!r} stands almost only where the event came: {events:,} of {looked:,}")


def _of_numbers(con: engine.Connection, name: str, fact: str, rows: str, rate: float) -> Iterator[Leak]:
    """A number that tells almost perfectly, or whose lowest or highest values stand only where the event came."""
    listed = con.execute(
        f"SELECT {fact}, count(*) FILTER (happened), count(*) FILTER (NOT happened) "
        f"FROM {rows} WHERE {fact} IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    auc = statistics.auc([Count(place, events, others) for place, (_, events, others) in enumerate(listed)])
    if auc is not None and max(auc, 1 - auc) >= TOO_GOOD:
        yield Leak(name, f"alone it tells them apart almost perfectly (AUC {max(auc, 1 - auc):.3f})")
    elif rate <= 0.5:
        for side, ordered in (("below", listed), ("above", listed[::-1])):
            yield from _of_end(name, side, ordered)


def _of_end(name: str, side: str, ordered: Sequence[tuple[Any, int, int]]) -> Iterator[Leak]:
    """Whether the first of the values, as far as they are almost all before the event, are many of all that are."""
    every, events, others = sum(there for _, there, _ in ordered), 0, 0
    widest: tuple[Any, int, int] | None = None
    for (_, there, elsewhere), (following, _, _) in pairwise(ordered):
        events, others = events + there, others + elsewhere
        if _is_telling(events, others, every):
            widest = (following, events, others)
    if widest:
        bound, events, others = widest
        whole = f"{events:,} of {events + others:,}"
        bound = f"{float(bound):g}"
        yield Leak(name, f"values {side} {bound} stand almost only where the event came: {whole}")


def in_mapping(source: Source, entity: str) -> Iterator[Leak]:
    """Signs in a table's own directive: the block that gives the facts reads what the label says."""
    block, label = source.sql(entity), source.label
    if block is None or label is None:
        return
    texts = [block.text, *(step.text for _, step in source.steps())]
    named = frozenset[str]().union(*map(words, texts))
    for column in (label.column, label.happened_at):
        if column is not None and column.lower() in named:
            yield Leak(column, f"the {entity} block reads it, and it is what came afterwards")
