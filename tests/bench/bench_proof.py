"""What a hand-weighted score of five fields and `gtm fit` come to on a table of 7,043 customers, and how long it takes.

    python tests/bench/bench_proof.py [rows]

The whole way of somebody with a CSV file: `gtm check`, `gtm backtest`, `gtm fit`, each as a process of its own; then
the same with a table in which nothing tells who leaves. A logistic regression on all 19 fields comes to an AUC of 0.844
(five folds; worked out elsewhere, for it takes numpy).
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench import telco

GTM = Path(sys.executable).parent / "gtm"


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else telco.ROWS
    for title, signal in (("with signal", True), ("without", False)):
        with tempfile.TemporaryDirectory() as folder:
            listed = telco.rows(rows, signal=signal)
            root = telco.workspace(Path(folder), listed)
            left = sum(row["Churn"] == "Yes" for row in listed)
            print(f"{title}: {rows:,} rows, {left / rows:.1%} left")
            _, seconds = asked(root, "check")
            print(f"  check     {seconds:.1f} s of CPU")
            _tell_backtest(*asked(root, "backtest", "telco_health", "--source", "telco"))
            _tell_fit(*asked(root, "fit", "telco_health", "--source", "telco"))


def asked(root: Path, *words: str) -> tuple[dict[str, Any], float]:
    """What `gtm` answers as JSON, and the CPU seconds it took."""
    before = os.times()
    done = subprocess.run([GTM, *words, "--json"], cwd=root, capture_output=True, text=True, check=False)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return json.loads(done.stdout)["data"], used


def _tell_backtest(data: dict[str, Any], seconds: float) -> None:
    found = data["backtests"][0]
    figures = found["figures"]
    print(f"  backtest  {seconds:.1f} s of CPU: {found['verdict']}, AUC {_auc(figures)}, ", end="")
    print(f"average precision {figures['average_precision']:.3f}, lift {figures['lift']:.1f}")
    for band in found["bands"]:
        print(f"            {band['band']:<8} {band['looks']:>6,} looks, {band['events'] / band['looks']:.1%} left")


def _tell_fit(found: dict[str, Any], seconds: float) -> None:
    print(f"  fit       {seconds:.1f} s of CPU: {found['verdict']}; on rows it has not seen ", end="")
    print(f"the score by hand {_auc(found['present'])}, the fitted one {_auc(found['proposed'])}")


def _auc(figures: dict[str, Any]) -> str:
    interval = figures["interval"]
    return f"{figures['auc']:.3f} ({interval['low']:.3f} to {interval['high']:.3f})"


if __name__ == "__main__":
    main()
