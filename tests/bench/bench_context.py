"""What the context files of many accounts cost beside a script that renders the same texts and writes them.

    python tests/bench/bench_context.py [accounts] [pairs]

The script has everything in memory that the templates name, takes the shipped templates compiled by plain jinja2, makes
each text whole and writes it with `open` and `write`: it reads no store, keeps no budget, looks at no file and replaces
none in one step. `context.write` then writes the compact and the standard file of every account into an empty
workspace, does it again with nothing changed, and again where one account in a hundred is another than it was. Each run
is a process of its own, pair by pair.
"""

import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from execution import context, engine
from execution.context import gathering, templates, view, wording
from execution.context.fitting import Sheet
from execution.context.ground import ground
from execution.context.view import View
from execution.directives import Program, kept
from execution.directives.model import Tier
from execution.workspace import Workspace
from tests.bench import crowd
from tests.measures.stock import ROOT

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
TIERS: tuple[Tier, ...] = ("compact", "standard")
_NAMES = {"limit": "the script", "first": "first run", "again": "nothing changed", "changed": "1 % changed"}

Figures = dict[str, float]


def _program(root: Path) -> Program:
    """The shipped directives with a brief for everybody; kept, since reading them takes longer than a small run."""
    file = root / "program.json"
    if not file.exists():
        file.write_text(kept.dump(crowd.program()), encoding="utf-8")
    shipped = kept.restore(file.read_text(encoding="utf-8"))
    return replace(shipped, settings=shipped.settings.model_copy(update={"briefs": ("all",)}))


def _limit(con: engine.Connection, root: Path) -> int:
    """Render the same texts with compiled templates, and write them; the seconds count from when all is in memory."""
    from jinja2 import Environment

    program = _program(root)
    place = view.zone_of(program, AS_OF)
    environment = Environment(finalize=wording.shown, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701
    environment.filters |= templates._environment().filters
    shipped = {tier: ROOT / "customers" / "templates" / f"{tier}.md.j2" for tier in TIERS}
    compiled = {tier: environment.from_string(path.read_text(encoding="utf-8")) for tier, path in shipped.items()}
    people, companies = templates.named("".join(path.read_text(encoding="utf-8") for path in shipped.values()))
    with gathering.gathered(con, program, AS_OF, {"customers": people, "companies": companies}) as chosen:
        chosen.keep_at_most({}, gathering.DEPTH["standard"])
        on = ground(con, program, place, companies)
        accounts = list(chosen.read({entry.no: entry.key for entry in chosen.entries}))
    begun, used = time.perf_counter(), time.process_time()
    written = 0
    for account in accounts:
        seen = View(account, on)
        folder = root / "limit" / account.folder
        folder.mkdir(parents=True)
        for tier, template in compiled.items():
            sheet = Sheet()
            values = on.values(seen, tier, sheet)
            with (folder / f"{tier}.md").open("w", encoding="utf-8") as file:
                written += file.write(template.render(values))
    _report(begun, used, written, len(accounts) * len(TIERS))
    return written


def _ours(con: engine.Connection, root: Path) -> None:
    program = _program(root)
    begun, used = time.perf_counter(), time.process_time()
    written = context.write(con, program, Workspace(root), AS_OF)
    files = [root / path for path in written.changed]
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    size = sum(file.stat().st_size for file in files)
    print(json.dumps({"wall": wall, "cpu": cpu, "mb": _peak(), "chars": size, "files": len(files)}))


def _report(begun: float, used: float, written: int, files: int) -> None:
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    print(json.dumps({"wall": wall, "cpu": cpu, "mb": _peak(), "chars": written, "files": files}))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _child(root: Path, what: str, number: int) -> None:
    file = root / "store.duckdb"
    con = engine.memory(temp_dir=root / "tmp")
    with engine.attached(con, file, "store", write=what in ("fill", "change")):
        con.execute("USE store")
        if what == "fill":
            crowd.fill(con, _program(root), number)
        elif what == "change":
            con.execute(crowd.CHANGED)
        if what in ("fill", "change"):
            print(json.dumps({"wall": 0, "cpu": 0, "mb": _peak(), "chars": 0, "files": 0}))
        elif what == "limit":
            _limit(con, root)
        else:
            _ours(con, root)


def _run(root: Path, what: str, number: int = 0) -> Figures:
    """One piece of work in a process of its own: its seconds, and the most memory the process held."""
    command = [sys.executable, __file__, "--child", str(root), what, str(number)]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _show(name: str, runs: list[Figures]) -> None:
    wall, cpu = (statistics.median(run[kind] for run in runs) for kind in ("wall", "cpu"))
    files, peak = runs[-1]["files"], max(run["mb"] for run in runs)
    print(f"  {name:<16} {wall:7.2f} s wall {cpu:7.2f} s CPU {files:7,.0f} files {peak:6.0f} MB at its peak")


def main(accounts: int, pairs: int) -> None:
    """Time it and print what came out."""
    runs: dict[str, list[Figures]] = {what: [] for what in _NAMES}
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "filled"
        filled.mkdir()
        _run(filled, "fill", accounts)
        for pair in range(pairs):
            root = Path(folder) / str(pair)
            shutil.copytree(filled, root)
            for what, found in runs.items():
                if what == "changed":
                    _run(root, "change")
                found.append(_run(root, what))
            shutil.rmtree(root)
    size = runs["limit"][-1]["chars"] / max(1, runs["limit"][-1]["files"])
    print(f"{accounts:,} accounts, {pairs} pairs, medians; a file has {size:,.0f} characters")
    for what, found in runs.items():
        _show(
            {"limit": "the script", "again": "nothing changed", "changed": "1 % changed"}.get(what, "first run"), found
        )
    for kind in ("wall", "cpu"):
        first, again, changed = (
            statistics.median(run[kind] / other[kind] for run, other in zip(runs[one], runs[beside], strict=True))
            for one, beside in (("first", "limit"), ("again", "first"), ("changed", "first"))
        )
        print(f"  by {kind:<4} {first:.2f} of the script (limit 3.00)")
        print(
            f"          {changed:.3f} of the first run where 1 % changed (limit 0.050), {again:.3f} where nothing did"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        numbers = [int(argument) for argument in sys.argv[1:3]]
        main(*(numbers + [10_000, 3][len(numbers) :]))
