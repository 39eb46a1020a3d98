"""What is told of segments: how many, what they pay, who came and went, and what nobody can know."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from execution.segments.members import members, moves
from execution.segments.standing import Moved, Standing, standing
from tests.measures.stock import Stock

from .shop import TIER, on, program, shop


@pytest.fixture
def stock() -> Stock:
    """The shop after a month: on day 10 Ann grew large, on day 20 Dan came, on day 28 Bo paid nothing known."""
    stock = shop()
    stock.con.execute("UPDATE core.customers SET mrr = 400 WHERE email = 'a@x.com'")
    stock.score(on(10))
    stock.con.execute("INSERT INTO core.customers (email, name, mrr) VALUES ('d@x.com', 'Dan', 90)")
    stock.score(on(20))
    stock.con.execute("UPDATE core.customers SET mrr = NULL WHERE email = 'b@x.com'")
    stock.score(on(28))
    return stock


def of(stock: Stock, name: str, until: datetime | None = None) -> Standing:
    return standing(stock.con, stock.program, stock.program.segments[name], until)


def naive(days: float) -> datetime:
    return on(days).replace(tzinfo=None)


def test_it_tells_how_many_and_what_they_pay(stock: Stock) -> None:
    found = of(stock, "tier")
    assert [(group.name, group.members, group.mrr) for group in found.groups] == [
        ("small", 1, Decimal(90)),
        ("large", 1, Decimal(400)),
    ]
    assert (found.not_in, found.unknown, found.as_of) == (None, 2, naive(28))


def test_a_set_tells_who_is_outside_and_who_is_not_known(stock: Stock) -> None:
    found = of(stock, "newcomers")
    assert [(group.name, group.members) for group in found.groups] == [("in", 0)]
    assert (found.not_in, found.unknown) == (3, 1)


def test_members_of_whom_the_revenue_is_not_known_are_counted_apart() -> None:
    stock = shop(newcomers="---\nkind: segment\nname: named\nentity: customers\nmeaning: m\nwhen: email <> ''\n---\n")
    (group,) = of(stock, "named").groups
    assert (group.members, group.mrr, group.unpriced) == (3, Decimal(250), 1)


def test_changes_are_net_of_the_window_and_unknown_before_the_history(stock: Stock) -> None:
    small, large = of(stock, "tier").groups
    assert small.moved == (Moved(7, 0, 0), Moved(30, None, None))
    assert large.moved == (Moved(7, 0, 1), Moved(30, None, None))
    stock.score(on(31))
    small, large = of(stock, "tier").groups
    assert small.moved[1] == Moved(30, 1, 1)
    assert large.moved[1] == Moved(30, 1, 1)


def test_who_comes_and_goes_again_did_not_move() -> None:
    stock = shop()
    for day, mrr in ((8, 500), (9, 50)):
        stock.con.execute("UPDATE core.customers SET mrr = ? WHERE email = 'a@x.com'", [mrr])
        stock.score(on(day))
    assert of(stock, "tier").groups[0].moved[0] == Moved(7, 0, 0)


def test_changes_by_the_directive_are_marked(stock: Stock) -> None:
    stock.program = program(tier=TIER.replace("100", "80"))
    stock.score(on(29))
    assert [moved.rules_changed for moved in of(stock, "tier").groups[0].moved] == [True, False]
    (last, *_) = moves(stock.con, "tier", since=naive(28))
    assert (last.key, last.was, last.place, last.by_rules) == ("d@x.com", "small", "large", True)


def test_an_earlier_moment_is_as_it_was_then(stock: Stock) -> None:
    then = of(stock, "tier", on(12))
    assert [(group.name, group.members, group.mrr) for group in then.groups] == [("small", 0, None), ("large", 2, None)]
    assert then.groups[1].moved == (Moved(7, 1, 0), Moved(30, None, None))
    assert then.unknown is None


def test_before_the_history_nothing_is_known(stock: Stock) -> None:
    then = of(stock, "tier", on(-1))
    assert (then.as_of, then.groups, then.since) == (None, (), naive(0))


def test_what_was_never_worked_out_has_no_figures() -> None:
    stock = Stock(program())
    found = of(stock, "tier")
    assert (found.as_of, found.since, found.groups) == (None, None, ())
    assert members(stock.con, stock.program, stock.program.segments["tier"], None, 5) == ()
    assert moves(stock.con, "tier") == ()


def test_members_come_by_what_they_pay(stock: Stock) -> None:
    tier = stock.program.segments["tier"]
    found = members(stock.con, stock.program, tier, None, 0)
    assert [(each.key, each.place, each.since, each.name, each.mrr) for each in found] == [
        ("a@x.com", "large", naive(10), "Ann", Decimal(400)),
        ("d@x.com", "small", naive(20), "Dan", Decimal(90)),
    ]
    assert (found[0].health_score, found[0].health_status) == (Decimal(100), "good")
    assert [each.key for each in members(stock.con, stock.program, tier, None, 1)] == ["a@x.com"]


def test_members_of_an_earlier_moment_are_told_without_how_they_stand_now(stock: Stock) -> None:
    found = members(stock.con, stock.program, stock.program.segments["tier"], on(12), 0)
    assert [(each.key, each.since, each.mrr) for each in found] == [
        ("a@x.com", naive(10), None),
        ("b@x.com", naive(0), None),
    ]


def test_moves_leave_out_where_the_history_begins(stock: Stock) -> None:
    found = moves(stock.con, "tier")
    assert [(each.key, each.at, each.was, each.place) for each in found] == [
        ("b@x.com", naive(28), "large", None),
        ("d@x.com", naive(20), None, "small"),
        ("a@x.com", naive(10), "small", "large"),
    ]
    assert not any(each.by_rules or each.is_first for each in found)
    assert [each.key for each in moves(stock.con, "tier", since=naive(10), until=naive(20))] == ["d@x.com"]
    assert len(moves(stock.con, "tier", limit=1)) == 1


def test_the_moves_of_one_row_begin_with_the_history(stock: Stock) -> None:
    found = moves(stock.con, "tier", key="a@x.com")
    assert [(each.was, each.place, each.is_first) for each in found] == [
        ("small", "large", False),
        (None, "small", True),
    ]
    assert found[0].at - found[1].at == timedelta(days=10)


def test_rows_of_a_source_have_members_without_a_view(stock: Stock) -> None:
    stock.put("deals", {"source": "crm", "deal_id": "1", "amount": 5000})
    stock.score(on(30))
    (group,) = of(stock, "big_deals").groups
    assert (group.members, group.mrr, group.unpriced) == (1, None, None)
    found = members(stock.con, stock.program, stock.program.segments["big_deals"], None, 0)
    assert [each.key for each in found] == ["crm/1"]
