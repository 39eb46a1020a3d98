"""At the start of a session: the state of the store in a few lines, which the host lays before the agent.

Called by run.sh with the workspace and the gtm to ask. Counts and names of sources only: no word of a customer's, for
this text has the standing of an instruction. Where gtm is in the workspace's virtual environment and not on the PATH,
it is put there for the session. Silent where gtm does not answer.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

TIMEOUT_S = 12
GRAVEST = ("critical", "high", "medium", "low")
GOOD_TO_BAD = ("fresh", "late", "overdue", "failed", "never", "not connected")


def asked(gtm: str, root: Path, *words: str) -> dict:
    """The envelope of a call of gtm; empty where it does not answer."""
    call = [gtm, "--workspace", str(root), *words, "--json"]
    try:
        done = subprocess.run(call, capture_output=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 - found by run.sh
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {}


def sources(status: dict) -> list:
    """One line for each state that a source is in."""
    found = {}
    for each in status.get("sources", []):
        found.setdefault(each["state"], []).append(each["source"])
    return [f"- {state}: {', '.join(found[state])}" for state in GOOD_TO_BAD if state in found]


def alerts(listed: dict) -> list:
    """How many alerts are open, how grave, and how many nobody has taken."""
    found = listed.get("alerts", [])
    if not found:
        return []
    grave = Counter(each["severity"] for each in found)
    counts = ", ".join(f"{grave[each]} {each}" for each in GRAVEST if grave[each])
    free = sum(not each.get("acknowledged_at") for each in found)
    return [f"- alerts open: {len(found)} ({counts}); {free} of them nobody has taken"]


def minute(moment: object) -> str:
    return f"{str(moment)[:16].replace('T', ' ')} UTC"


def state(status: dict, listed: dict) -> str:
    """All of it."""
    lines = [f"The store of this workspace, by `gtm status` at {minute(status.get('as_of'))}:"]
    if status.get("publication") is None:
        lines.append("- nothing is published yet: a person connects a source and runs `gtm sync`")
    else:
        lines.append(f"- published {minute(status.get('published_at'))}")
    if status.get("held"):
        lines.append("- held back by a check of quality, so readers have the last good state: `gtm status` says why")
    lines += sources(status) + alerts(listed)
    lines.append("CLAUDE.md says which `gtm … --json` answers what. Figures come from there, with their source.")
    return "\n".join(lines) + "\n"


def put_on_path(gtm: str) -> None:
    """Have the session's shell find gtm by its name, as the host lets a hook do."""
    env_file = os.environ.get("CLAUDE_ENV_FILE")
    if env_file and shutil.which("gtm") is None:
        with Path(env_file).open("a", encoding="utf-8") as file:
            file.write(f'export PATH={shlex.quote(str(Path(gtm).parent))}:"$PATH"\n')


def main(root: Path, gtm: str) -> int:
    put_on_path(gtm)
    status = asked(gtm, root, "status").get("data")
    if status:
        is_published = status.get("publication") is not None
        listed = asked(gtm, root, "alerts", "list", "--limit", "0").get("data") if is_published else None
        sys.stdout.write(state(status, listed or {}))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
