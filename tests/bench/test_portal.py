"""The benchmarks' workspace stays a valid one, whatever the shipped directives become."""

from pathlib import Path

from execution.directives import load, read_folder
from tests.bench import bench_latency
from tests.bench.portal import make_workspace


def test_the_workspace_of_the_benchmarks_is_valid(tmp_path: Path) -> None:
    assert load(read_folder(make_workspace(tmp_path))).problems == ()


def test_that_of_the_latency_benchmark_too(tmp_path: Path) -> None:
    source = make_workspace(tmp_path) / "directives" / "data-sources" / "hubspot-sync.md"
    source.write_text(bench_latency.directive(), encoding="utf-8")
    assert load(read_folder(tmp_path)).problems == ()
