"""A table in the shape of the best-known public one: what a score by hand and a fitted one must come to."""

from pathlib import Path

import pytest

from execution.directives import load, read_folder
from execution.proof.backtest import of_table
from execution.proof.fit import Author, Fit, from_table
from execution.proof.ground import Wanted
from tests.bench import telco

TOLD, NOTHING = telco.rows(3_000), telco.rows(3_000, signal=False)


def fitted(root: Path) -> Fit:
    texts = read_folder(root)
    program = load(texts).require_valid()
    author = Author(texts, program)
    return from_table(root, author, program.health["telco_health"], program.labelled["telco"], Wanted())


def verdict(root: Path) -> tuple[str, float]:
    program = load(read_folder(root)).require_valid()
    found = of_table(root, program, program.health["telco_health"], program.labelled["telco"], Wanted())
    assert found.figures is not None
    assert (found.leaks, found.flat, found.unknown) == ((), (), ())
    return found.verdict, found.figures.auc


def test_the_table_is_like_the_public_one() -> None:
    left = [row for row in TOLD if row["Churn"] == "Yes"]
    assert len(left) / len(TOLD) == pytest.approx(telco.RATE, abs=0.02)
    assert {row["TotalCharges"] for row in TOLD if row["tenure"] == "0"} == {" "}
    assert len(telco.FIELDS) == 19


def test_five_fields_weighted_by_hand_tell_who_leaves(tmp_path: Path) -> None:
    found, auc = verdict(telco.workspace(tmp_path, TOLD))
    assert found == "signal"
    assert auc >= 0.80


def test_fitted_weights_tell_on_rows_they_have_not_seen(tmp_path: Path) -> None:
    """From weights that are all alike and points that are poor, so that there is something to be learned."""
    root = telco.workspace(tmp_path, TOLD)
    health = telco.HEALTH.replace("then 20 when 'One year' then 75", "then 45 when 'One year' then 30")
    health = health.replace("weight: 30", "weight: 10").replace("weight: 20", "weight: 10")
    (root / "directives" / "health.md").write_text(health, encoding="utf-8")
    found = fitted(root)
    assert (found.verdict, found.leaks) == ("proposal", ())
    assert found.proposed is not None
    assert found.present is not None
    assert found.proposed.auc >= max(0.82, found.present.auc + 0.01)


def test_without_signal_both_say_so(tmp_path: Path) -> None:
    root = telco.workspace(tmp_path, NOTHING)
    found, auc = verdict(root)
    assert found == "no signal"
    assert auc == pytest.approx(0.5, abs=0.04)
    fit = fitted(root)
    assert (fit.verdict, fit.diff) == ("no signal", "")
