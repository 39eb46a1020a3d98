"""What twenty keyword rules over five million messages cost: the first run beside one plain scan for the same words,
and a run with a thousand new messages, some edited and some gone beside the first.

    python tests/bench/bench_keywords.py [messages]

Each run is a process of its own, held to the same memory. Ratios are of CPU seconds: other work on the machine counts
in the clock's.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from execution import engine, store
from execution.engine import literal
from execution.triggers import keywords
from execution.triggers.keywords.patterns import worth_a_look
from execution.triggers.keywords.run import rules_of
from execution.workspace import Workspace
from tests.bench import letters

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
LIMIT_MB = 1400
TABLE = "projected.desk__messages"
VIEW = f"CREATE VIEW core.messages AS SELECT 'desk' AS source, * FROM {TABLE}"
NEW = 1000

Figures = dict[str, float]


def _fill(con: engine.Connection, messages: int) -> None:
    con.execute(f"CREATE TABLE {TABLE} AS {letters.fill(0, messages, '2026-06-30')}")
    con.execute(VIEW)


def _scan(con: engine.Connection) -> None:
    """The plain scan: whoever has any of the words, with the same patterns, counted."""
    wanted = worth_a_look(rules_of(letters.program()).values())
    matches = " OR ".join(f"regexp_matches(text, {literal(pattern)})" for pattern in wanted)
    where = f"author = 'customer' AND ({matches})"
    print(engine.count(con, f"FROM core.messages WHERE {where}"), "texts worth a look", file=sys.stderr)


def _add(con: engine.Connection, first: int) -> None:
    con.execute(f"INSERT INTO {TABLE} BY NAME {letters.fill(first, NEW, '2026-07-01')}")


def _edit(con: engine.Connection) -> None:
    """As a sync does it: a row that changed is deleted and inserted anew."""
    con.execute(f"CREATE TEMP TABLE edited AS FROM {TABLE} WHERE hash(message_id) % 20000 = 0")
    con.execute(f"DELETE FROM {TABLE} WHERE message_id IN (SELECT message_id FROM edited)")
    con.execute(
        f"INSERT INTO {TABLE} SELECT * REPLACE (text || ' We want to cancel.' AS text, row_hash + 1 AS row_hash, "
        "TIMESTAMP '2026-07-02' AS changed_at) FROM edited WHERE hash(message_id) % 40000 = 0"
    )


def _child(root: Path, what: str, number: int) -> None:
    with tempfile.TemporaryDirectory(dir=root) as spill:
        con = engine.memory(temp_dir=Path(spill), memory_limit_mb=LIMIT_MB)
        with store.writer(Workspace(root), con=con):
            program = letters.program()
            work: dict[str, Callable[[], object]] = {
                "fill": lambda: _fill(con, number),
                "scan": lambda: _scan(con),
                "refresh": lambda: print(keywords.refresh(con, program, AS_OF), "texts read", file=sys.stderr),
                "add": lambda: _add(con, number),
                "edit": lambda: _edit(con),
                "count": lambda: print(engine.count(con, "FROM derived.keyword_hits"), "hits", file=sys.stderr),
            }
            begun, used = time.perf_counter(), time.process_time()
            work[what]()
            wall, cpu = time.perf_counter() - begun, time.process_time() - used
        con.close()
    print(json.dumps({"wall": wall, "cpu": cpu, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def _run(root: Path, what: str, number: int = 0) -> Figures:
    command = [sys.executable, __file__, "--child", str(root), what, str(number)]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _line(what: str, found: Figures) -> Figures:
    print(f"{what:32} {found['wall']:7.2f} s   CPU {found['cpu']:7.2f} s   {found['mb']:6.0f} MB", flush=True)
    return found


def main(messages: int) -> None:
    """Measure one after the other; print each and the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _line(f"fill {messages:,} messages", _run(root, "fill", messages))
        scan = _line("one plain scan", _run(root, "scan"))
        first = _line("twenty rules, first", _run(root, "refresh"))
        _run(root, "count")
        print(f"first run {first['cpu'] / scan['cpu']:.2f} of the scan, peak {first['mb']:.0f} MB")
        _line("twenty rules, nothing new", _run(root, "refresh"))
        _run(root, "add", messages)
        again = _line(f"twenty rules, {NEW:,} new", _run(root, "refresh"))
        print(f"again {again['cpu'] / first['cpu']:.4f} of the first run, {again['cpu'] / scan['cpu']:.4f} of the scan")
        _run(root, "edit")
        _line("twenty rules, edited and gone", _run(root, "refresh"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        main(*([int(each) for each in sys.argv[1:]] or [5_000_000]))
