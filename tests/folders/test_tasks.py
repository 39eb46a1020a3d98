"""`tasks.md`: what it says, and boxes that people tick there."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from execution import folders, store
from execution.actions import tasks as kept
from execution.errors import StoreBusyError
from execution.files import managed
from execution.folders import tasks
from execution.workspace import Workspace
from tests.folders.conftest import Same
from tests.folders.world import TASK, alerted, read, rich_stock, saying, without_marker, write
from tests.measures.stock import AS_OF, Stock

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
ACME = "acme-ltd/tasks.md"
OPEN = f"- [ ] **Call them \\| today**, due 2026-06-24 08:00; Uma Iqbal; high priority `{TASK[:12]}`"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace whose store has an account, an alert and its tasks, with its files written."""
    workspace = Workspace(tmp_path)
    with store.writer(workspace, then_publish=True) as con, store.change(con):
        stock = Stock(con=con)
        stock.put("customers", {"email": "ada@acme.com", "name": "Ada", "company_domain": "acme.com"})
        stock.put("companies", {"domain": "acme.com", "name": "Acme Ltd"})
        alerted(stock)
    _write(workspace)
    return workspace


def _write(workspace: Workspace, done: tuple[str, ...] = ()) -> folders.Brought:
    with store.reader(workspace) as con:
        return folders.write(con, saying(), workspace, AS_OF, done)


def _run(workspace: Workspace) -> tuple[tuple[str, ...], folders.Brought]:
    """What a run does, in its order."""
    done = folders.finish(workspace, NOW)
    return done, _write(workspace, done)


def _busy(*_: object, **__: object) -> None:
    raise StoreBusyError("busy")


def _edit(workspace: Workspace, was: str, now: str) -> Path:
    file = workspace.customers / ACME
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, now), encoding="utf-8")
    return file


def _done(workspace: Workspace) -> dict[str, str | None]:
    with store.reader(workspace) as con:
        return {task.task[:2]: task.done_by for task in kept.listing(con, done=True) if task.done_at}


def test_golden_tasks(tmp_path: Path, golden: Same) -> None:
    write(rich_stock(), tmp_path, time_zone="Europe/Berlin")
    golden("tasks.md", without_marker(read(tmp_path, ACME)))


def test_a_task_says_why_it_is_there_whose_it_is_and_until_when(tmp_path: Path) -> None:
    write(rich_stock(), tmp_path)
    text = read(tmp_path, ACME)
    assert OPEN in text
    assert "    - Why: A payment failed:" in text
    assert "(alert 8f50b74f8a4a)" in text
    assert "- [ ] **Later**, no day is set; nobody's yet; high priority `aaaaaaaaaaaa`" in text
    assert "Done long ago" not in text
    assert "Of no account" not in text
    assert "Nothing is open." in read(tmp_path, "dee/tasks.md")


def test_a_ticked_box_finishes_the_task_and_is_no_conflict(workspace: Workspace) -> None:
    _edit(workspace, OPEN, OPEN.replace("[ ]", "[x]"))
    done, brought = _run(workspace)
    assert done == (TASK,)
    assert brought.conflicts == ()
    assert _done(workspace)["5c"] == f"customers/{ACME}"
    text = (workspace.customers / ACME).read_text(encoding="utf-8")
    assert "Call them" not in text
    assert "- [ ] **Later**" in text
    assert "Task done: Call them" in (workspace.customers / "acme-ltd/timeline.md").read_text(encoding="utf-8")
    assert _run(workspace)[0] == ()


def test_ticks_and_words_below_the_block_go_together(workspace: Workspace) -> None:
    file = _edit(workspace, OPEN, OPEN.replace("[ ]", "[X]"))
    file.write_text(file.read_text(encoding="utf-8") + "\nAsk Bob.\n", encoding="utf-8")
    _, brought = _run(workspace)
    assert brought.conflicts == ()
    assert file.read_text(encoding="utf-8").endswith("<!-- gtm:end tasks -->\n\nAsk Bob.\n")


def test_anything_else_that_is_edited_in_the_block_is_kept_and_told_and_the_tick_counts(workspace: Workspace) -> None:
    file = _edit(workspace, OPEN, OPEN.replace("[ ]", "[x]").replace("Uma Iqbal", "Bob"))
    done, brought = _run(workspace)
    assert done == (TASK,)
    assert [(each.path, each.code) for each in brought.conflicts] == [(f"customers/{ACME}", "E440")]
    assert "; Bob; high" in file.read_text(encoding="utf-8")
    assert "Call them" not in file.with_name("tasks.generated.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("id_", ["0" * 12, "bbbbbbbbbbbb"])
def test_an_id_that_is_none_finishes_nothing(workspace: Workspace, id_: str) -> None:
    _edit(workspace, OPEN, OPEN.replace("[ ]", "[x]").replace(TASK[:12], id_))
    before = _done(workspace)
    _, brought = _run(workspace)
    assert _done(workspace) == before
    assert [each.code for each in brought.conflicts] == ["E440"]


def test_a_task_that_was_done_meanwhile_is_not_done_twice(workspace: Workspace) -> None:
    with store.writer(workspace, then_publish=True) as con:
        kept.finish(con, [TASK], "Uma Iqbal", NOW)
    _edit(workspace, OPEN, OPEN.replace("[ ]", "[x]"))
    _, brought = _run(workspace)
    assert brought.conflicts == ()
    assert _done(workspace)["5c"] == "Uma Iqbal"


def test_broken_markers_are_told_and_finish_nothing(workspace: Workspace) -> None:
    _edit(workspace, "<!-- gtm:end tasks -->", "")
    _edit(workspace, OPEN, OPEN.replace("[ ]", "[x]"))
    done, brought = _run(workspace)
    assert done == ()
    assert [each.code for each in brought.conflicts] == ["E441"]


def test_a_run_without_ticks_does_not_wait_for_the_store(workspace: Workspace) -> None:
    with store.writer(workspace):
        assert folders.finish(workspace, NOW, timeout_s=0) == ()


def test_ticks_stay_while_the_store_is_busy(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _edit(workspace, OPEN, OPEN.replace("[ ]", "[x]"))
    monkeypatch.setattr("execution.folders.ticking.store.writer", _busy)
    with pytest.raises(StoreBusyError):
        folders.finish(workspace, NOW)
    assert "[x]" in file.read_text(encoding="utf-8")


def test_ids_that_begin_alike_are_told_apart_or_not_at_all() -> None:
    there = dict.fromkeys(["aa1", "aa2", "b1"])
    assert tasks.known(["aa", "b", "c", "aa1"], there) == ("b1", "aa1")


def test_only_whole_lines_with_an_id_are_ticks() -> None:
    block = "- [x] no id\n  - [x] `0123456789ab`\n- [ ] open `0123456789ab`\n- [x] yes `abcdefabcdef`"
    text = managed.wrap("tasks", "a.com", "0" * 16, "other").replace("other", block)
    assert tasks.ticked(text) == ("abcdefabcdef",)
    assert tasks.unticked(text) is None
    assert tasks.ticked("no block\n- [x] mine `abcdefabcdef`") == ()
