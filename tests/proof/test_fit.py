"""Weights that are learned on one part and tested on another; and when nothing is proposed."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from execution.directives import load, read_folder
from execution.proof import backtest
from execution.proof.fit import Author, Fit, from_table
from execution.proof.ground import Wanted
from execution.proof.learning import whole_weights
from tests.proof import churners
from tests.proof.churners import HEALTH, SOURCE

SIGNAL = churners.rows(1_500)


def fitted(root: Path, rows: list[dict[str, str]], *, weights_only: bool = False, **texts: str) -> Fit:
    texts_ = read_folder(churners.workspace(root, rows, **texts))
    program = load(texts_).require_valid()
    author = Author(texts_, program, weights_only=weights_only)
    return from_table(root, author, program.health["telco_health"], program.labelled["telco"], Wanted())


def poor(text: str = HEALTH) -> str:
    """The score with weights and points that nobody would choose."""
    text = text.replace("< 12 then 20", "< 12 then 70").replace("< 36 then 60", "< 36 then 10")
    return text.replace("weight: 30", "weight: 2").replace("weight: 10", "weight: 60")


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Fit]:
    """A workspace with poor weights, and what was learned there; not to be changed."""
    root = tmp_path_factory.mktemp("poor")
    return root, fitted(root, SIGNAL, health=poor())


def applied(source: Path, root: Path, diff: str) -> str:
    """The workspace's score with the diff applied, in a copy of it."""
    shutil.copytree(source, root, dirs_exist_ok=True)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)  # noqa: S607
    subprocess.run(["git", "apply", "-"], input=diff, text=True, cwd=root, check=True)  # noqa: S607
    return (root / "directives" / "health.md").read_text(encoding="utf-8")


def test_poor_weights_are_bettered_on_looks_nobody_learned_from(proposed: tuple[Path, Fit]) -> None:
    _, found = proposed
    assert (found.verdict, found.exit_code) == ("proposal", 0)
    assert found.present is not None
    assert found.proposed is not None
    assert found.gain_interval is not None
    assert found.proposed.auc > found.present.auc + 0.03
    assert found.gain_interval.low > 0
    assert found.proposed.auc > 0.8
    assert found.parts.learn.looks + found.parts.test.looks == len(SIGNAL)
    assert found.parts.test.looks == pytest.approx(0.3 * len(SIGNAL), abs=2)
    share = found.parts.learn.events / found.parts.learn.looks
    assert found.parts.test.events / found.parts.test.looks == pytest.approx(share, abs=0.002)


def test_what_is_proposed_is_whole_weights_and_points_that_can_be_read(proposed: tuple[Path, Fit]) -> None:
    _, found = proposed
    changes = {change.component: change for change in found.changes}
    assert found.kind == "points"
    assert sum(change.weight for change in found.changes) == 100
    assert all(change.weight >= 1 for change in found.changes)
    assert changes["contract"].score[:2] == ("case", "  when contract = 'month' then 0")
    assert changes["contract"].score[-1] == "end"
    assert changes["tenure"].score[1].startswith("  when tenure_months < ")
    assert changes["tenure"].weight > changes["charge"].weight


def test_the_diff_applied_gives_the_score_that_was_tested(proposed: tuple[Path, Fit], tmp_path: Path) -> None:
    root, found = proposed
    assert found.files == ("directives/health.md",)
    after = applied(root, tmp_path, found.diff)
    assert "\nversion: 4\n" in after
    assert after.endswith("Text that no proposal touches.\n")
    program = load(read_folder(tmp_path)).require_valid()
    score = program.health["telco_health"]
    assert {name: c.weight for name, c in score.components.items()} == {c.component: c.weight for c in found.changes}
    told = backtest.of_table(tmp_path, program, score, program.labelled["telco"], Wanted())
    assert told.figures is not None
    assert told.figures.auc > 0.8


def test_the_directive_itself_is_not_changed(proposed: tuple[Path, Fit]) -> None:
    root, _ = proposed
    assert (root / "directives" / "health.md").read_text(encoding="utf-8") == poor()


