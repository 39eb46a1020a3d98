"""Measures: compiled into one SELECT, kept only when they changed, NULL where nobody can know."""

from datetime import UTC, datetime, timedelta

import pytest

from execution import measures, store
from execution.errors import DirectiveError, GtmError
from execution.measures import Stored, compile_measures
from tests.measures.stock import AS_OF, Stock, program

ENTITY = """---
kind: entity
name: customers
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
  note: {type: text, from: [crm]}
  size: {type: integer, from: [measures]}
---
"""
DEALS = """---
kind: entity
name: deals
key: deal_id
rows: owned
columns:
  deal_id: {type: text, from: [crm]}
  amount: {type: decimal, from: [crm]}
---
"""


def measure(name: str, sql: str, *, entity: str = "customers", column: str = "size", more: str = "") -> str:
    """A measures directive with one integer and one block."""
    return (
        f"---\nkind: measures\nname: {name}\nentity: {entity}\n{more}"
        f"measures: {{{column}: {{type: integer, unit: things, meaning: m, null: n}}}}\n---\n"
        f"```sql measures\n{sql}\n```\n"
    )


def small(sql: str, **more: str) -> Stock:
    stock = Stock(program(e=ENTITY, d=DEALS, m=measure("m", sql), **more))
    stock.put("customers", {"email": "a@x.com", "note": "12"}, {"email": "b@x.com", "note": "zwölf"})
    return stock


def sizes(stock: Stock) -> dict[str, int | None]:
    measures.run(stock.con, stock.program, AS_OF)
    return dict(stock.con.execute("SELECT email, size FROM derived.measures__customers ORDER BY email").fetchall())


def test_a_key_without_a_row_is_unknown() -> None:
    assert sizes(small("select email, 1 as size from customers where note = '12'")) == {"a@x.com": 1, "b@x.com": None}


def test_a_key_without_a_row_is_zero_where_the_directive_says_that_zero_is_the_truth() -> None:
    text = measure("m", "select email, 1 as size from customers where note = '12'", more="otherwise: {size: 0}\n")
    stock = Stock(program(e=ENTITY, m=text))
    stock.put("customers", {"email": "a@x.com", "note": "12"}, {"email": "b@x.com"})
    assert sizes(stock) == {"a@x.com": 1, "b@x.com": 0}


def test_nothing_is_written_where_nothing_changed() -> None:
    stock = small("select email, length(note) as size from customers")
    sizes(stock)
    before = store.changes(stock.con)
    sizes(stock)
    assert store.changes(stock.con) == before


def test_rows_that_time_does_not_change_are_not_rewritten_only_their_moment_is() -> None:
    stock = small("select email, length(note) as size from customers")
    sizes(stock)
    oid = "SELECT table_oid FROM duckdb_tables() WHERE table_name = 'measures__customers'"
    before = stock.one(oid)
    measures.run(stock.con, stock.program, AS_OF + timedelta(days=1))
    assert stock.one(oid) == before
    assert stock.one("SELECT as_of FROM derived.moments") == (datetime(2026, 7, 1, 12),)  # noqa: DTZ001 - as stored


def test_a_changed_row_is_written() -> None:
    stock = small("select email, length(note) as size from customers")
    sizes(stock)
    stock.con.execute("UPDATE core.customers SET note = 'longer' WHERE email = 'a@x.com'")
    assert sizes(stock)["a@x.com"] == 6


def test_the_moment_is_a_parameter_in_any_zone() -> None:
    stock = small("select email, hour($as_of) as size from customers")
    assert sizes(stock)["a@x.com"] == 12
    berlin = datetime.fromisoformat("2026-06-30T14:00:00+02:00")
    measures.run(stock.con, stock.program, berlin)
    assert stock.one("SELECT as_of FROM derived.moments") == (AS_OF.astimezone(UTC).replace(tzinfo=None),)


def test_a_comment_that_mentions_the_moment_asks_for_nothing() -> None:
    assert sizes(small("select email, 1 as size -- not as of $as_of\nfrom customers /* nor $as_of */"))["a@x.com"] == 1


@pytest.mark.parametrize(
    ("sql", "code", "says"),
    [
        ("select email, 1 as size from customers union all select email, 2 from customers", "E145", "2 rows came out"),
        ("select note, 1 as size from customers", "E135", "does not give the key"),
        ("select email, nonsense as size from customers", "E147", "nonsense"),
    ],
)
def test_a_block_that_does_not_hold_is_named_with_its_line(sql: str, code: str, says: str) -> None:
    with pytest.raises(DirectiveError) as caught:
        sizes(small(sql))
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("directives/m.md", code)
    assert problem.line == 8
    assert says in problem.message


