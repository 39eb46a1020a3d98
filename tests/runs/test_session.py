"""What a session runs on."""

import pytest

from execution.errors import DirectiveError
from execution.runs.session import open_session
from execution.workspace import Workspace


def test_directives_that_do_not_hold_open_no_session(workspace: Workspace) -> None:
    (workspace.directives / "data-sources" / "bad.md").write_text("---\nkind: source\n---\n", encoding="utf-8")
    with pytest.raises(DirectiveError) as caught:
        open_session(workspace)
    assert {problem.path for problem in caught.value.problems} == {"directives/data-sources/bad.md"}