def test_nothing_is_proposed_that_is_not_better(proposed: tuple[Path, Fit], tmp_path: Path) -> None:
    """What was learned once cannot be bettered by learning it again."""
    root, first = proposed
    again = fitted(tmp_path / "again", SIGNAL, health=applied(root, tmp_path / "once", first.diff))
    assert (again.verdict, again.exit_code, again.diff) == ("nothing better", 1, "")
    assert again.gain is not None
    assert again.gain == pytest.approx(0, abs=0.01)


def test_weights_alone_leave_the_points_as_they_are(tmp_path: Path) -> None:
    found = fitted(tmp_path, SIGNAL, weights_only=True, health=poor())
    assert found.kind == "weights"
    assert set(found.crossed) == {"present", "weights"}
    assert all(change.score == () for change in found.changes)
    assert found.verdict == "proposal"


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_nothing_is_proposed_where_there_is_no_signal(tmp_path: Path, seed: int) -> None:
    found = fitted(tmp_path, churners.rows(1_000, seed, signal=False), health=poor())
    assert (found.verdict, found.exit_code) == ("no signal", 1)
    assert (found.diff, found.changes, found.files) == ("", (), ())


def test_too_little_to_learn_from(tmp_path: Path) -> None:
    found = fitted(tmp_path, churners.rows(150), health=poor())
    assert (found.verdict, found.exit_code, found.diff) == ("not enough", 1, "")
    assert found.proposed is None


def test_the_later_part_is_the_test_where_there_is_time(tmp_path: Path) -> None:
    source = SOURCE.replace("event: Yes}", "event: Yes, observed_at: month}")
    found = fitted(tmp_path, SIGNAL, source=source, health=poor())
    learn, test = found.parts.learn, found.parts.test
    assert learn.last is not None
    assert test.first is not None
    assert learn.last < test.first
    assert learn.looks + test.looks == len(SIGNAL)
    assert found.parts.by.startswith("by time: tested on what came from 2026-")


def test_a_component_of_which_nothing_is_known_keeps_its_share(tmp_path: Path) -> None:
    source = SOURCE.replace(", internet, payment", ", payment")
    found = fitted(tmp_path, SIGNAL, source=source, health=poor())
    assert found.unlearned == ("internet",)
    total = 2 + 2 + 20 + 60 + 60
    assert next(c.weight for c in found.changes if c.component == "internet") == round(100 * 20 / total)


def test_penalties_are_reckoned_with_and_left(tmp_path: Path) -> None:
    health = poor().replace("bands:", "penalties:\n  new: {when: tenure_months < 6, points: '15', reason: new}\nbands:")
    found = fitted(tmp_path, SIGNAL, health=health)
    assert found.verdict == "proposal"
    assert "penalties" not in "".join(line for line in found.diff.splitlines(keepends=True) if line[0] in "+-")


def test_what_knows_the_outcome_is_told(tmp_path: Path) -> None:
    rows = [{**row, "contract": "ended" if row["churn"] == "Yes" else "month"} for row in SIGNAL[:800]]
    found = fitted(tmp_path, rows, health=poor().replace("when 'month' then 10", "when 'ended' then 10"))
    assert "contract" in {leak.part for leak in found.leaks}
    assert (found.verdict, found.exit_code, found.diff, found.changes) == ("leaking", 1, "", ())


def test_the_same_table_gives_the_same_proposal(tmp_path: Path) -> None:
    first = fitted(tmp_path, SIGNAL[:800], health=poor())
    again = fitted(tmp_path, SIGNAL[:800], health=poor())
    turned = fitted(tmp_path, SIGNAL[:800][::-1], health=poor())
    assert first == again
    assert turned.diff == first.diff
    assert replace(turned, crossed={}) == replace(first, crossed={})


def test_whole_weights_add_up() -> None:
    before = {"a": 25.0, "b": 20.0, "c": 55.0}
    assert whole_weights(before, {"a": 0.999, "b": 0.0, "c": 0.001}) == {"a": 98, "b": 1, "c": 1}
    assert whole_weights(before, {"a": 0.5, "c": 0.5}) == {"a": 40, "b": 20, "c": 40}
    assert sum(whole_weights({"a": 1.0, "b": 1.0, "c": 1.0}, {"a": 1.0}).values()) == 100
    many = dict.fromkeys([f"x{number}" for number in range(60)], 1.0)
    assert sum(whole_weights(many, {"x0": 1.0}).values()) == 100
