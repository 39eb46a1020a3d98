"""The stage for tests of the revenue directive: subscriptions as they stand, what was seen of them before, what is
known of their past; and the movements, churns and periods that come of it.

A row of `subscriptions` may say `changed_at`: since when its source has it so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from execution import engine, revenue
from execution.directives import Program
from execution.directives.model import Case, Revenue
from execution.directives.schema import PERIOD, REVENUE, entity_columns
from execution.engine import ident
from execution.errors import GtmError
from execution.proof import stage
from execution.proof.rows import Row, differences, table_of
from execution.revenue import periods, seen

_HISTORY = {
    "source": "VARCHAR", "subscription_id": "VARCHAR", "number": "INTEGER", "seen_at": "TIMESTAMP",
    "is_gone": "BOOLEAN", "is_remapped": "BOOLEAN",
}  # fmt: skip
_SCORES = {
    "score": "VARCHAR", "entity": "VARCHAR", "key": "VARCHAR", "as_of": "TIMESTAMP", "score_milli": "INTEGER",
    "band": "VARCHAR", "signals": "VARCHAR[]",
}  # fmt: skip


def told(con: engine.Connection, program: Program, directive: Revenue, case: Case) -> Iterator[str]:
    """What of a case's expectations did not come out, each as a sentence."""
    as_of = stage.moment(case.as_of)
    mine = replace(
        program,
        revenue={directive.name: directive},
        settings=stage.with_rates(program.settings, case.given),
    )
    _load(con, mine, case, as_of)
    revenue.run(con, mine, as_of)
    for name, expected in case.expect.items():
        if name == "periods":
            actual, types = _periods(con, directive, as_of), {"first": "DATE", "last": "DATE", **PERIOD}
        elif name in REVENUE:
            entities = {row.get("entity", "customers") for row in expected} or {"customers"}
            rows = engine.dicts(con, f"FROM {ident('derived', name)} ORDER BY ALL")
            actual, types = [row for row in rows if row["entity"] in entities], REVENUE[name]
        else:
            yield f"there is no {name!r} to expect: {', '.join([*REVENUE, 'periods'])}"
            continue
        wanted = {column for row in expected for column in row}
        shown = [{c: v for c, v in row.items() if c in wanted or not wanted} for row in actual]
        for sentence in differences(expected, shown, "", types):
            yield f"{name}: {sentence}"


def _load(con: engine.Connection, program: Program, case: Case, as_of: datetime) -> None:
    moment = engine.naive_utc(as_of).isoformat(sep=" ")
    for name in ("subscriptions", "subscription_changes", "events"):
        if name not in program.entities:
            raise GtmError(f"there is no entity {name!r}", code="E151")
        rows = [{"source": "test", **row} for row in case.given.get(name, ())]
        if name == "subscriptions":
            rows = [{"changed_at": moment, **row} for row in rows]
        elif name == "subscription_changes":
            rows = [{"change_id": str(number), **row} for number, row in enumerate(rows)]
        types = entity_columns(program.entities[name]) | {"changed_at": "TIMESTAMP"}
        table_of(con, ident("core", name), types, rows)
    _load_history(con, program, case.given.get("subscription_history", ()))
    if "score_history" in case.given:
        con.execute("DROP VIEW derived.score_history")
        table_of(con, ident("derived", "score_history"), _SCORES, case.given["score_history"])


def _load_history(con: engine.Connection, program: Program, rows: Iterable[Row]) -> None:
    """What was seen before, in the order given for each subscription."""
    numbers: dict[str, int] = {}
    made: list[Mapping[str, Any]] = []
    for row in rows:
        name = str(row.get("subscription_id"))
        numbers[name] = numbers.get(name, 0) + 1
        made.append({"source": "test", "number": numbers[name], "is_gone": False, "is_remapped": False, **row})
    columns = entity_columns(program.entities[seen.ENTITY])
    types = _HISTORY | {name: columns.get(name, "VARCHAR") for name in seen.STATE}
    table_of(con, ident("derived", seen.TABLE), types, made)


def _periods(con: engine.Connection, directive: Revenue, as_of: datetime) -> Sequence[Row]:
    """The months from the first movement on."""
    row = con.execute("SELECT min(day) FROM derived.mrr_ledger").fetchone()
    last = engine.naive_utc(as_of).date()
    first = row[0].replace(day=1) if row and row[0] and row[0] <= last else last.replace(day=1)
    span = periods.Span(first, last)
    return periods.read(con, directive, periods.spans(span, "month"), entity="customers")
