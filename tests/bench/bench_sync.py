"""`gtm sync` of HubSpot contacts with forty properties beside the limit script, pair by pair, on one sandbox.

    python tests/bench/bench_sync.py [contacts] [pairs]

Prints the median ratio of the first sync to the limit script and to the bare script (fetch, decode, merge and nothing
else), the peak memory, and what a re-sync takes with nothing and with one in a hundred changed.
"""

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from execution import store
from execution.sandbox import Options, start
from execution.sandbox.hubspot.properties import NAMES
from execution.sandbox.process import Running
from execution.workspace import Workspace
from tests.bench.portal import Timed, gtm, make_workspace, timed

SCRIPT = Path(__file__).with_name("limit_sync.py")


def main(contacts: int, pairs: int) -> None:
    """Time it and print what came out."""
    options = Options(customers=contacts, speed=0, vendors=("hubspot",), render_ahead=(NAMES,), max_seconds=3600)
    with tempfile.TemporaryDirectory() as folder, start(options) as sandbox:
        root = Path(folder)
        runs = [_pair(root / str(number), sandbox.url, sandbox.environment) for number in range(pairs)]
        print(f"{contacts:,} contacts, {pairs} pairs, medians")
        _show("first sync", [ours for ours, _, _ in runs])
        _show("limit script", [limit for _, limit, _ in runs])
        _show("bare script", [bare for _, _, bare in runs])
        print(f"  ratio to the limit script: {_ratio(runs, 1):.2f} (aim 1.50)")
        print(f"  ratio to the bare script:  {_ratio(runs, 2):.2f} (aim 2.37, that is 4.5 s to 1.9 s)")
        workspace = root / "0" / "workspace"
        again = [timed(gtm(workspace, "sync"), sandbox.environment) for _ in range(pairs)]
        _show("nothing changed", again)
        _compare(again, runs, "0.32, that is 0.6 s to 1.9 s")
        changed = []
        for turn in range(pairs):
            _change(sandbox, workspace, contacts // 100, turn)
            changed.append(timed(gtm(workspace, "sync"), sandbox.environment))
        _show("1 % changed", changed)
        _compare(changed, runs, "0.53, that is 1.0 s to 1.9 s")


def _pair(root: Path, url: str, environment: dict[str, str]) -> tuple[Timed, Timed, Timed]:
    workspace = make_workspace(root / "workspace")
    timed(gtm(workspace, "check"), environment)  # as `gtm init` and `gtm connect` leave it
    ours = timed(gtm(workspace, "sync"), environment)
    limit = timed([sys.executable, str(SCRIPT), url, str(root / "limit")], {"PYTHONPATH": str(SCRIPT.parents[2])})
    bare = timed([sys.executable, str(SCRIPT), url, str(root / "bare"), "bare"], {"PYTHONPATH": str(SCRIPT.parents[2])})
    for folder in ("limit", "bare"):
        shutil.rmtree(root / folder)
    return ours, limit, bare


def _show(name: str, runs: list[Timed]) -> None:
    wall = statistics.median(run.wall_s for run in runs)
    cpu = statistics.median(run.cpu_s for run in runs)
    peak = max(run.peak_mb for run in runs)
    print(f"  {name:<16} {wall:6.2f} s wall  {cpu:6.2f} s CPU  {peak:5.0f} MB at its peak")


def _ratio(runs: list[tuple[Timed, Timed, Timed]], other: int) -> float:
    return statistics.median(run[0].wall_s / run[other].wall_s for run in runs)


def _compare(again: list[Timed], runs: list[tuple[Timed, Timed, Timed]], aim: str) -> None:
    """A re-sync beside the bare script's first read, which says how fast the machine is."""
    wall, bare = (statistics.median(run.wall_s for run in each) for each in (again, [bare for _, _, bare in runs]))
    print(f"  of the bare script: {wall / bare:.2f} (aim {aim})")


def _change(sandbox: Running, workspace: Path, records: int, turn: int) -> None:
    """Have the portal change so many contacts, others than the turns before."""
    with store.reader(Workspace(workspace)) as con:
        rows = con.execute(
            "SELECT key FROM raw.hubspot__contacts ORDER BY key LIMIT ? OFFSET ?", [records, turn * records]
        ).fetchall()
    sandbox.advance(
        days=0.1,
        changes=[{"change": "contact", "id": key, "properties": {"city": f"Moved {turn}"}} for (key,) in rows],
    )


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:3]]
    main(*(numbers + [100_000, 3][len(numbers) :]))
