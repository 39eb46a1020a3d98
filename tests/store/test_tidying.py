"""A store that many small runs wrote is joined again, now and then."""

from pathlib import Path

from execution import engine, store
from execution.store import tidying
from execution.workspace import Workspace

ROWS = 40_000


def pieces(con: engine.Connection) -> int:
    """Row groups of the table."""
    row = con.execute("SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('core.x')").fetchone()
    assert row is not None
    return int(row[0])


def exchange(con: engine.Connection, turn: int) -> None:
    """Some rows are replaced, as a sync replaces those that changed."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE moved AS SELECT * FROM core.x WHERE hash(v + {turn}) % 50 = 0")
    con.execute("DELETE FROM core.x WHERE v IN (SELECT v FROM moved)")
    con.execute("INSERT INTO core.x FROM moved")


def test_pieces_are_joined_after_many_changes_and_not_before(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with store.writer(workspace) as con, store.change(con):
        con.execute(f"CREATE TABLE core.x AS SELECT i AS v, repeat(md5(i::VARCHAR), 9) AS w FROM range({ROWS}) r(i)")
    for turn in range(4):
        with store.writer(workspace) as con, store.change(con):
            exchange(con, turn)
    with store.writer(workspace, then_publish=True) as con:
        before = pieces(con)
    with store.writer(workspace) as con:
        assert pieces(con) == before > 3
        con.execute("UPDATE meta.changes SET count = ?", [tidying.EVERY])
    with store.writer(workspace, then_publish=True) as con:
        assert pieces(con) == before
    with store.reader(workspace) as con:
        assert pieces(con) < before
        assert con.execute("SELECT count(*), count(DISTINCT v) FROM core.x").fetchone() == (ROWS, ROWS)


def test_what_was_just_joined_is_left_alone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for count in (tidying.EVERY, tidying.EVERY + 1):
        with store.writer(workspace, then_publish=True) as con:
            con.execute("UPDATE meta.changes SET count = ?", [count])
    with store.writer(workspace) as con:
        assert store.made_from(con, "tidy") == str(tidying.EVERY)
