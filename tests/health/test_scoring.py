"""What a score is made of: needs, cuts, penalties, bands, churn risk, actions."""

from typing import Any

import pytest

from execution import engine
from execution.directives.model import Health
from execution.health import compile_score
from execution.health.formula import variants
from execution.health.losses import losses

CON = engine.memory()

BASE: dict[str, Any] = {
    "kind": "health",
    "name": "h",
    "entity": "customers",
    "components": {
        "use": {"weight": 60, "score": "use", "needs": ["use"], "label": "Use"},
        "pay": {"weight": 40, "score": "pay", "needs": ["pay"]},
    },
    "penalties": {"late": {"when": "is_late", "points": "late_by", "reason": "They pay late"}},
    "signals": {
        "late": {"when": "is_late", "severity": "high", "message": "m", "churn_factor": 1.5},
        "idle": {"when": "use < 10", "severity": "low", "message": "m"},
    },
    "actions": [
        {"when": "health_status = 'bad' and is_late", "action": "Collect"},
        {"when": "health_score < 50", "action": "Call"},
    ],
    "bands": {"bad": 0, "good": 50, "best": 99.5},
    "coverage_floor": 0.5,
}

TYPES = {"use": "DOUBLE", "pay": "DOUBLE", "is_late": "BOOLEAN", "late_by": "DOUBLE"}


def score(row: dict[str, Any], **changes: object) -> dict[str, Any]:
    """The score of one customer by the directive above, with changes."""
    health = Health.model_validate(BASE | changes)
    values = ", ".join(f"CAST({engine.literal(row.get(n))} AS {kind}) AS {n}" for n, kind in TYPES.items())
    (found,) = engine.dicts(CON, compile_score(health, f"SELECT 'a@x.com' AS email, {values}", ["email"]))
    return found


def test_a_weighted_mean_less_penalties() -> None:
    row = score({"use": 50, "pay": 100, "is_late": True, "late_by": 7.5})
    assert row["score_milli"] == 62_500
    assert (row["component.use"], row["component.pay"], row["penalty.late"], row["clamp"]) == (
        30_000,
        40_000,
        -7_500,
        0,
    )


def test_what_is_not_known_leaves_the_weight_to_the_others() -> None:
    row = score({"use": 50})
    assert (row["score_milli"], row["component.use"], row["component.pay"]) == (50_000, 50_000, None)
    assert (row["low_milli"], row["high_milli"], row["coverage_milli"]) == (30_000, 70_000, 600)


def test_nothing_known_is_no_score_at_all() -> None:
    row = score({"is_late": True, "late_by": 5})
    assert {row[name] for name in ("score_milli", "low_milli", "high_milli", "band", "churn_risk_milli")} == {None}
    assert {row[name] for name in ("component.use", "penalty.late", "clamp", "recommended_action")} == {None}
    assert row["coverage_milli"] == 0
    assert row["signal.late"] is True


def test_under_the_floor_there_is_a_range_and_no_label() -> None:
    row = score({"pay": 90})
    assert (row["score_milli"], row["low_milli"], row["high_milli"]) == (90_000, 36_000, 96_000)
    assert (row["band"], row["churn_risk_milli"]) == (None, None)


@pytest.mark.parametrize(("floor", "band"), [(0.6, "good"), (0.600001, None)])
def test_exactly_at_the_floor_is_enough(floor: float, band: str | None) -> None:
    assert score({"use": 80}, coverage_floor=floor)["band"] == band


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_component_that_is_no_number_is_not_known(value: float) -> None:
    components = BASE["components"] | {"pay": {"weight": 40, "score": f"'{value}'::double", "needs": ["use"]}}
    row = score({"use": 50}, components=components)
    assert (row["score_milli"], row["component.pay"], row["coverage_milli"]) == (50_000, None, 600)


@pytest.mark.parametrize(("use", "milli"), [(-5, 0), (0, 0), (100, 60_000), (250, 60_000)])
def test_a_component_is_cut_to_0_and_100(use: float, milli: int) -> None:
    assert score({"use": use, "pay": 0})["component.use"] == milli


