"""What forty measures over twenty events each cost beside SQL that a person would write for the same, in one pass.

    python tests/bench/bench_measures.py [customers] [pairs]

Four directives of ten measures, each with a block of its own, against one query that groups all events once; both read
the same tables and write their table into the same store. Each run is a process of its own, pair by pair, held to the
same memory and with room on disk to spill into. Then one in a hundred customers changes, and eight segments rest on it.
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

from execution import engine, measures, segments, store
from execution.directives import Program
from execution.workspace import Workspace
from tests.bench import forty

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
LIMIT_MB = 1400
"""What DuckDB may hold; Python and what it holds without asking come on top, so that the whole stays under 2 GB."""

COLUMNS = [f"{kind}_{name}" for kind in forty.KINDS for name in forty.OF_A_KIND]
DISAGREE = f"""
SELECT count(*) FROM derived.measures__customers m FULL JOIN main.by_hand h USING (email)
WHERE {" OR ".join(f"m.{name} IS DISTINCT FROM h.{name}" for name in COLUMNS)}"""

FORGET = "DROP TABLE IF EXISTS derived.measures__customers; DELETE FROM derived.moments"

Figures = dict[str, float]


def _fill(con: engine.Connection, customers: int) -> None:
    con.execute(forty.CUSTOMERS, {"customers": customers})
    con.execute(forty.EVENTS, {"customers": customers})


def _by_hand(con: engine.Connection) -> None:
    con.execute(f"CREATE OR REPLACE TABLE main.by_hand AS {forty.by_hand()}", {"as_of": engine.naive_utc(AS_OF)})


def _segments(con: engine.Connection, program: Program, hours: int) -> None:
    for name in sorted(program.segments):
        segments.run(con, program, name, AS_OF + timedelta(hours=hours))


def _agree(con: engine.Connection) -> None:
    row = con.execute(DISAGREE).fetchone()
    if row != (0,):
        raise SystemExit(f"{row} rows are otherwise than by hand")


def _child(root: Path, what: str, number: int) -> None:
    program = forty.program()
    with tempfile.TemporaryDirectory(dir=root) as spill:
        con = engine.memory(temp_dir=Path(spill), memory_limit_mb=LIMIT_MB)
        with store.writer(Workspace(root), con=con):
            work: dict[str, Callable[[], object]] = {
                "fill": lambda: _fill(con, number),
                "hand": lambda: _by_hand(con),
                "ours": lambda: measures.measure(con, program, "customers", AS_OF),
                "segments": lambda: _segments(con, program, number),
                "change": lambda: con.execute(forty.CHANGED.format(turn=number)),
                "agree": lambda: _agree(con),
                "forget": lambda: con.execute(FORGET),
            }
            begun, used = time.perf_counter(), time.process_time()
            work[what]()
            con.execute("CHECKPOINT store")
            wall, cpu = time.perf_counter() - begun, time.process_time() - used
        con.close()
    print(json.dumps({"wall": wall, "cpu": cpu, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def _run(root: Path, what: str, number: int = 0) -> Figures:
    """One piece of work in a process of its own: its seconds, and the most memory the process held."""
    command = [sys.executable, __file__, "--child", str(root), what, str(number)]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _line(what: str, found: Figures) -> None:
    print(f"{what:32} {found['wall']:7.2f} s   CPU {found['cpu']:7.2f} s   {found['mb']:6.0f} MB", flush=True)


def main(customers: int, pairs: int) -> None:
    """Measure pair by pair, then after a change; print each and the medians of the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _line(f"fill {customers:,} customers", _run(root, "fill", customers))
        ratios = []
        for _ in range(pairs):
            _run(root, "forget")
            hand, ours = _run(root, "hand"), _run(root, "ours")
            _line("by hand", hand)
            _line("ours", ours)
            ratios.append(ours["wall"] / hand["wall"])
        _run(root, "agree")
        print(f"ratio {statistics.median(ratios):.2f} (limit 1.5), peak {ours['mb']:.0f} MB (limit 2048)")
        first = _run(root, "segments", 0)
        _line("eight segments, first", first)
        _run(root, "change", 7)
        again, moved = _run(root, "ours"), _run(root, "segments", 1)
        _line("measures, 1 % changed", again)
        _line("eight segments, 1 % changed", moved)
        print(f"measures again {again['wall'] / ours['wall']:.2f}, segments again {moved['wall'] / first['wall']:.2f}")
        whole = (again["wall"] + moved["wall"]) / (ours["wall"] + first["wall"])
        print(f"both again {whole:.2f} of the full run")
        _line("measures, nothing changed", _run(root, "ours"))
        _line("eight segments, nothing changed", _run(root, "segments", 2))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        sizes = [int(each) for each in sys.argv[1:]]
        main(*sizes, *(1_000_000, 3)[len(sizes) :])
