"""A writer that was killed while it wrote a block of metadata: what is needed is there, and its checksum is wrong."""

from pathlib import Path

import pytest

from execution import engine, store
from execution.errors import StoreError
from execution.store import journal
from execution.workspace import Workspace

FIRST, BLOCK, PIECES = 12288, 262144, 64
PIECE = (BLOCK - 8) // PIECES // 8 * 8
Free = dict[int, list[int]]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A store whose metadata takes several blocks."""
    made = Workspace(tmp_path)
    with store.writer(made) as con, store.change(con):
        columns = ", ".join(f"a_column_with_a_long_name_{n} VARCHAR" for n in range(400))
        for n in range(40):
            con.execute(f"CREATE TABLE core.wide_{n} ({columns})")
        con.execute("CREATE TABLE core.x AS SELECT range AS v FROM range(1000)")
    return made


def free(workspace: Workspace) -> Free:
    """The blocks of metadata, with those of their pieces that nothing needs."""
    con = engine.memory()
    with engine.attached(con, workspace.store_file, "store"):
        con.execute("USE store")
        rows = con.execute("SELECT block_id, free_list FROM pragma_metadata_info()").fetchall()
    con.close()
    return {block: list(pieces) for block, pieces in rows}


def tear(workspace: Workspace, block: int, piece: int) -> None:
    """What a killed writer leaves: something new in a piece that nothing needs yet."""
    with workspace.store_file.open("r+b") as file:
        file.seek(FIRST + block * BLOCK + 8 + piece * PIECE)
        file.write(b"half-written")


def killed(workspace: Workspace) -> None:
    """As the lock's note is after its holder was killed."""
    workspace.lock_file.with_suffix(".holder").write_text("{}", encoding="utf-8")


def count(workspace: Workspace) -> int:
    with store.writer(workspace) as con:
        return int((con.execute("SELECT count(*) FROM core.x").fetchone() or [0])[0])


def test_whichever_block_it_is_the_store_opens_with_everything_in_it(workspace: Workspace) -> None:
    blocks = {block: pieces for block, pieces in free(workspace).items() if pieces}
    assert blocks
    for number, (block, pieces) in enumerate(blocks.items(), start=1):
        tear(workspace, block, pieces[-1])
        killed(workspace)
        assert count(workspace) == 1000
        assert len(list(journal.entries(workspace, "mend"))) == number
        assert next(journal.entries(workspace, "mend"))["at"] == FIRST + block * BLOCK
    with store.writer(workspace) as con:
        tables = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'wide_%'").fetchone()
    assert tables == (40,)


def test_damage_that_no_killed_writer_explains_is_refused(workspace: Workspace) -> None:
    for block, pieces in free(workspace).items():
        if pieces:
            tear(workspace, block, pieces[-1])
    with pytest.raises(StoreError, match="Corrupt database file"):
        count(workspace)
    assert not list(journal.entries(workspace, "mend"))


def test_more_than_one_block_is_damage_of_another_kind(workspace: Workspace) -> None:
    whole = workspace.store_file.read_bytes()
    blocks = list(free(workspace))
    assert len(blocks) > 1
    for block in blocks:
        tear(workspace, block, 0)
    killed(workspace)
    torn = workspace.store_file.read_bytes()
    with pytest.raises(StoreError):
        count(workspace)
    assert workspace.store_file.read_bytes() == torn != whole


def test_data_is_never_touched(workspace: Workspace) -> None:
    metadata = set(free(workspace))
    blocks = range((workspace.store_file.stat().st_size - FIRST) // BLOCK)
    for block in blocks:
        if block not in metadata:
            tear(workspace, block, 1)
    before = workspace.store_file.read_bytes()
    killed(workspace)
    with store.looking(workspace):
        pass
    assert workspace.store_file.read_bytes() == before


def test_without_a_store_there_is_nothing_to_mend(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.data.mkdir()
    killed(workspace)
    with store.writer(workspace):
        pass
    workspace.store_file.write_bytes(b"")
    killed(workspace)
    with pytest.raises(engine.IOError, match="not a valid DuckDB database file"), store.looking(workspace):
        pass
