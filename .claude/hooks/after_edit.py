"""After an edit of something that `gtm check` reads: its findings, told to the agent (exit code 2, on stderr).

Called by run.sh with the workspace and the gtm to ask; the host's JSON is on stdin. Silent where all is well, where the
file is none of these, and where gtm does not answer.
"""

import json
import subprocess
import sys
from pathlib import Path

READ_BY_CHECK = (
    "directives/",
    "personal/triggers/",
    "customers/templates/",
    "reporting/",
    "workspace-setup/agents/",
    ".claude/",
)
ENDINGS = (".md", ".j2", ".yaml", ".yml", ".json")
SHOWN = 15
TIMEOUT_S = 50


def edited(root: Path, call: dict) -> str:
    """The file that was edited, relative to the workspace; nothing where `gtm check` does not read it."""
    file = Path(str(call.get("cwd") or root), str(call.get("tool_input", {}).get("file_path", "")))
    try:
        path = file.resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError):
        return ""
    return path if path.startswith(READ_BY_CHECK) and path.endswith(ENDINGS) else ""


def asked(gtm: str, root: Path, *words: str) -> list:
    """The problems that a call of gtm tells of; none where it does not answer."""
    call = [gtm, "--workspace", str(root), *words, "--json"]
    try:
        done = subprocess.run(call, capture_output=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 - found by run.sh
        return json.loads(done.stdout).get("problems", [])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return []


def told(path: str, problems: list) -> str:
    """The findings, those of the edited file first."""
    problems = sorted(problems, key=lambda each: (each["path"] != path, each["path"], each["line"]))
    lines = [f"gtm finds {len(problems)} problem{'' if len(problems) == 1 else 's'} after the edit of {path}:"]
    for each in problems[:SHOWN]:
        lines.append("{path}:{line}:{column}: {code} {message}".format(**each))
        lines += [f"  hint: {each['hint']}"] if each["hint"] else []
    if len(problems) > SHOWN:
        lines.append(f"… {len(problems) - SHOWN} more, see `gtm check`")
    return "\n".join(lines) + "\n"


def main(root: Path, gtm: str) -> int:
    try:
        path = edited(root, json.load(sys.stdin))
    except (ValueError, AttributeError):
        return 0
    if not path:
        return 0
    problems = asked(gtm, root, "check")
    if not problems and path.startswith(("workspace-setup/agents/", ".claude/agents/")):
        problems = asked(gtm, root, "agents", "check")
    if not problems:
        return 0
    sys.stderr.write(told(path, problems))
    return 2


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
