"""The property that makes a score explainable: its contributions are whole numbers and add up to it exactly."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from execution import engine
from execution.directives.model import Health
from execution.health import compile_score
from tests.health.reference import expected

CON = engine.memory()

POINTS = st.one_of(st.none(), st.integers(-50, 150).map(float), st.floats(-20, 120, allow_nan=False, width=32))
WEIGHT = st.one_of(st.integers(1, 100).map(float), st.floats(0.01, 50).map(lambda w: round(w, 3)))
Row = tuple[list[float | None], list[float | None]]


@st.composite
def directives(draw: st.DrawFn) -> tuple[Health, list[Row]]:
    """A health directive of up to six components and three penalties, and rows of what their expressions give."""
    weights = draw(st.lists(WEIGHT, min_size=1, max_size=6))
    count = draw(st.integers(0, 3))
    health = Health.model_validate(
        {
            "kind": "health",
            "name": "h",
            "entity": "customers",
            "components": {f"c{n}": {"weight": w, "score": f"v{n}", "needs": [f"v{n}"]} for n, w in enumerate(weights)},
            "penalties": {
                f"p{n}": {"when": f"q{n} is not null", "points": f"q{n}", "reason": "r"} for n in range(count)
            },
            "bands": {"good": 50, "bad": 0},
            "coverage_floor": draw(st.sampled_from([0, 0.25, 0.5, 1])),
        }
    )
    row = st.tuples(
        st.lists(POINTS, min_size=len(weights), max_size=len(weights)), st.lists(POINTS, min_size=count, max_size=count)
    )
    return health, draw(st.lists(row, min_size=1, max_size=8))


def score(health: Health, rows: list[Row]) -> list[dict[str, Any]]:
    """The compiled score of rows given as values."""
    tuples = ", ".join(
        "(" + ", ".join([str(n), *(f"{engine.literal(v)}::DOUBLE" for v in (*points, *off))]) + ")"
        for n, (points, off) in enumerate(rows)
    )
    columns = ["key", *(f"v{n}" for n in range(len(rows[0][0]))), *(f"q{n}" for n in range(len(rows[0][1])))]
    inputs = f"SELECT * FROM (VALUES {tuples}) r({', '.join(columns)})"
    return engine.dicts(CON, f"SELECT * FROM ({compile_score(health, inputs, ['key'])}) ORDER BY key")


@settings(max_examples=60, deadline=None)
@given(directives())
def test_the_score_is_the_sum_of_its_parts_and_what_the_reference_says(case: tuple[Health, list[Row]]) -> None:
    health, rows = case
    for row, (points, off) in zip(score(health, rows), rows, strict=True):
        parts = [value for name, value in row.items() if name.startswith(("component.", "penalty.")) or name == "clamp"]
        want = expected(
            health,
            dict(zip(health.components, points, strict=True)),
            dict(zip(health.penalties, off, strict=True)),
        )
        assert (row["score_milli"], row["coverage_milli"]) == (want.score, want.coverage)
        assert (row["low_milli"], row["high_milli"]) == (want.low, want.high)
        if want.score is None:
            assert set(parts) == {None}
            assert row["band"] is None
            continue
        assert sum(part or 0 for part in parts) == row["score_milli"]
        assert {name: row[f"component.{name}"] for name in health.components} == want.parts
        assert 0 <= row["low_milli"] <= row["score_milli"] <= row["high_milli"] <= 100_000
