"""What a session runs on, and that SQL known to hold is not checked twice."""

import pytest

from execution import __version__
from execution.directives import load, read_folder
from execution.errors import DirectiveError
from execution.runs import checked
from execution.runs.session import open_session
from execution.workspace import Workspace


def test_directives_that_do_not_hold_open_no_session(workspace: Workspace) -> None:
    (workspace.directives / "data-sources" / "bad.md").write_text("---\nkind: source\n---\n", encoding="utf-8")
    with pytest.raises(DirectiveError) as caught:
        open_session(workspace)
    assert {problem.path for problem in caught.value.problems} == {"directives/data-sources/bad.md"}


def test_sql_is_checked_once_for_the_same_texts(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def counted(texts: object, *, check_sql: bool = True) -> object:
        asked.append(check_sql)
        return load(texts, check_sql=check_sql)  # type: ignore[arg-type]

    monkeypatch.setattr(checked, "load", counted)
    first, second = open_session(workspace), open_session(workspace)
    assert asked == [True, False]
    assert first.program == second.program
    settings = workspace.directives / "settings.md"
    settings.write_text(settings.read_text(encoding="utf-8") + "\nMore prose.\n", encoding="utf-8")
    open_session(workspace)
    assert asked == [True, False, True]


def test_bad_sql_is_never_taken_for_known(workspace: Workspace) -> None:
    source = workspace.directives / "data-sources" / "calendly-sync.md"
    open_session(workspace)
    source.write_text(source.read_text(encoding="utf-8").replace("count(", "cuont("), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(DirectiveError):
            open_session(workspace)


def test_a_cache_that_cannot_be_read_or_written_is_no_error(workspace: Workspace) -> None:
    file = workspace.cache / "checked"
    file.mkdir(parents=True)
    assert checked.program_of(workspace, read_folder(workspace.root)).problems == ()
    assert __version__