@pytest.mark.parametrize(
    ("row", "milli"),
    [
        ({"is_late": True, "late_by": None}, 0),
        ({"is_late": None, "late_by": 5}, 0),
        ({"is_late": False, "late_by": 5}, 0),
        ({"is_late": True, "late_by": -5}, 0),
        ({"is_late": True, "late_by": 5}, -5_000),
        ({"is_late": True, "late_by": 900}, -100_000),
    ],
)
def test_a_penalty_takes_off_only_what_is_known(row: dict[str, Any], milli: int) -> None:
    assert score({"use": 100, "pay": 100, **row})["penalty.late"] == milli


def test_the_cut_at_zero_is_a_part_of_the_sum() -> None:
    row = score({"use": 10, "pay": 10, "is_late": True, "late_by": 30})
    assert (row["score_milli"], row["clamp"]) == (0, 20_000)


@pytest.mark.parametrize(("use", "band"), [(0, "bad"), (49.999, "bad"), (50, "good"), (99.499, "good"), (99.5, "best")])
def test_a_band_begins_at_its_threshold(use: float, band: str) -> None:
    assert score({"use": use, "pay": use})["band"] == band


def test_churn_risk_grows_with_every_signal_and_ends_at_100() -> None:
    assert score({"use": 60, "pay": 60})["churn_risk_milli"] == 40_000
    assert score({"use": 60, "pay": 60, "is_late": True})["churn_risk_milli"] == 60_000
    assert score({"use": 5, "pay": 5, "is_late": True})["churn_risk_milli"] == 100_000


def test_the_first_action_that_applies_is_recommended_and_sees_the_score() -> None:
    assert score({"use": 20, "pay": 20, "is_late": True})["recommended_action"] == "Collect"
    assert score({"use": 20, "pay": 20})["recommended_action"] == "Call"
    assert score({"use": 80, "pay": 80})["recommended_action"] is None


def test_a_directive_without_penalties_signals_and_actions_scores() -> None:
    row = score({"use": 50, "pay": 50}, penalties={}, signals={}, actions=[])
    assert (row["score_milli"], row["recommended_action"], row["churn_risk_milli"]) == (50_000, None, 50_000)


def test_an_expression_may_end_in_a_comment() -> None:
    components = BASE["components"] | {"use": {"weight": 60, "score": "use -- as a share", "needs": ["use"]}}
    assert score({"use": 50, "pay": 50}, components=components)["score_milli"] == 50_000


def test_a_column_may_have_any_name_even_one_of_the_calculation() -> None:
    inputs = "SELECT 'a@x.com' AS email, 50.0 AS score_milli, 'own' AS band, 1 AS known_weight"
    components = {"use": {"weight": 1, "score": "score_milli", "needs": ["score_milli", "band", "known_weight"]}}
    health = Health.model_validate(BASE | {"components": components, "penalties": {}, "signals": {}, "actions": []})
    (row,) = engine.dicts(CON, compile_score(health, inputs, ["email"]))
    assert (row["score_milli"], row["band"]) == (50_000, "good")


@pytest.mark.parametrize(
    ("weights", "whole"), [((25, 12.5), (50, 25)), ((0.1, 0.2), (1, 2)), ((3, 7), (3, 7)), ((1 / 3,), (333333,))]
)
def test_weights_become_whole_numbers_of_the_same_shares(weights: tuple[float, ...], whole: tuple[int, ...]) -> None:
    components = {f"c{n}": {"weight": w, "score": "1", "needs": ["use"]} for n, w in enumerate(weights)}
    health = Health.model_validate(BASE | {"components": components})
    (variant,) = variants(health)
    found = tuple(variant.weights.values())
    assert [a * whole[0] for a in found] == [b * found[0] for b in whole]


def test_losses_name_what_costs_most_and_leave_out_what_is_unknown() -> None:
    health = Health.model_validate(BASE)
    row = score({"use": 50, "pay": 90, "is_late": True, "late_by": 20})
    found = [(loss.part, loss.reason, loss.milli) for loss in losses(health, row)]
    assert found == [
        ("use", "Use is low", 30_000),
        ("penalty.late", "They pay late", 20_000),
        ("pay", "pay is low", 4_000),
    ]
    assert [loss.part for loss in losses(health, score({"use": 50}))] == ["use"]
    assert losses(health, score({})) == []
