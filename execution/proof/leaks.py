"""Signs that a score knows the outcome before it came: then its figures say nothing about the future."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
_FEW = 30
_TIMES = ("DATE", "TIMESTAMP")


@dataclass(frozen=True, slots=True)
class Leak:
    """One sign: what shows it (a component, a fact, or the whole score), and what it is, in a sentence."""

    part: str
    message: str


def found(
    con: engine.Connection, facts: dict[str, str], components: Sequence[Alone], figures: Figures | None, rate: float
) -> tuple[Leak, ...]:
    """Every sign in the looks themselves; `facts` are their names and types, `rate` the share before an event."""
    leaks: list[Leak] = []
    if figures is not None and figures.auc >= TOO_GOOD:
        leaks.append(Leak("the score", f"its AUC is {figures.auc:.3f}: that is knowing, not foreseeing"))
    leaks += [
        Leak(each.component, f"alone it tells them apart almost perfectly (AUC {each.auc:.3f})")
        for each in components
        if each.auc is not None and max(each.auc, 1 - each.auc) >= TOO_GOOD
    ]
    for name, kind in facts.items():
        leaks += _of_fact(con, name, kind, rate)
    return tuple(leaks)


def _of_fact(con: engine.Connection, name: str, kind: str, rate: float) -> Iterator[Leak]:
    fact = f"f.{ident(name)}"
    rows = f"facts f JOIN looks l ON l.look = f.{ident('.look')}"
    known = con.execute(
        f"SELECT avg(there) FILTER (happened), avg(there) FILTER (NOT happened) "
        f"FROM (SELECT happened, ({fact} IS NOT NULL)::INT AS there FROM {rows})"
    ).fetchone()
    with_event, without = known or (None, None)
    if with_event is not None and without is not None and 0.5 + abs(with_event - without) / 2 >= _GIVEN_AWAY:
        often = f"it is there for {with_event:.0%} of those with the event and {without:.0%} of the others"
        yield Leak(name, f"whether it is known gives the outcome away: {often}")
    if kind in _TIMES:
        row = con.execute(f"SELECT count(*) FROM {rows} WHERE CAST({fact} AS TIMESTAMP) > l.moment").fetchone()
        if row and row[0]:
            yield Leak(name, f"it lies after the moment of the look in {row[0]:,} looks")
    elif kind in ("VARCHAR", "BOOLEAN"):
        yield from _of_values(con, name, fact, rows, rate)
    elif kind != "JSON":
        yield from _of_numbers(con, name, fact, rows)


def _of_values(con: engine.Connection, name: str, fact: str, rows: str, rate: float) -> Iterator[Leak]:
    values = con.execute(
        f"SELECT value, count(*), count(*) FILTER (happened), sum(count(*) FILTER (happened)) OVER () "
        f"FROM (SELECT happened, CAST({fact} AS VARCHAR) AS value FROM {rows} WHERE {fact} IS NOT NULL) "
        "GROUP BY value ORDER BY value"
    ).fetchall()
    if len(values) > _FEW or rate > 0.5:
        return
    for value, looked, events, every in values:
        if events >= _FEW and events / looked >= _PURE and events >= _SHARE_OF_EVENTS * every:
            yield Leak(name, f"{value!r} stands almost only where the event came: {events:,} of {looked:,}")


def _of_numbers(con: engine.Connection, name: str, fact: str, rows: str) -> Iterator[Leak]:
    counted = con.execute(
        f"""SELECT dense_rank() OVER (ORDER BY value), events, others FROM (
                SELECT {fact} AS value, count(*) FILTER (happened) AS events, count(*) FILTER (NOT happened) AS others
                FROM {rows} WHERE {fact} IS NOT NULL GROUP BY 1)"""
    ).fetchall()
    auc = statistics.auc([Count(*row) for row in counted])
    if auc is not None and max(auc, 1 - auc) >= TOO_GOOD:
        yield Leak(name, f"alone it tells them apart almost perfectly (AUC {max(auc, 1 - auc):.3f})")


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
