"""The benchmarks go on running, and their workspace stays a valid one, whatever the rest becomes."""

from pathlib import Path

import pytest

from execution.directives import load, read_folder
from tests.bench import bench_context, bench_keywords, bench_latency, bench_measures, bench_score, bench_triggers
from tests.bench.portal import make_workspace


def test_the_workspace_of_the_benchmarks_is_valid(tmp_path: Path) -> None:
    assert load(read_folder(make_workspace(tmp_path))).problems == ()


def test_that_of_the_latency_benchmark_too(tmp_path: Path) -> None:
    source = make_workspace(tmp_path) / "directives" / "data-sources" / "hubspot-sync.md"
    source.write_text(bench_latency.directive(), encoding="utf-8")
    assert load(read_folder(tmp_path)).problems == ()


def test_the_benchmark_of_scores_runs(capsys: pytest.CaptureFixture[str]) -> None:
    bench_score.main(300, 1)
    assert "of the hand-written SQL" in capsys.readouterr().out


def test_the_benchmark_of_measures_runs(capsys: pytest.CaptureFixture[str]) -> None:
    bench_measures.main(300, 2)
    assert "both again" in capsys.readouterr().out


def test_the_benchmark_of_triggers_runs(capsys: pytest.CaptureFixture[str]) -> None:
    bench_triggers.main(2000, 1)
    assert "of the scan" in capsys.readouterr().out


def test_the_benchmark_of_context_files_runs(capsys: pytest.CaptureFixture[str]) -> None:
    bench_context.main(20, 1)
    assert "of the script" in capsys.readouterr().out


def test_the_benchmark_of_keywords_runs(capsys: pytest.CaptureFixture[str]) -> None:
    bench_keywords.main(2_000)
    assert "of the first run" in capsys.readouterr().out
