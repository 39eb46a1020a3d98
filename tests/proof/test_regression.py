"""Weights that are never negative, against what scikit-learn gives and against the conditions that a minimum meets."""

import random
from math import exp

import pytest

from execution import engine
from execution.proof import regression


def table(seed: int = 3, count: int = 1_500) -> engine.Connection:
    """Looks told by four features: the first two for health, the third for nothing, the fourth the wrong way."""
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        features = [chance.choice((-1.0, 0.0, 0.5, 1.0)) for _ in range(4)]
        odds = -1 - 1.2 * features[0] - 0.5 * features[1] + 0.4 * features[3]
        rows.append([*features, int(chance.random() < 1 / (1 + exp(-odds)))])
    con = engine.memory()
    names = [f"x{number}" for number in range(4)]
    engine.load(con, "rows", {**dict.fromkeys(names, "DOUBLE"), "bad": "BIGINT"}, rows)
    con.execute(
        "CREATE TEMP TABLE learned AS SELECT x0, x1, x2, x3, sum(bad)::BIGINT AS events, "
        "sum(1 - bad)::BIGINT AS others FROM rows GROUP BY ALL"
    )
    return con


def test_it_is_the_minimum_of_what_it_minimises() -> None:
    """Kuhn and Tucker: no slope where a weight is free, none that leads below 0 where it is held there."""
    con = table()
    names = ["x0", "x1", "x2", "x3"]
    found = regression.fit(con, "learned", names)
    _, slope, _ = regression._sums(con, "learned", names, "0", [found.constant, *found.weights])
    assert slope[0] == pytest.approx(0, abs=1e-3)
    for weight, along in zip(found.weights, slope[1:], strict=True):
        assert weight >= 0
        assert along == pytest.approx(0, abs=1e-3) if weight else along >= 0


def test_what_points_the_wrong_way_gets_nothing() -> None:
    found = regression.fit(table(), "learned", ["x0", "x1", "x2", "x3"])
    assert found.weights[3] == 0
    assert found.weights[0] == pytest.approx(1.2, abs=0.2)
    assert found.weights[1] == pytest.approx(0.5, abs=0.2)


def test_the_order_of_rows_changes_nothing() -> None:
    con = table()
    first = regression.fit(con, "learned", ["x0", "x1", "x2"])
    con.execute("CREATE TEMP TABLE turned AS FROM learned ORDER BY x2 DESC, x0, x1, x3")
    assert regression.fit(con, "turned", ["x0", "x1", "x2"]) == first


def test_groups_that_are_wholly_apart_keep_finite_weights() -> None:
    con = engine.memory()
    con.execute("CREATE TEMP TABLE apart AS SELECT * FROM (VALUES (1.0, 0, 50), (-1.0, 50, 0)) t(x, events, others)")
    (weight,) = regression.fit(con, "apart", ["x"]).weights
    assert 1 < weight < 20


def test_an_offset_takes_part_without_being_learned() -> None:
    """What an offset explains already, no weight has to."""
    con = table()
    without = regression.fit(con, "learned", ["x0", "x1"]).weights[1]
    given = regression.fit(con, "learned", ["x0", "x1"], offset="-0.4 * x1").weights[1]
    assert given == pytest.approx(without - 0.4, abs=0.02)
