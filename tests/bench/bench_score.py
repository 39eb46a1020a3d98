"""What a score of twelve components costs beside SQL that a person would write for the same formula.

    python tests/bench/bench_score.py [customers] [pairs]

The hand-written query reads the same tables and writes its table into the same store: score, range, coverage, band,
churn risk, potential and action, in floating point. `health.score` gives these and every contribution and signal as
whole numbers besides, and their history. Each run is a process of its own, pair by pair. Then one in a hundred
customers changes.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from execution import engine, health, store
from execution.engine import ident
from execution.workspace import Workspace
from tests.bench import twelve

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
DISAGREE = """
SELECT count(*) FROM derived.score__twelve s FULL JOIN main.by_hand h USING (email)
WHERE abs(s.score_milli / 1000.0 - h.score) > 0.0011 OR (s.score_milli IS NULL) <> (h.score IS NULL)
   OR s.coverage_milli / 1000.0 <> h.coverage OR s.expansion_potential IS DISTINCT FROM h.expansion_potential"""
ADDS_UP = """
SELECT count(*) FROM (SELECT email, score_milli, list_sum([{parts}]) AS total FROM derived.score__twelve)
WHERE score_milli IS DISTINCT FROM total"""


def _fill(root: Path, customers: int) -> None:
    with store.writer(Workspace(root)) as con:
        con.execute(twelve.CUSTOMERS, {"customers": customers})
        con.execute(twelve.MEASURED, {"customers": customers})


def _by_hand(con: engine.Connection) -> None:
    con.execute(f"CREATE OR REPLACE TABLE main.by_hand AS {twelve.BY_HAND}")


def _run(root: Path, what: str) -> dict[str, float]:
    """One piece of work in a process of its own: its seconds, and the most memory the process held."""
    answer = subprocess.run(
        [sys.executable, __file__, "--child", str(root), what], check=True, capture_output=True, text=True
    )
    return dict(json.loads(answer.stdout))


def _child(root: Path, what: str) -> None:
    program = twelve.program()
    with store.writer(Workspace(root)) as con:
        work: dict[str, Callable[[], object]] = {
            "hand": lambda: _by_hand(con),
            "full": lambda: health.score(con, program, "twelve", AS_OF),
            "again": lambda: health.score(con, program, "twelve", AS_OF + timedelta(hours=int(what.partition(":")[2]))),
        }
        begun, used = time.perf_counter(), time.process_time()
        work[what.partition(":")[0]]()
        con.execute("CHECKPOINT store")
        wall, cpu = time.perf_counter() - begun, time.process_time() - used
    print(json.dumps({"wall": wall, "cpu": cpu, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def _check(root: Path) -> None:
    """Raises AssertionError where the two differ, or contributions do not add up to their score."""
    formula = twelve.program().health["twelve"]
    kinds = (("component", formula.components), ("penalty", formula.penalties))
    parts = [ident(f"{kind}.{name}") for kind, names in kinds for name in names]
    with store.writer(Workspace(root)) as con:
        assert con.execute(DISAGREE).fetchone() == (0,), "the hand-written query gives other figures"
        assert con.execute(ADDS_UP.format(parts=", ".join([*parts, "clamp"]))).fetchone() == (0,)


def _show(name: str, runs: list[dict[str, float]]) -> None:
    wall, cpu = (statistics.median(run[kind] for run in runs) for kind in ("wall", "cpu"))
    print(f"  {name:<16} {wall:6.2f} s wall  {cpu:6.2f} s CPU  {max(run['mb'] for run in runs):5.0f} MB at its peak")


def main(customers: int, pairs: int) -> None:
    """Time it and print what came out."""
    with tempfile.TemporaryDirectory() as folder:
        hand, full, changed = list[dict[str, float]](), list[dict[str, float]](), list[dict[str, float]]()
        for pair in range(pairs):
            root = Path(folder) / str(pair)
            _fill(root, customers)
            hand.append(_run(root, "hand"))
            full.append(_run(root, "full"))
            _check(root)
        for turn in range(1, pairs + 1):
            with store.writer(Workspace(root)) as con:
                con.execute(twelve.CHANGED.format(turn=turn))
            changed.append(_run(root, f"again:{turn}"))
    print(f"{customers:,} customers, {pairs} pairs, medians")
    _show("by hand", hand)
    _show("everybody", full)
    _show("1 % changed", changed)
    for kind in ("wall", "cpu"):
        ratio = statistics.median(ours[kind] / theirs[kind] for ours, theirs in zip(full, hand, strict=True))
        again = statistics.median(run[kind] for run in changed) / statistics.median(run[kind] for run in full)
        print(
            f"  by {kind:<4} {ratio:.2f} of the hand-written SQL (aim 2.50), {again:.2f} after 1 % changed (aim 0.35)"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(Path(sys.argv[2]), sys.argv[3])
    else:
        numbers = [int(argument) for argument in sys.argv[1:3]]
        main(*(numbers + [1_000_000, 3][len(numbers) :]))
