"""Segments in the store: membership now, who came and went, and nothing written where nothing changed."""

from datetime import datetime
from typing import Any

import pytest

from execution import segments, store
from execution.errors import GtmError
from execution.segments import history
from tests.measures.stock import Stock

from .shop import DAY, NEWCOMERS, TIER, on, program, shop

Lines = list[tuple[Any, ...]]


def lines(stock: Stock, segment: str) -> Lines:
    """The history of a segment: day counted from the first, key, place."""
    rows = stock.con.execute(
        "SELECT as_of, key, place FROM derived.segment_history WHERE segment = ? ORDER BY ALL", [segment]
    ).fetchall()
    return [((at - DAY.replace(tzinfo=None)).days, key, place) for at, key, place in rows]


def rules(stock: Stock, segment: str) -> list[datetime]:
    sql = "SELECT as_of FROM derived.segment_rules WHERE segment = ? ORDER BY as_of"
    return [row[0] for row in stock.con.execute(sql, [segment]).fetchall()]


def pay(stock: Stock, email: str, mrr: float | None) -> None:
    stock.con.execute("UPDATE core.customers SET mrr = ? WHERE email = ?", [mrr, email])


def test_everybody_has_a_place_or_none_is_known() -> None:
    stock = shop()
    rows = stock.rows("SELECT email, tier, newcomers FROM unified_customers ORDER BY email")
    assert rows == [
        {"email": "a@x.com", "tier": "small", "newcomers": False},
        {"email": "b@x.com", "tier": "large", "newcomers": True},
        {"email": "c@x.com", "tier": None, "newcomers": None},
    ]


def test_a_segment_stands_before_what_names_it() -> None:
    stock = shop()
    assert stock.one("SELECT worth FROM unified_customers WHERE email = 'b@x.com'") == (100,)


def test_the_history_begins_with_those_who_are_in_it() -> None:
    stock = shop()
    assert lines(stock, "tier") == [(0, "a@x.com", "small"), (0, "b@x.com", "large")]
    assert lines(stock, "newcomers") == [(0, "b@x.com", "in")]


def test_only_who_moves_gets_a_line() -> None:
    stock = shop()
    pay(stock, "a@x.com", 500)
    pay(stock, "c@x.com", 10)
    stock.score(on(1))
    stock.score(on(2))
    assert lines(stock, "tier")[2:] == [(1, "a@x.com", "large"), (1, "c@x.com", "small")]


def test_who_leaves_is_in_none_whether_outside_unknown_or_gone() -> None:
    stock = shop()
    stock.con.execute("INSERT INTO core.customers (email, mrr) VALUES ('d@x.com', 7)")
    stock.score(on(1))
    pay(stock, "a@x.com", None)
    stock.con.execute("DELETE FROM core.customers WHERE email = 'd@x.com'")
    stock.score(on(2))
    assert lines(stock, "tier")[-2:] == [(2, "a@x.com", None), (2, "d@x.com", None)]
    stock.score(on(30))
    assert lines(stock, "newcomers") == [(0, "b@x.com", "in"), (30, "b@x.com", None)]


def test_nothing_is_written_where_nothing_changed() -> None:
    stock = shop()
    before = store.changes(stock.con)
    assert segments.run(stock.con, stock.program, "tier", DAY) == 2
    assert store.changes(stock.con) == before
    table = stock.one("SELECT table_oid FROM duckdb_tables() WHERE table_name = 'segment__tier'")
    stock.score(on(1))
    assert stock.one("SELECT table_oid FROM duckdb_tables() WHERE table_name = 'segment__tier'") == table
    assert len(lines(stock, "tier")) == 2


def test_a_look_back_leaves_no_trace() -> None:
    stock = shop()
    pay(stock, "a@x.com", 500)
    stock.score(on(-40))
    assert stock.one("SELECT tier FROM derived.segment__tier WHERE email = 'a@x.com'") == ("large",)
    assert lines(stock, "tier") == [(0, "a@x.com", "small"), (0, "b@x.com", "large")]
    pay(stock, "a@x.com", 50)
    stock.score(on(1))
    assert len(lines(stock, "tier")) == 2
    stock.score(on(-40))
    pay(stock, "a@x.com", 500)
    stock.score(on(2))
    assert lines(stock, "tier")[2:] == [(2, "a@x.com", "large")]


def test_a_second_run_for_the_same_moment_takes_the_place_of_the_first() -> None:
    stock = shop()
    pay(stock, "a@x.com", 500)
    stock.score(on(1))
    pay(stock, "a@x.com", 50)
    stock.score(on(1))
    assert len(lines(stock, "tier")) == 2
    assert len(rules(stock, "tier")) == 1


def test_a_changed_directive_is_marked() -> None:
    stock = shop()
    stock.program = program(tier=TIER.replace("100", "300"))
    stock.score(on(1))
    assert lines(stock, "tier")[2:] == [(1, "b@x.com", "small")]
    assert rules(stock, "tier") == [DAY.replace(tzinfo=None), on(1).replace(tzinfo=None)]
    stock.score(on(2))
    assert len(rules(stock, "tier")) == 2


def test_a_change_in_what_it_rests_on_is_marked_too() -> None:
    stock = shop()
    stock.program = program(tier=TIER.replace("100", "300"))
    stock.score(on(1))
    assert len(rules(stock, "newcomers")) == 2
    assert len(rules(stock, "big_deals")) == 1


def test_prose_is_no_rule() -> None:
    stock = shop()
    stock.program = program(newcomers=NEWCOMERS + "\nWhy this is so.\n")
    stock.score(on(1))
    assert len(rules(stock, "newcomers")) == 1


def test_a_segment_of_rows_that_belong_to_a_source() -> None:
    stock = shop()
    stock.put("deals", {"source": "crm", "deal_id": "1", "amount": 5000}, {"source": "erp", "deal_id": "1"})
    assert segments.run(stock.con, stock.program, "big_deals", on(1)) == 1
    assert lines(stock, "big_deals") == [(1, "crm/1", "in")]


def test_a_condition_that_fails_on_the_data_names_its_directive_and_leaves_all_as_it_was() -> None:
    stock = shop()
    stock.con.execute("UPDATE core.customers SET plan = 'gold'")
    stock.program = program(tier=TIER.replace("mrr < 100", "cast(plan as integer) < 100"))
    with pytest.raises(GtmError, match="the segment tier failed") as caught:
        segments.run(stock.con, stock.program, "tier", on(1))
    assert (caught.value.code, caught.value.where) == ("E363", "directives/tier.md")
    assert len(lines(stock, "tier")) == 2
    assert stock.one("SELECT count(tier) FROM derived.segment__tier") == (2,)


def test_the_history_says_at_every_moment_what_a_run_then_found() -> None:
    stock = shop()
    found = {}
    for day, mrr in enumerate([50, 150, None, 90, 90, 700]):
        pay(stock, "a@x.com", mrr)
        stock.score(on(day))
        found[day] = stock.con.execute(
            "SELECT email, tier FROM derived.segment__tier WHERE tier IS NOT NULL ORDER BY ALL"
        ).fetchall()
    for day, rows in found.items():
        then = history.places("tier", on(day).replace(tzinfo=None))
        assert stock.con.execute(f"FROM ({then}) ORDER BY ALL").fetchall() == rows
