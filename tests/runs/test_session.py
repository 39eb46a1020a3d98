"""What a session runs on."""

import subprocess

import pytest

from execution.errors import DirectiveError
from execution.runs.session import committed, open_session
from execution.workspace import Workspace


def test_directives_that_do_not_hold_open_no_session(workspace: Workspace) -> None:
    (workspace.directives / "data-sources" / "bad.md").write_text("---\nkind: source\n---\n", encoding="utf-8")
    with pytest.raises(DirectiveError) as caught:
        open_session(workspace)
    assert {problem.path for problem in caught.value.problems} == {"directives/data-sources/bad.md"}


def test_personal_rules_that_git_ignores_run_as_they_are(workspace: Workspace) -> None:
    root = workspace.root
    mine = root / "personal" / "triggers" / "ada" / "mine.md"
    mine.parent.mkdir(parents=True)
    (root / ".gitignore").write_text("/personal/\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        named = ["-c", "user.name=x", "-c", "user.email=x@x.com"]
        subprocess.run(["git", *named, *words], cwd=root, check=True, capture_output=True)  # noqa: S607
    mine.write_text("---\nkind: trigger\nname: mine\n---\n")
    texts, _ = committed(root)
    assert mine.relative_to(root).as_posix() in texts
    (root / ".gitignore").write_text("")
    texts, notes = committed(root)
    assert mine.relative_to(root).as_posix() not in texts
    assert "personal/triggers/ada/mine.md" in notes[0]
