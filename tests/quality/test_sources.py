"""Points of sources: how fresh they are, what they sent that does not fit, and days unlike the days before."""

from datetime import date, timedelta

import pytest

from execution.quality import sources
from execution.quality.run import directive_of
from execution.quality.sources import Standing
from tests.measures.stock import AS_OF, Stock

from .test_points import judged, shop

TODAY = AS_OF.date()


def records(stock: Stock, *names: str) -> None:
    """The desk's stored records, by name."""
    stock.con.execute("CREATE TABLE raw.desk__people (key VARCHAR, email VARCHAR, name VARCHAR, deleted BOOLEAN)")
    for number, name in enumerate(names):
        stock.con.execute(
            "INSERT INTO raw.desk__people VALUES (?, ?, ?, false)", [str(number), f"{number}@x.com", name]
        )


def volumes(stock: Stock, counts: list[int], last: int) -> None:
    """New records of the desk on days in a row, the last of them yesterday; before them the first day."""
    days = [9999, *counts, last]
    for back, count in enumerate(reversed(days), start=1):
        day: date = TODAY - timedelta(days=back)
        stock.con.execute("INSERT INTO meta.volumes VALUES ('desk', 'people', ?, ?, 0, 0)", [day, count])


def standing(stock: Stock) -> Standing:
    quality = directive_of(stock.program)
    assert quality is not None
    (found,) = sources.standings(stock.con, stock.program, quality, AS_OF)
    return found


def test_a_fresh_source_that_sent_what_fits_has_100_points_of_what_is_known() -> None:
    stock = shop()
    records(stock, "Ada", "Bob")
    found = standing(stock)
    assert (found.score_milli, found.coverage_milli) == (100_000, 800), "nothing is known of its volumes"
    assert found.parts == {"freshness": 62_500, "validity": 37_500, "anomaly": None}


def test_rejects_and_missed_expectations_cost_points_and_are_counted() -> None:
    stock = shop(age=timedelta(hours=8))
    records(stock, "Ada", "Test", "Test", "Bob")
    stock.con.execute("INSERT INTO meta.rejects VALUES ('desk', 'people', '0', 'age', 'old', now()::TIMESTAMP)")
    found = standing(stock)
    assert (found.fresh, found.records, found.rejects, found.invalid) == ("late", 4, 1, 2)
    assert found.parts == {"freshness": 31_250, "validity": 9_375, "anomaly": None}
    assert sum(part or 0 for part in found.parts.values()) == found.score_milli
    checks = judged(stock)
    assert (checks["fits"].failing, checks["fits"].of, checks["fits"].verdict) == (1, 4, "failing")
    assert (checks["expected"].failing, checks["expected"].of) == (2, 4)
    assert "2 of 4 records miss the source's own expectations" in checks["expected"].examples[0]


def test_what_cannot_be_asked_of_the_stored_records_is_not_known() -> None:
    stock = shop()
    stock.con.execute("CREATE TABLE raw.desk__people AS SELECT '1' AS key, 'a@x.com' AS email, false AS deleted")
    assert standing(stock).invalid is None
    assert judged(stock)["expected"].verdict == "unknown"


@pytest.mark.parametrize(
    ("counts", "last", "is_odd"),
    [
        ([100, 102, 98, 101, 99, 100], 100, False),
        ([100, 102, 98, 101, 99, 100], 0, True),
        ([100, 102, 98, 101, 99, 100], 900, True),
        ([100, 5000, 98, 101, 99, 100], 104, False),
        ([100, 5000, 98, 101, 99, 100], 300, True),
        ([0, 0, 0, 0, 0, 0], 5, False),
        ([0, 0, 0, 0, 0, 0], 6, True),
    ],
)
def test_a_day_unlike_the_days_before_stands_out_and_one_wild_day_hides_nothing(
    counts: list[int], last: int, *, is_odd: bool
) -> None:
    stock = shop()
    volumes(stock, counts, last)
    found = judged(stock)["usual"]
    assert (found.failing, found.of) == (int(is_odd), 3), "new, changed and deleted"
    assert found.verdict == ("failing" if is_odd else "ok")
    if is_odd:
        assert f"desk/people {TODAY - timedelta(days=1)}: {last:,} new" in found.examples[0]
    assert standing(stock).shares["anomaly"] == (666_667 if is_odd else 1_000_000)


def test_too_little_history_is_no_finding() -> None:
    stock = shop()
    volumes(stock, [100, 100, 100, 100], 0)
    found = judged(stock)["usual"]
    assert (found.verdict, found.note, found.failing) == ("unknown", "not enough history", 0)
    assert standing(stock).parts["anomaly"] is None


def test_days_without_a_record_are_days_with_none() -> None:
    stock = shop()
    for back in (9, 3, 2, 1):
        day = TODAY - timedelta(days=back)
        stock.con.execute(
            "INSERT INTO meta.volumes VALUES ('desk', 'people', ?, ?, 0, 0)", [day, 50 if back > 1 else 90]
        )
    assert judged(stock)["usual"].failing == 1, "usually none: 90 is far from it, whatever two days had"


def test_today_is_not_judged_before_it_is_over() -> None:
    stock = shop()
    volumes(stock, [100, 102, 98, 101, 99, 100], 100)
    stock.con.execute("INSERT INTO meta.volumes VALUES ('desk', 'people', ?, 1, 0, 0)", [TODAY])
    assert judged(stock)["usual"].verdict == "ok"
