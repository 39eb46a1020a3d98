"""What measures come to over all rows, and who uses them."""

from datetime import datetime
from decimal import Decimal

import pytest

from execution import engine
from execution.measures.figures import Bin, Figures, figures, round_step, spread
from execution.measures.users import block_of, users
from tests.segments.shop import program, shop

TYPES = {"n": "BIGINT", "money": "DECIMAL(18,4)", "day": "TIMESTAMP", "yes": "BOOLEAN", "word": "VARCHAR"}


@pytest.fixture
def con() -> engine.Connection:
    con = engine.memory()
    con.execute("CREATE SCHEMA derived")
    con.execute(
        "CREATE TABLE derived.measures__people (email VARCHAR, n BIGINT, money DECIMAL(18,4), day TIMESTAMP, "
        "yes BOOLEAN, word VARCHAR)"
    )
    return con


def fill(con: engine.Connection, sql: str) -> dict[str, Figures]:
    con.execute(f"INSERT INTO derived.measures__people BY NAME {sql}")
    return figures(con, "people", TYPES)


def test_what_is_known_and_how_it_lies(con: engine.Connection) -> None:
    found = fill(
        con,
        "SELECT * FROM (VALUES (1, 1.5, true, 'b', TIMESTAMP '2026-01-02'), (9, 2.5, false, 'a', NULL), "
        "(4, NULL, NULL, 'a', NULL), (NULL, NULL, NULL, NULL, NULL)) t(n, money, yes, word, day)",
    )
    assert found["n"] == Figures(4, 3, 1, 4, 9)
    assert found["money"] == Figures(4, 2, Decimal("1.5"), Decimal("1.5"), Decimal("2.5"))
    assert found["yes"] == Figures(4, 2, true=1)
    assert found["word"] == Figures(4, 3, different=2)
    assert found["day"].least == datetime(2026, 1, 2)  # noqa: DTZ001 - as stored
    assert (found["n"].coverage, found["day"].coverage) == (0.75, 0.25)


def test_without_rows_nothing_is_covered_and_nothing_spread(con: engine.Connection) -> None:
    found = figures(con, "people", TYPES)
    assert found["n"] == Figures(0, 0, None, None, None)
    assert found["n"].coverage is None
    assert spread(con, "people", "n", "BIGINT", found["n"]) == ()


def test_a_measure_that_the_store_lacks_or_has_otherwise_has_no_figures(con: engine.Connection) -> None:
    assert set(figures(con, "people", {"n": "VARCHAR", "missing": "BIGINT", "word": "VARCHAR"})) == {"word"}
    assert figures(con, "nobody", TYPES) == {}


def test_numbers_fall_into_bins_of_a_round_width(con: engine.Connection) -> None:
    found = fill(con, "SELECT i AS n FROM range(100) r(i)")
    bins = spread(con, "people", "n", "BIGINT", found["n"])
    assert [each.label for each in bins] == ["0", "20", "40", "60", "80"]
    assert [each.rows for each in bins] == [20] * 5


def test_a_few_large_values_do_not_hide_the_others(con: engine.Connection) -> None:
    found = fill(con, "SELECT i AS n FROM range(10, 50) r(i) UNION ALL SELECT 1000000 UNION ALL SELECT -500")
    bins = spread(con, "people", "n", "BIGINT", found["n"])
    assert bins[0].label.startswith("under ")
    assert bins[-1].label.endswith("+")
    assert sum(each.rows for each in bins) == 42
    assert len(bins) <= 10


def test_values_that_are_all_one_are_one_bin(con: engine.Connection) -> None:
    found = fill(con, "SELECT 7 AS n FROM range(3)")
    assert spread(con, "people", "n", "BIGINT", found["n"]) == (Bin("7", 3),)


def test_words_come_by_how_often_and_times_by_month(con: engine.Connection) -> None:
    found = fill(
        con,
        "SELECT 'w' || i % 15 AS word, TIMESTAMP '2026-01-31' + interval 1 month * (i % 2) AS day FROM range(20) t(i)",
    )
    words = spread(con, "people", "word", "VARCHAR", found["word"])
    assert words[0] == Bin("w0", 2)
    assert words[-1] == Bin("5 others", 5)
    assert spread(con, "people", "day", "TIMESTAMP", found["day"]) == (Bin("2026-01", 10), Bin("2026-02", 10))


def test_times_over_many_years_come_by_year(con: engine.Connection) -> None:
    found = fill(con, "SELECT TIMESTAMP '2010-05-01' + interval 1 year * i AS day FROM range(9) r(i)")
    assert spread(con, "people", "day", "TIMESTAMP", found["day"])[0] == Bin("2010", 1)


@pytest.mark.parametrize(
    ("width", "step"), [(1, 1), (1.1, 2), (2.5, 5), (6, 10), (10, 10), (0.03, 0.05), (123, 200), (99_999, 100_000)]
)
def test_a_step_is_round_and_no_less_than_the_width(width: float, step: float) -> None:
    assert round_step(width) == pytest.approx(step)


def test_users_are_those_whose_sql_names_it() -> None:
    found = users(program(), "customers", "age_days")
    assert [(user.kind, user.name, user.place) for user in found] == [
        ("entity", "customers", "columns.age_days"),
        ("segment", "newcomers", "when"),
    ]


def test_the_block_that_gives_a_measure_is_found() -> None:
    stock = shop()
    block = block_of(stock.program, stock.program.measures["age"], "age_days")
    assert block is not None
    assert block[0].startswith("select email, date_diff")
    assert block[1:] == ("directives/age.md", 9)
