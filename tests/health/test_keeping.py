"""Scores in the store: kept when changed, with a history, and shown in the unified view."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from execution import health, store
from execution.directives.schema import DUCKDB
from execution.errors import GtmError
from execution.health import view
from tests.measures.stock import AS_OF, Stock, shipped

KNOWN: dict[str, Any] = {
    "subscription_status": "active",
    "mrr": 300,
    "csat_score": 4,
    "signup_date": "2025-01-01",
    "last_seen_at": "2026-06-29",
}


@pytest.fixture
def stock() -> Stock:
    stock = Stock()
    stock.put("customers", {"email": "a@x.com", **KNOWN}, {"email": "b@x.com"})
    stock.meeting("a@x.com", "2026-06-20")
    stock.meeting("a@x.com", "2026-07-03")
    stock.score()
    return stock


def history(stock: Stock) -> list[tuple[Any, ...]]:
    return stock.con.execute("SELECT key, as_of, score_milli FROM derived.score_history ORDER BY as_of, key").fetchall()


def test_a_customer_of_whom_something_is_known_enters_the_history(stock: Stock) -> None:
    assert [(key, score) for key, _, score in history(stock)] == [("a@x.com", 94_118)]


def test_scoring_again_changes_nothing(stock: Stock) -> None:
    before = store.changes(stock.con)
    stock.score()
    assert store.changes(stock.con) == before
    assert len(history(stock)) == 1


def test_time_alone_adds_nothing_to_the_history_while_the_score_stays(stock: Stock) -> None:
    stock.score(AS_OF + timedelta(hours=3))
    assert len(history(stock)) == 1
    (row,) = stock.rows("SELECT health_calculated_at AS at FROM unified_customers WHERE email = 'a@x.com'")
    assert row["at"] == datetime(2026, 6, 30, 15)  # noqa: DTZ001 - as stored


def test_a_changed_score_adds_a_row_with_its_parts_and_directive(stock: Stock) -> None:
    stock.con.execute("UPDATE core.customers SET is_delinquent = true WHERE email = 'a@x.com'")
    stock.score(AS_OF + timedelta(hours=1))
    assert [score for _, _, score in history(stock)] == [94_118, 52_647]
    (row,) = stock.rows(
        """SELECT h.*, (SELECT list(part ORDER BY position) FROM derived.score_parts p WHERE p.directive = h.directive)
           AS parts FROM derived.score_history h WHERE score_milli = 52647"""
    )
    named = dict(zip(row["parts"], row["contributions"], strict=True))
    assert named["penalty.delinquent"] == -25_000
    assert sum(value or 0 for value in named.values()) == 52_647
    assert row["signals"] == ["payment_delinquent"]
    assert row["directive"] == shipped().health["customer_health"].hash


def test_a_score_that_becomes_unknown_is_history_too(stock: Stock) -> None:
    stock.con.execute("DELETE FROM core.customers WHERE email = 'a@x.com'")
    stock.con.execute("DELETE FROM core.events")
    stock.put("customers", {"email": "a@x.com"})
    stock.score(AS_OF + timedelta(days=1))
    assert [score for _, _, score in history(stock)] == [94_118, None]


def test_a_second_run_for_the_same_moment_replaces_the_first(stock: Stock) -> None:
    stock.con.execute("UPDATE core.customers SET is_delinquent = true WHERE email = 'a@x.com'")
    stock.score(AS_OF)
    assert [score for _, _, score in history(stock)] == [52_647]


def test_a_look_back_leaves_the_history_alone(stock: Stock) -> None:
    stock.score(AS_OF - timedelta(days=60))
    assert len(history(stock)) == 1


def test_the_view_has_every_declared_column_in_order_with_its_type(stock: Stock) -> None:
    found = {row["column_name"]: row["column_type"] for row in stock.rows("DESCRIBE unified_customers")}
    declared = shipped().entities["customers"].columns
    ordered = [name for name in found if name in declared]
    assert sorted(ordered) == sorted(declared)
    assert {name: found[name] for name in declared} == {name: DUCKDB[column.type] for name, column in declared.items()}


def test_the_view_shows_the_score_as_people_read_it(stock: Stock) -> None:
    (row,) = stock.rows("SELECT * FROM unified_customers WHERE email = 'a@x.com'")
    assert (float(row["health_score"]), row["health_status"], float(row["health_coverage"])) == (
        94.118,
        "healthy",
        0.85,
    )
    parts = json.loads(row["health_score_components"])
    assert parts["engagement"] is None
    assert round(sum(value or 0 for value in parts.values()), 3) == 94.118
    assert row["recommended_action"] == "Keep doing what works"
    (other,) = stock.rows("SELECT * FROM unified_customers WHERE email = 'b@x.com'")
    assert (other["health_score"], other["health_score_components"], other["risk_signals"]) == (None, None, None)


def test_every_column_that_health_fills_is_filled(stock: Stock) -> None:
    (row,) = stock.rows("SELECT * FROM unified_customers WHERE email = 'a@x.com'")
    declared = shipped().entities["customers"].columns
    empty = [name for name, column in declared.items() if "health" in column.sources and row[name] is None]
    assert empty == ["onboarding_health", "onboarding_health_status"], "a customer of long standing is past onboarding"


def test_signals_come_gravest_first(stock: Stock) -> None:
    stock.con.execute(
        "UPDATE core.customers SET is_delinquent = true, onboarding_complete = false, csat_score = 1, "
        "cancel_mentioned_at = TIMESTAMP '2026-06-29'"
    )
    stock.score()
    (row,) = stock.rows("SELECT risk_signals AS s FROM unified_customers WHERE email = 'a@x.com'")
    found = json.loads(row["s"])
    assert [signal["severity"] for signal in found] == ["critical", "critical", "high", "medium"]
    assert found[0] == {
        "type": "cancel_mention",
        "severity": "critical",
        "message": "They wrote of cancelling in the last 30 days",
    }


def test_a_source_was_last_read_for_those_it_knows(stock: Stock) -> None:
    stock.con.execute("ALTER TABLE core.customers ADD COLUMN last_calendly_change TIMESTAMP")
    stock.con.execute("UPDATE core.customers SET last_calendly_change = now() WHERE email = 'a@x.com'")
    stock.con.execute("INSERT INTO meta.sources VALUES ('calendly', TIMESTAMP '2026-06-30 06:00')")
    stock.score()
    rows = stock.rows("SELECT email, last_calendly_sync AS at, last_hubspot_sync AS never FROM unified_customers")
    assert {row["email"]: row["at"] for row in rows} == {
        "a@x.com": datetime(2026, 6, 30, 6),  # noqa: DTZ001 - as stored
        "b@x.com": None,
    }
    assert {row["never"] for row in rows} == {None}


def test_an_empty_store_scores_nobody_without_an_error() -> None:
    stock = Stock()
    stock.score()
    assert stock.rows("SELECT * FROM derived.score__customer_health") == []
    assert not stock.has("main.unified_customers")
    stock.put("customers")
    stock.score()
    assert stock.rows("SELECT * FROM unified_customers") == []


def test_without_measures_their_columns_are_unknown() -> None:
    stock = Stock()
    stock.put("customers", {"email": "a@x.com", **KNOWN})
    assert health.score(stock.con, stock.program, "customer_health", AS_OF) == 1
    view.create(stock.con, stock.program)
    (row,) = stock.rows("SELECT days_since_seen, health_coverage FROM unified_customers")
    assert (row["days_since_seen"], float(row["health_coverage"])) == (None, 0.5)


def test_an_expression_that_fails_on_the_data_names_its_directive_and_leaves_the_last_score(stock: Stock) -> None:
    directive = shipped().health["customer_health"]
    wrong = directive.components["payment"].model_copy(update={"score": "cast(subscription_status as integer)"})
    changed = directive.model_copy(update={"components": {**directive.components, "payment": wrong}})
    program = replace(stock.program, health={"customer_health": changed})
    with pytest.raises(GtmError, match="customer_health failed") as caught:
        health.score(stock.con, program, "customer_health", AS_OF)
    assert (caught.value.code, caught.value.where) == ("E362", "directives/health/customer-health.md")
    assert stock.one("SELECT count(score_milli) FROM derived.score__customer_health") == (1,)


def test_the_primary_score_fills_the_view_and_the_others_stand_beside_it(stock: Stock) -> None:
    directive = shipped().health["customer_health"]
    other = directive.model_copy(
        update={"name": "another", "bands": {"other": 0.0}, "hash": "other", "primary": False, "segments": {}}
    )
    first = directive.model_copy(update={"primary": True})
    of_people = {name: each for name, each in stock.program.segments.items() if each.entity == "customers"}
    scores = {"customer_health": first, "another": other}
    stock.program = replace(
        stock.program, health=scores, segments=of_people
    )  # no score of companies, and none of theirs
    chosen = view.primary(stock.program, "customers")
    assert chosen is not None
    assert chosen.name == "customer_health"
    stock.score()
    row = "health_status, customer_health_status, another_status, customer_health = another"
    assert stock.one(f"SELECT {row} FROM unified_customers WHERE email = 'a@x.com'") == (
        "healthy",
        "healthy",
        "other",
        True,
    )


def test_customers_without_data_cost_no_history() -> None:
    stock = Stock()
    stock.put("customers")
    stock.con.execute("INSERT INTO core.customers (email) SELECT 'p' || i || '@x.com' FROM range(2000) r(i)")
    assert health.derive(stock.con, stock.program, AS_OF).scores["customer_health"] == 2000
    assert history(stock) == []