def test_two_blocks_that_measure_the_same_are_both_named() -> None:
    one = "select email, 1 as size from customers"
    stock = Stock(program(e=ENTITY, m=measure("m", one), n=measure("n", one)))
    stock.put("customers", {"email": "a@x.com"})
    with pytest.raises(DirectiveError) as caught:
        sizes(stock)
    assert "directives/m.md:8" in caught.value.problems[0].message


def test_sql_that_fails_on_the_data_says_so_and_leaves_the_last_good_measures() -> None:
    stock = small("select email, cast(note as integer) as size from customers")
    stock.con.execute("DELETE FROM core.customers WHERE note = 'zwölf'")
    assert sizes(stock) == {"a@x.com": 12}
    stock.put("customers", {"email": "b@x.com", "note": "zwölf"})
    with pytest.raises(GtmError, match="zwölf") as caught:
        sizes(stock)
    assert (caught.value.code, caught.value.exit_code) == ("E361", 2)
    assert stock.rows("SELECT * FROM derived.measures__customers") == [{"email": "a@x.com", "size": 12}]


def test_a_store_without_any_table_has_no_rows_and_no_error() -> None:
    stock = Stock()
    assert measures.run(stock.con, stock.program, AS_OF) == {"companies": 0, "customers": 0, "deals": 0}


def test_a_store_without_events_leaves_everything_about_them_unknown() -> None:
    stock = Stock()
    stock.put("customers", {"email": "a@x.com", "signup_date": "2026-06-20"})
    measures.run(stock.con, stock.program, AS_OF)
    (row,) = stock.rows("SELECT * FROM derived.measures__customers")
    assert row["tenure_days"] == 10
    assert {row[name] for name in ("calls_completed", "upcoming_calls", "days_since_seen", "open_tickets")} == {None}


def test_a_column_that_no_source_feeds_yet_reads_as_unknown() -> None:
    stock = Stock()
    stock.con.execute("CREATE TABLE core.customers AS SELECT 'a@x.com' AS email")
    measures.run(stock.con, stock.program, AS_OF)
    assert stock.rows("SELECT tenure_days, features_used FROM derived.measures__customers") == [
        {"tenure_days": None, "features_used": None}
    ]


def test_rows_that_belong_to_a_source_are_measured_by_source_and_key() -> None:
    block = "select source, deal_id, cast(amount as bigint) as weight from deals"
    stock = Stock(program(d=DEALS, m=measure("m", block, entity="deals", column="weight")))
    stock.put("deals", {"source": "crm", "deal_id": "1", "amount": 5}, {"source": "shop", "deal_id": "1", "amount": 7})
    assert measures.run(stock.con, stock.program, AS_OF) == {"deals": 2}
    found = stock.con.execute("SELECT source, weight FROM derived.measures__deals ORDER BY source").fetchall()
    assert found == [("crm", 5), ("shop", 7)]


def test_the_same_store_and_moment_give_the_same_sql_and_rows() -> None:
    stock = Stock()
    for number in range(50):
        stock.put("customers", {"email": f"p{number}@x.com", "mrr": number * 11})
        stock.meeting(f"p{number}@x.com", f"2026-06-{1 + number % 28:02d}")
    first = compile_measures(stock.program, "customers", Stored.read(stock.con))
    assert first.sql == compile_measures(stock.program, "customers", Stored.read(stock.con)).sql
    sql = f"SELECT * FROM ({first.sql}) ORDER BY email"
    params = {"as_of": AS_OF.replace(tzinfo=None)}
    assert stock.con.execute(sql, params).fetchall() == stock.con.execute(sql, params).fetchall()


def test_a_block_of_what_belongs_to_its_source_has_to_give_that_too() -> None:
    def wrong(block: str) -> list[tuple[str, str]]:
        problems = program(d=DEALS, m=measure("m", block, entity="deals", column="weight")).problems
        return [(problem.message, problem.hint) for problem in problems if problem.code == "E135"]

    assert wrong("select source, deal_id, 2 as weight from deals") == []
    assert wrong("select deal_id, 2 as weight from deals") == [
        ("the source of deals is not selected", "two sources may have one deal_id: a row of deals is known by both")
    ]
