"""Whether the shipped health score foresees who leaves: months lived through with the sandbox, then `gtm backtest`.

    python tests/bench/bench_foresight.py [customers] [months]

A column such as a rating or the last visit has no past in any vendor's API, so a score worked out for last spring
lacks half of what it would have known. What a team has after some months is scores given at the time: the world goes on
by 30 days, is synced and scored, again and again, and then what was said is held against what came. Prints what
`gtm backtest` prints. The formula is not tuned to this world; the figures say whether it can be foreseen at all.
"""

import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from execution.bootstrap import demonstration, env_file, pipeline
from execution.bootstrap.demonstration import World
from execution.sandbox import Options, start
from execution.workspace import Workspace

BEGIN = datetime(2026, 2, 2, 12, tzinfo=UTC)
GTM = Path(sys.executable).parent / "gtm"
STEP = timedelta(days=30)


def main() -> None:
    customers, months = (int(word) for word in (sys.argv[1:] + ["1500", "6"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        workspace = _workspace(Path(folder) / "world")
        lived(workspace, customers, months)
        span = ["--since", f"{BEGIN:%Y-%m-%dT%H:%MZ}", "--as-of", f"{BEGIN + months * STEP:%Y-%m-%dT%H:%MZ}"]
        words = ["backtest", "customer_health", "--outcome", "churn", *span, "--workspace", str(workspace.root)]
        subprocess.run([GTM, *words], check=False)


def lived(workspace: Workspace, customers: int, months: int) -> None:
    """Sync and score the world every 30 days as it goes on."""
    with start(Options(customers=customers, as_of=BEGIN, speed=0, max_seconds=3_000)) as running:
        env_file.write(workspace.env_file, running.environment)
        for month in range(months + 1):
            if month:
                running.advance(days=STEP.days)
            now = BEGIN + month * STEP
            synced = pipeline.sync(workspace, now=now)
            scored = pipeline.score(workspace, now)
            failed = [source.source for source in synced.sources if source.status != "ok" and source.source in _VENDORS]
            print(f"{now:%Y-%m-%d} {synced.requests:,} requests", f"failed: {failed}" if failed else "", scored.scores)


_VENDORS = ("calendly", "hubspot", "intercom", "stripe")


def _workspace(root: Path) -> Workspace:
    """A workspace for the sandbox without the vendors' rate limits, as the demo makes it, with nothing in its store."""
    made = Workspace(demonstration.demo(root, World(customers=4), now=BEGIN).root)
    shutil.rmtree(made.data)
    return made


if __name__ == "__main__":
    main()
