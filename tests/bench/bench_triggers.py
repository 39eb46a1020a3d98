"""What fifty rules about a million customers cost beside the same fifty conditions as one SQL scan.

    python tests/bench/bench_triggers.py [customers] [pairs]

The scan is `SELECT count(*) FILTER (…), …` over the very relation that the rules are asked of: what was derived of each
customer, joined with what the histories say. `triggers.run` opens an alert of about one customer in a hundred besides,
with what is told of each, and writes that into the store. Then nothing changes but the clock. Each run is a process of
its own, pair by pair.
"""

import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from execution import engine, health, segments, store, triggers
from execution.directives import Program
from execution.measures.compile import parameters
from execution.triggers.compile import fuse, scores_and_segments
from execution.triggers.past import read
from execution.workspace import Workspace
from tests.bench import fifty, twelve

AS_OF = datetime(2026, 6, 30, 6, tzinfo=UTC)
AGO = timedelta(days=8)

Figures = dict[str, float]


def _derive(con: engine.Connection, program: Program, as_of: datetime) -> None:
    health.score(con, program, "twelve", as_of)
    segments.run(con, program, "large_and_ill", as_of)


def _fill(con: engine.Connection, program: Program, customers: int) -> None:
    """The customers, and two moments at which one in a hundred had changed."""
    con.execute(twelve.CUSTOMERS, {"customers": customers})
    con.execute(twelve.MEASURED, {"customers": customers})
    _derive(con, program, AS_OF - AGO)
    con.execute(twelve.CHANGED.format(turn=7))
    _derive(con, program, AS_OF)


def _scan(con: engine.Connection, program: Program) -> None:
    rules = [program.triggers[name] for name in sorted(program.triggers)]
    known = read(con, AS_OF, *scores_and_segments(program, rules))
    fused = fuse(program, "customers", rules, known, store.Stored.read(con), _no_hits)
    counts = ", ".join(f"count(*) FILTER ({rule.holds})" for rule in fused.rules)
    sql = f"SELECT {counts} FROM ({fused.relation}) f"
    con.execute(sql, parameters(sql, AS_OF)).fetchall()


def _no_hits(*_: object) -> str:
    raise AssertionError("no rule has keywords")


def _ours(con: engine.Connection, program: Program, hours: int) -> None:
    triggers.run(con, program, AS_OF + timedelta(hours=hours))


def _child(root: Path, what: str, number: int) -> None:
    program = fifty.program()
    with store.writer(Workspace(root)) as con:
        work: dict[str, Callable[[], object]] = {
            "fill": lambda: _fill(con, program, number),
            "scan": lambda: _scan(con, program),
            "ours": lambda: _ours(con, program, number),
        }
        begun, used = time.perf_counter(), time.process_time()
        work[what]()
        if what != "scan":
            con.execute("CHECKPOINT store")
        wall, cpu = time.perf_counter() - begun, time.process_time() - used
        rows = engine.numbers(con, "SELECT count(*), count(DISTINCT key) FROM ops.alerts WHERE state = 'firing'")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "mb": peak, "alerts": rows[0], "keys": rows[1]}))


def _run(root: Path, what: str, number: int = 0) -> Figures:
    """One piece of work in a process of its own: its seconds, and the most memory the process held."""
    command = [sys.executable, __file__, "--child", str(root), what, str(number)]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _show(name: str, runs: list[Figures]) -> None:
    wall, cpu = (statistics.median(run[kind] for run in runs) for kind in ("wall", "cpu"))
    print(f"  {name:<16} {wall:6.2f} s wall  {cpu:6.2f} s CPU  {max(run['mb'] for run in runs):5.0f} MB at its peak")


def main(customers: int, pairs: int) -> None:
    """Time it and print what came out."""
    scan, first, again = list[Figures](), list[Figures](), list[Figures]()
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "filled"
        _run(filled, "fill", customers)
        for pair in range(pairs):
            root = Path(folder) / str(pair)
            shutil.copytree(filled, root)
            scan.append(_run(root, "scan"))
            first.append(_run(root, "ours"))
            again.append(_run(root, "ours", 24))
            shutil.rmtree(root)
    told = f"{first[-1]['alerts']:,.0f} alerts of {first[-1]['keys']:,.0f} customers"
    print(f"{customers:,} customers, {len(fifty.conditions())} rules, {pairs} pairs, medians; {told}")
    _show("one scan", scan)
    _show("everything", first)
    _show("nothing changed", again)
    for kind in ("wall", "cpu"):
        ratios = [
            statistics.median(ours[kind] / theirs[kind] for ours, theirs in zip(runs, scan, strict=True))
            for runs in (first, again)
        ]
        print(f"  by {kind:<4} {ratios[0]:.2f} of the scan (limit 2.00), {ratios[1]:.2f} where nothing changed")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        numbers = [int(argument) for argument in sys.argv[1:3]]
        main(*(numbers + [1_000_000, 3][len(numbers) :]))
