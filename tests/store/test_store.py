"""Writing, publishing, waiting one's turn, and getting back what was lost."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from execution import engine, store
from execution.errors import StoreBusyError, StoreError, StoreRefusedError, UsageError
from execution.store import journal, lock, migrations, publishing
from execution.store.copying import copy
from execution.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def write(workspace: Workspace, value: int, *, publish: bool = True) -> None:
    with store.writer(workspace, then_publish=publish) as con, store.change(con):
        con.execute("CREATE TABLE IF NOT EXISTS core.x (v INTEGER)")
        con.execute("INSERT INTO core.x VALUES (?)", [value])


def read(workspace: Workspace) -> list[int]:
    return [row[0] for row in store.query(workspace, "SELECT v FROM core.x ORDER BY v").rows]


def test_readers_see_a_publication_and_not_the_writers_file(workspace: Workspace) -> None:
    write(workspace, 1)
    write(workspace, 2, publish=False)
    assert read(workspace) == [1]
    with store.writer(workspace, then_publish=True):
        pass
    assert read(workspace) == [1, 2], "what an earlier run left unpublished goes out with the next"


@pytest.mark.parametrize("kernel_copies", [True, False])
def test_a_copy_is_the_file_whoever_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, kernel_copies: bool
) -> None:
    def refuse(*_: object) -> int:
        raise OSError

    if not kernel_copies:
        monkeypatch.setattr(os, "copy_file_range", refuse)
    (tmp_path / "one").write_bytes(os.urandom(100_001))
    copy(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "other").read_bytes() == (tmp_path / "one").read_bytes()


def test_nothing_new_publishes_nothing(workspace: Workspace) -> None:
    write(workspace, 1)
    before = store.current(workspace)
    with store.writer(workspace, then_publish=True):
        pass
    assert store.current(workspace) == before


def test_a_failed_transaction_leaves_no_trace(workspace: Workspace) -> None:
    write(workspace, 1)
    with pytest.raises(ZeroDivisionError), store.writer(workspace) as con, store.change(con):
        con.execute("INSERT INTO core.x VALUES (2)")
        raise ZeroDivisionError
    with store.writer(workspace, then_publish=True):
        pass
    assert read(workspace) == [1]


def test_a_reader_keeps_its_copy_while_newer_ones_come_and_old_ones_go(workspace: Workspace) -> None:
    write(workspace, 1)
    with store.reader(workspace) as con:
        for value in range(2, 7):
            write(workspace, value)
        assert con.execute("SELECT count(*) FROM core.x").fetchone() == (1,)
    assert read(workspace) == [1, 2, 3, 4, 5, 6]
    assert len(list(workspace.published.glob("*.duckdb"))) == publishing.KEPT


def test_before_the_first_publication_readers_are_told_what_to_do(workspace: Workspace) -> None:
    with pytest.raises(StoreError) as caught, store.reader(workspace):
        pass
    assert "gtm sync" in caught.value.hint


def test_a_crash_between_copy_and_pointer_is_tidied_away(workspace: Workspace) -> None:
    write(workspace, 1)
    (workspace.published / "gtm-99.duckdb").write_bytes(b"half")
    (workspace.published / "gtm-98.partial").write_bytes(b"half")
    write(workspace, 2)
    assert sorted(f.name for f in workspace.published.glob("gtm-*")) == ["gtm-1.duckdb", "gtm-2.duckdb"]


def test_who_waits_too_long_learns_who_holds_the_store(workspace: Workspace) -> None:
    with lock.held(workspace), pytest.raises(StoreBusyError) as caught:
        _hold_elsewhere(workspace)
    assert str(os.getpid()) in str(caught.value)
    assert caught.value.exit_code == 4


def _hold_elsewhere(workspace: Workspace) -> None:
    with lock.held(workspace, timeout_s=0.05):
        pass


def test_a_killed_holder_holds_nothing(workspace: Workspace) -> None:
    code = (
        "import sys, time; from pathlib import Path; from execution.store import lock; "
        "from execution.workspace import Workspace\n"
        "with lock.held(Workspace(Path(sys.argv[1]))):\n    print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(workspace.root)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child, child.stdout:
        assert child.stdout.readline() == "held\n"
        with pytest.raises(StoreBusyError, match=str(child.pid)):
            _hold_elsewhere(workspace)
        child.send_signal(signal.SIGKILL)
        child.wait()
    _hold_elsewhere(workspace)


def _write_some(root: str, first: int) -> None:
    for value in range(first, first + 5):
        write(Workspace(Path(root)), value)


def _read_some(root: str, until: float) -> None:
    while time.monotonic() < until:
        seen = read(Workspace(Path(root)))
        assert seen, "a reader never sees a store without what was published"


def test_writers_and_readers_at_once_neither_fail_nor_lose(workspace: Workspace) -> None:
    write(workspace, 0)
    context = multiprocessing.get_context("spawn")
    until = time.monotonic() + 2
    jobs = [context.Process(target=_write_some, args=(str(workspace.root), first)) for first in (100, 200)]
    jobs += [context.Process(target=_read_some, args=(str(workspace.root), until)) for _ in range(3)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert [job.exitcode for job in jobs] == [0] * len(jobs)
    assert read(workspace) == [0, *range(100, 105), *range(200, 205)]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("CREATE TABLE t (a INT)", "E205"),
        ("SELECT 1; SELECT 2", "E205"),
        ("SET memory_limit = '1GB'", "E205"),
        ("ATTACH 'x' AS y", "E205"),
        ("COPY (SELECT 1) TO 'x.csv'", "E205"),
        ("SELECT * FROM read_text('/etc/hostname')", "E204"),
        ("SELECT * FROM '/etc/hostname'", "E204"),
        ("SELECT nothing", "E204"),
        ("SELEC 1", "E204"),
        ("", "E205"),
    ],
)
def test_a_query_is_one_select_and_stays_inside(workspace: Workspace, sql: str, code: str) -> None:
    write(workspace, 1)
    with pytest.raises(UsageError) as caught:
        store.query(workspace, sql)
    assert caught.value.code == code


def test_a_query_says_when_rows_were_left_out(workspace: Workspace) -> None:
    write(workspace, 1)
    write(workspace, 2)
    assert store.query(workspace, "SELECT v FROM core.x", limit=1).more
    assert not store.query(workspace, "SELECT v FROM core.x", limit=2).more


def test_restore_brings_back_and_keeps_what_it_replaced(workspace: Workspace) -> None:
    write(workspace, 1)
    saved = store.backup(workspace)
    write(workspace, 2)
    kept = store.restore(workspace, saved)
    assert read(workspace) == [1]
    assert kept is not None
    store.restore(workspace, kept)
    assert read(workspace) == [1, 2]
    assert [entry["kind"] for entry in journal.entries(workspace)] == ["restore", "restore", "backup"]


def test_restore_refuses_what_is_no_store(workspace: Workspace, tmp_path: Path) -> None:
    write(workspace, 1)
    (tmp_path / "noise.duckdb").write_bytes(b"not a database" * 100)
    con = engine.memory()
    with engine.attached(con, tmp_path / "other.duckdb", "other", write=True):
        con.execute("CREATE TABLE other.t (a INT)")
    con.close()
    for name in ("noise.duckdb", "other.duckdb"):
        with pytest.raises(StoreRefusedError):
            store.restore(workspace, tmp_path / name)
    assert read(workspace) == [1]


def test_a_backup_never_overwrites(workspace: Workspace, tmp_path: Path) -> None:
    write(workspace, 1)
    target = store.backup(workspace, tmp_path / "b.duckdb")
    with pytest.raises(UsageError):
        store.backup(workspace, target)


def test_a_store_of_a_newer_gtm_is_refused(workspace: Workspace) -> None:
    write(workspace, 1)
    with store.writer(workspace) as con:
        con.execute("INSERT INTO meta.migrations VALUES (99, '2026-01-01')")
    with pytest.raises(StoreRefusedError, match="99"):
        write(workspace, 2)


def test_a_migration_is_preceded_by_a_backup(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    write(workspace, 1)
    step = ("CREATE TABLE meta.added (a INTEGER)",)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    write(workspace, 2)
    copy = workspace.data / "backups" / f"before-migration-{len(migrations.STEPS)}.duckdb"
    con = engine.read_only(copy)
    assert con.execute("SELECT v FROM core.x").fetchall() == [(1,)]
    con.close()


def test_a_damaged_store_is_an_error_with_a_way_out(workspace: Workspace) -> None:
    workspace.data.mkdir()
    workspace.store_file.write_bytes(b"damaged" * 1000)
    with pytest.raises(StoreError) as caught:
        write(workspace, 1)
    assert "restore" in caught.value.hint


def test_the_journal_reads_newest_first_and_forgives_a_cut_line(workspace: Workspace) -> None:
    for number in range(2996, 3000):
        journal.append(workspace, "sync", {"number": number})
    with journal.path(workspace).open("a", encoding="utf-8") as file:
        file.write('{"at": "2026-')
    journal.append(workspace, "backup", {"number": 1})
    assert [entry["number"] for entry in journal.entries(workspace, "backup")] == [1]
    assert [entry["number"] for entry in journal.entries(workspace, "sync")] == [2999, 2998, 2997, 2996]


def test_the_journals_lines_are_found_across_chunks(workspace: Workspace) -> None:
    file = journal.path(workspace)
    file.parent.mkdir(parents=True)
    lines = [json.dumps({"kind": "sync", "number": n, "pad": "é" * (n % 50)}) for n in range(200)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = [json.loads(line)["number"] for line in journal._lines_backwards(file, chunk=97)]
    assert found == list(reversed(range(200)))


@pytest.mark.parametrize(("rows", "is_alone"), [(engine.ROW_GROUP_ROWS, True), (engine.ROW_GROUP_ROWS * 2, False)])
def test_a_store_of_single_pieces_is_worked_on_by_one_thread(
    workspace: Workspace, rows: int, *, is_alone: bool
) -> None:
    usual = engine.memory()
    with store.writer(workspace) as con, store.change(con):
        con.execute(f"CREATE TABLE core.people AS SELECT i FROM range({rows}) r(i)")
    with store.writer(workspace) as con:
        threads = con.execute("SELECT current_setting('threads')").fetchone()
    assert threads == ((1,) if is_alone else usual.execute("SELECT current_setting('threads')").fetchone())
