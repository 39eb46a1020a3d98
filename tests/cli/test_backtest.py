"""`gtm backtest` and `gtm fit` as they are called: what they print, what they write, and how they end."""

from dataclasses import replace
from pathlib import Path

import pytest

from execution.bootstrap import proving
from execution.proof.backtest import Backtest
from execution.proof.ground import Wanted
from execution.workspace import Workspace
from tests.cli.conftest import Gtm
from tests.proof import churners
from tests.proof.churners import HEALTH, SOURCE

SIGNAL = churners.rows(900)
NOISE = churners.rows(700, 4, signal=False)
POOR = HEALTH.replace("weight: 30", "weight: 2").replace("weight: 10", "weight: 60")


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a labelled table that has signal; a second one without lies beside it."""
    root = churners.workspace(tmp_path / "ws", SIGNAL, health=POOR)
    churners.write(root / "imports" / "noise.csv", NOISE)
    monkeypatch.setenv("GTM_WORKSPACE", str(root))
    return root


def test_a_backtest_says_it_in_words_first(table: Path, gtm: Gtm) -> None:
    called = gtm("backtest", "--source", "telco")
    lines = called.out.splitlines()
    assert (called.code, called.err) == (0, "")
    assert lines[0] == "telco_health against churn = Yes"
    assert lines[1] == "  imports/telco.csv: 900 rows, as telco maps them"
    assert "The score tells " in called.out
    assert "of 100 cases." in called.out
    for word in ("AUC ", "average precision", "lift ", "green before", "lead time", "healthy", "component alone"):
        assert word in called.out
    assert all(len(line) <= 110 for line in lines)


def test_the_parts_beside_scores_as_given_then_are_told_apart(
    table: Path, gtm: Gtm, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = "The parts are worked out anew"
    assert apart not in gtm("backtest", "--source", "telco").out
    judged = proving.backtest

    def given_then(workspace: Workspace, asked: proving.Asked, wanted: Wanted) -> tuple[Backtest, ...]:
        found = judged(workspace, asked, wanted)
        return tuple(replace(each, ground=replace(each.ground, source=None, moments=3, recorded=2)) for each in found)

    monkeypatch.setattr(proving, "backtest", given_then)
    out = gtm("backtest", "--source", "telco").out
    assert "scores as given then at 2 of them, worked out anew at 1" in out
    assert out.index(apart) < out.index("component alone")


def test_the_envelope_has_every_figure(table: Path, gtm: Gtm) -> None:
    data = gtm("backtest", "telco_health", "--source", "telco", "--json").envelope["data"]
    (found,) = data["backtests"]
    assert found["verdict"] == "signal"
    assert found["figures"]["interval"]["low"] < found["figures"]["auc"] < found["figures"]["interval"]["high"]
    assert {"figures", "bands", "warned", "components", "unknown", "leaks", "sizes", "ground"} <= found.keys()
    again = gtm("backtest", "telco_health", "--source", "telco", "--json").envelope["data"]
    assert again == data


def test_without_signal_it_says_so_and_ends_with_1(table: Path, gtm: Gtm) -> None:
    called = gtm("backtest", "--data", str(table / "imports" / "noise.csv"))
    assert called.code == 1
    assert "No signal: the score says nothing about it." in called.out
    fitted = gtm("fit", "--data", str(table / "imports" / "noise.csv"))
    assert fitted.code == 1
    assert "No signal: what could be learned says nothing" in fitted.out
    assert "--- a/" not in fitted.out


def test_too_little_is_told_with_what_is_wanted(table: Path, gtm: Gtm) -> None:
    few = churners.write(table / "few.csv", SIGNAL[:60])
    called = gtm("backtest", "--data", str(few))
    assert called.code == 1
    assert "Not enough to judge by: 60 looks" in called.out
    assert "directives/source.md" in called.out
    assert gtm("fit", "--data", str(few)).code == 1


def test_a_fit_prints_the_diff_and_writes_it_where_it_is_told(table: Path, gtm: Gtm, tmp_path: Path) -> None:
    file = tmp_path / "weights.diff"
    called = gtm("fit", "--source", "telco", "--output", str(file))
    assert called.code == 0
    diff = file.read_text(encoding="utf-8")
    assert diff.startswith("--- a/directives/health.md\n+++ b/directives/health.md\n")
    assert diff in called.out
    assert "nothing is changed" in " ".join(called.out.split())
    assert (table / "directives" / "health.md").read_text(encoding="utf-8") == POOR
    data = gtm("fit", "--source", "telco", "-o", str(file), "--json").envelope["data"]
    assert data["diff"] == diff
    assert data["output"] == file.as_posix()


def test_a_proposal_is_never_written_over_anything(table: Path, gtm: Gtm) -> None:
    among = gtm("fit", "--source", "telco", "-o", str(table / "directives" / "health.md"))
    assert (among.code, among.err.split()[0]) == (2, "E284")
    other = table / "notes.txt"
    other.write_text("mine", encoding="utf-8")
    assert gtm("fit", "--source", "telco", "-o", str(other)).code == 2
    assert other.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["backtest", "nobody", "--source", "telco"], "E212"),
        (["backtest", "--source", "nowhere"], "E212"),
        (["backtest", "--source", "telco", "--outcome", "churn"], "E285"),
        (["backtest"], "E283"),
        (["fit"], "E283"),
    ],
)
def test_what_is_not_there_is_told(table: Path, gtm: Gtm, args: list[str], code: str) -> None:
    called = gtm(*args)
    assert called.code == 2
    assert code in called.err
    assert "hint:" in called.err


def test_which_table_and_which_score_must_be_clear(table: Path, gtm: Gtm) -> None:
    (table / "directives" / "second.md").write_text(SOURCE.replace("name: telco", "name: telco2"), encoding="utf-8")
    called = gtm("backtest", "--data", "any.csv")
    assert (called.code, "E285" in called.err) == (2, True)
    assert "telco, telco2" in called.err


def test_a_labelled_source_is_no_source_to_sync(table: Path, gtm: Gtm) -> None:
    assert gtm("check").code == 0
    assert gtm("source", "list", "--json").envelope["data"] == []


def test_files_without_a_label_are_a_source_to_sync(table: Path, gtm: Gtm) -> None:
    text = SOURCE.replace("label: {column: churn, event: Yes}\n", "")
    (table / "directives" / "source.md").write_text(text, encoding="utf-8")
    assert "E112" not in gtm("check").out
    assert [source["source"] for source in gtm("source", "list", "--json").envelope["data"]] == ["telco"]
