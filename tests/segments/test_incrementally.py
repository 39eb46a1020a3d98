"""Segments worked out by what changed: the same members and the same history as when everybody is placed each time."""

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution import engine, segments
from execution.measures.stored import Stored
from execution.measures.work import Work
from execution.segments.compile import membership
from tests.measures.stock import Stock

from .shop import TIER, on, program, shop

PEOPLE = ["a@x.com", "b@x.com", "c@x.com", "d@x.com"]
CHANGES = st.tuples(st.sampled_from(PEOPLE), st.sampled_from([None, 50, 100, 500, "gone"]))
DAYS = st.lists(st.lists(CHANGES, max_size=3), min_size=1, max_size=5)


def change(stock: Stock, email: str, mrr: int | str | None) -> None:
    stock.con.execute("DELETE FROM core.customers WHERE email = ?", [email])
    if mrr != "gone":
        stock.con.execute("INSERT INTO core.customers (email, mrr, joined) VALUES (?, ?, '2026-05-20')", [email, mrr])


def forget(con: engine.Connection) -> None:
    """Nothing is known of how the stored members were placed, so that everybody is placed again."""
    con.execute("DELETE FROM derived.moments WHERE made LIKE 'conditions of %'")


def kept(stock: Stock) -> list[list[tuple[Any, ...]]]:
    made = "(FROM derived.moments WHERE made LIKE '%segment\\_\\_%' ESCAPE '\\' AND made NOT LIKE 'conditions%')"
    tables = (
        "derived.segment__tier",
        "derived.segment__newcomers",
        "derived.segment_history",
        "derived.segment_rules",
        made,
    )
    return [stock.con.execute(f"FROM {table} ORDER BY ALL").fetchall() for table in tables]


@settings(max_examples=6, deadline=None)
@given(days=DAYS, late=st.booleans())
def test_what_changed_gives_what_everybody_gives(days: list[list[tuple[str, Any]]], *, late: bool) -> None:
    parts, whole = shop(), shop()
    for number, changes in enumerate(days, start=1):
        day = on(-number if late and number == 2 else number)
        for stock in (parts, whole):
            for email, value in changes:
                change(stock, email, value)
        forget(whole.con)
        for name in ("tier", "newcomers"):
            counts = {segments.run(stock.con, stock.program, name, day) for stock in (parts, whole)}
            assert len(counts) == 1
        assert kept(parts) == kept(whole)


@pytest.fixture
def few() -> Stock:
    """A shop of forty customers more, of whom a few change: their rows are exchanged, not all written anew."""
    stock = shop()
    for number in range(40):
        stock.put("customers", {"email": f"n{number}@x.com", "mrr": 10})
    stock.score(on(1))
    return stock


def placed(stock: Stock, day: float) -> set[str]:
    """Who is placed again by a run."""
    how = membership(stock.program, stock.program.segments["tier"], Stored.read(stock.con), on(day))
    found = import_module("execution.segments.run")._place(Work(stock.con), how, on(day))
    assert found is not None, "everybody was placed"
    rows = stock.con.execute("SELECT email FROM temp.fresh").fetchall()
    stock.con.execute("DROP TABLE temp.fresh")
    return {row[0] for row in rows}


def test_only_who_changed_is_placed_again(few: Stock) -> None:
    assert placed(few, 2) == set()
    few.con.execute("UPDATE core.customers SET mrr = 999 WHERE email = 'n7@x.com'")
    few.con.execute("UPDATE core.customers SET name = 'Nell' WHERE email = 'n8@x.com'")
    few.put("customers", {"email": "new@x.com"})
    assert placed(few, 2) == {"n7@x.com", "new@x.com"}


def test_the_stored_table_is_kept_and_its_rows_exchanged(few: Stock) -> None:
    oid = "SELECT table_oid FROM duckdb_tables() WHERE table_name = 'segment__tier'"
    before = few.one(oid)
    few.con.execute("UPDATE core.customers SET mrr = 999 WHERE email = 'n7@x.com'")
    few.con.execute("DELETE FROM core.customers WHERE email = 'n8@x.com'")
    assert segments.run(few.con, few.program, "tier", on(2)) == 41
    assert few.one(oid) == before
    assert few.one("SELECT count(*), count(DISTINCT email) FROM derived.segment__tier") == (42, 42)
    moved = "SELECT key, place FROM derived.segment_history WHERE segment = 'tier' AND as_of = ? ORDER BY key"
    rows = few.con.execute(moved, [on(2).replace(tzinfo=None)]).fetchall()
    assert rows == [("n7@x.com", "large"), ("n8@x.com", None)]


def test_other_conditions_place_everybody_again(few: Stock) -> None:
    few.program = program(tier=TIER.replace("100", "5"))
    assert segments.run(few.con, few.program, "tier", on(2)) == 42
    assert few.one("SELECT count(*) FROM derived.segment__tier WHERE tier = 'large'") == (42,)


def test_a_condition_that_asks_for_the_moment_is_asked_again_at_every_moment() -> None:
    by_day = TIER.replace("mrr < 100", "joined > $as_of - interval 20 days")
    stock = shop(tier=by_day)
    assert stock.one("SELECT tier FROM derived.segment__tier WHERE email = 'b@x.com'") == ("small",)
    segments.run(stock.con, stock.program, "tier", on(30))
    assert stock.one("SELECT tier FROM derived.segment__tier WHERE email = 'b@x.com'") == ("large",)
