"""Intervals: they cover what they should, know that looks come in customers, and are the same every time."""

import random
from math import sqrt

import pytest

from execution import engine
from execution.proof import resampling, statistics
from execution.proof.statistics import Count

COLUMNS = {"cluster": "BIGINT", "happened": "BOOLEAN", "score": "BIGINT", "other": "BIGINT"}


def table(rows: list[tuple[int, bool, int, int]]) -> engine.Connection:
    con = engine.memory()
    engine.load(con, "seen", COLUMNS, rows)
    return con


def looks(count: int, customers: int, apart: float, seed: int = 1) -> list[tuple[int, bool, int, int]]:
    """Looks at so many customers, each of whom always has the same end and the same score but for a little."""
    chance = random.Random(seed)
    kinds = [(chance.random() < 0.3, chance.gauss(0, 15_000)) for _ in range(customers)]
    found = []
    for number in range(count):
        happened, own = kinds[number % customers]
        score = round(50_000 - apart * happened + own + chance.gauss(0, 1_000))
        found.append((number % customers, happened, score, score + round(chance.gauss(0, 8_000))))
    return found


def auc(con: engine.Connection, column: str = "score") -> float:
    rows = con.execute(
        f"SELECT {column}, count(*) FILTER (happened), count(*) FILTER (NOT happened) FROM seen GROUP BY 1"
    ).fetchall()
    found = statistics.auc([Count(*row) for row in rows])
    assert found is not None
    return found


def test_the_bootstrap_agrees_with_the_textbook() -> None:
    """With one look a customer the variance is Hanley and McNeil's to within a tenth."""
    con = table(looks(1_500, 1_500, 15_000))
    found = auc(con)
    interval = resampling.auc_interval(con, "seen", "score", found)
    (events,) = con.execute("SELECT count(*) FROM seen WHERE happened").fetchall()[0]
    others = 1_500 - events
    q1, q2 = found / (2 - found), 2 * found**2 / (1 + found)
    error = sqrt(
        (found * (1 - found) + (events - 1) * (q1 - found**2) + (others - 1) * (q2 - found**2)) / events / others
    )
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert interval.low < found < interval.high


def test_both_ways_to_an_interval_agree() -> None:
    con = table(looks(3_000, 600, 10_000))
    found = auc(con)
    drawn = resampling.auc_interval(con, "seen", "score", found)
    error = resampling._error(con, "seen", ["score"], found)
    assert drawn.low == pytest.approx(found - 1.96 * error, abs=0.006)
    assert drawn.high == pytest.approx(found + 1.96 * error, abs=0.006)


def test_many_looks_at_the_same_customers_are_no_more_evidence() -> None:
    """Ten looks at each of 150 customers say hardly more than one: the interval hardly shrinks."""
    widths = []
    for count in (150, 1_500):
        con = table(looks(count, 150, 12_000))
        interval = resampling.auc_interval(con, "seen", "score", auc(con))
        widths.append(interval.high - interval.low)
    assert widths[1] > 0.85 * widths[0]


def test_an_interval_is_the_same_every_time_and_in_any_order() -> None:
    rows = looks(400, 100, 9_000)
    first = resampling.auc_interval(table(rows), "seen", "score", 0.7)
    random.Random(3).shuffle(rows)
    assert resampling.auc_interval(table(rows), "seen", "score", 0.7) == first


def test_a_score_without_signal_is_not_told_from_chance() -> None:
    con = table(looks(800, 800, 0, seed=5))
    interval = resampling.auc_interval(con, "seen", "score", auc(con))
    assert interval.low < 0.5 < interval.high
    assert not interval.is_above(0.5)
    assert not interval.is_below(0.5)


def test_beyond_many_rows_one_pass_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "MOST_ROWS", 100)
    con = table(looks(400, 200, 12_000))
    found = auc(con)
    interval = resampling.auc_interval(con, "seen", "score", found)
    assert "DeLong" in interval.method
    assert interval.low_99 < interval.low < found < interval.high < interval.high_99
    both = resampling.difference_interval(con, "seen", "score", "other", found - auc(con, "other"))
    assert both.low < found - auc(con, "other") < both.high


def test_the_difference_of_two_scores_is_surer_than_either() -> None:
    """Both see the same customers, so what they share falls away."""
    con = table(looks(1_000, 1_000, 14_000))
    gain = auc(con) - auc(con, "other")
    found = resampling.difference_interval(con, "seen", "score", "other", gain)
    alone = resampling.auc_interval(con, "seen", "score", auc(con))
    assert found.low < gain < found.high
    assert found.high - found.low < 0.8 * (alone.high - alone.low)
    error = resampling._error(con, "seen", ["score", "other"], gain)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_rows_without_a_score_are_left_out() -> None:
    rows = looks(300, 300, 12_000)
    con = table(rows)
    con.execute("INSERT INTO seen SELECT cluster + 1000, NOT happened, NULL, NULL FROM seen")
    assert resampling.auc_interval(con, "seen", "score", 0.7) == resampling.auc_interval(
        table(rows), "seen", "score", 0.7
    )


def test_draws_are_poisson() -> None:
    con = engine.memory()
    sets = "customers AS (SELECT range AS cluster FROM range(500)), draws AS (SELECT range AS resample FROM range(200))"
    figures = "avg((u < 0.36787944 * 4294967296)::INT), avg(u) / 4294967296, corr(cluster, u), corr(resample, u)"
    row = con.execute(f"WITH {sets} SELECT {figures} FROM ({resampling._drawn_sql()})").fetchone()
    assert row is not None
    none, middle, along, across = row
    assert none == pytest.approx(0.36787944, abs=0.006)
    assert middle == pytest.approx(0.5, abs=0.005)
    assert abs(along) < 0.01
    assert abs(across) < 0.01
