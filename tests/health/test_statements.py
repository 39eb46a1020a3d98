"""Scoring a small store costs what its statements cost, so there are few; and what steps only note is written."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from execution import engine, health, store
from execution.errors import GtmError
from execution.health.graph import steps
from execution.measures import compile as compiling
from execution.measures import moments
from tests.measures.stock import AS_OF, Stock

LATER = AS_OF + timedelta(days=3)


class Counting:
    """A connection that counts what it is asked, by the first word."""

    def __init__(self, con: engine.Connection) -> None:
        self.con = con
        self.asked: Counter[str] = Counter()

    def execute(self, sql: str, *values: Any) -> Any:  # noqa: ANN401 - DuckDB's own
        self.asked[sql.split(maxsplit=1)[0].upper()] += 1
        return self.con.execute(sql, *values)


@pytest.fixture
def stock() -> Stock:
    stock = Stock()
    stock.put("customers", {"email": "a@x.com", "mrr": 300, "csat_score": 4, "last_seen_at": "2026-06-29"})
    stock.put("companies", {"domain": "x.com"})
    stock.meeting("a@x.com", "2026-06-20")
    stock.meeting("a@x.com", "2026-07-03")
    stock.score()
    return stock


def asked(stock: Stock, days: int) -> Counter[str]:
    counting = Counting(stock.con)
    health.derive(cast("engine.Connection", counting), stock.program, AS_OF + timedelta(days=days))
    return counting.asked


def test_a_day_later_few_statements_are_asked(stock: Stock) -> None:
    found = asked(stock, 1)
    number = len(steps(stock.program))
    # A quiet step makes its rows, compares and counts them, and drops them: five. A score writes its run, its changes
    # and its rows besides: twenty more at most for each of three. The rest is revenue, sources and checks.
    assert found.total() <= 5 * number + 3 * 20 + 25, found
    # Nobody but scores and measures has changed, and what only is of another moment waits for their transactions.
    assert found["BEGIN"] == found["COMMIT"] <= 3 + 2 + 1, found


def test_nothing_new_is_found_out_without_a_transaction(stock: Stock) -> None:
    found = asked(stock, 0)
    assert found["BEGIN"] == 0, found
    assert found.total() <= 5 * len(steps(stock.program)) + 25, found


def test_what_blocks_of_measures_give_is_bound_once(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stock.rows("FROM derived.measures__customers")

    def bound(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(compiling, "_judge", bound)
    stock.score()
    assert stock.rows("FROM derived.measures__customers") == before
    calls = stock.program.measures["calls"]
    block = replace(calls.blocks[0], text=calls.blocks[0].text + "\n-- edited")
    edited = {**stock.program.measures, "calls": calls.model_copy(update={"blocks": (block, *calls.blocks[1:])})}
    stock.program = replace(stock.program, measures=edited)
    with pytest.raises(AssertionError):
        stock.score()


def test_a_step_that_fails_leaves_what_those_before_it_noted(stock: Stock) -> None:
    last = next(step.name for step in reversed(steps(stock.program)) if step.kind == "health")
    score = stock.program.health[last]
    where = f"cast({stock.program.entities[score.entity].key} as integer) > 0"
    failing = {**stock.program.health, last: score.model_copy(update={"where": where})}
    quiet = "quality__companies"
    was = moments.read(stock.con, quiet)
    with pytest.raises(GtmError, match=last):
        health.derive(stock.con, replace(stock.program, health=failing), LATER)
    now = moments.read(stock.con, quiet)
    assert was is not None
    assert now == replace(was, as_of=engine.naive_utc(LATER))


def test_a_transaction_that_fails_leaves_nothing_noted(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stock.rows("FROM derived.moments ORDER BY ALL")
    changes = store.changes(stock.con)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("execution.measures.work.Work._write", killed)
    with pytest.raises(KeyboardInterrupt):
        stock.score(LATER)
    assert stock.rows("FROM derived.moments ORDER BY ALL") == before
    assert store.changes(stock.con) == changes
    monkeypatch.undo()
    stock.score(LATER)
    assert {row["as_of"] for row in stock.rows("FROM derived.moments WHERE made LIKE 'segment%'")} == {
        engine.naive_utc(LATER)
    }
