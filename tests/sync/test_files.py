"""Sources that have files instead of an API: read where they changed, exact about what is wrong, whole or not."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from execution import engine, store
from execution.directives import load
from execution.settings import Environment
from execution.sync import file_reading
from execution.sync.plan import Options
from execution.sync.results import RunResult
from execution.sync.shelf import CONTENT, LOOKS
from execution.sync.sync_all import sync_all
from tests.sync.conftest import NOW, World
from tests.sync.vendor import CUSTOMERS, SETTINGS, TEXTS

PLANS = """---
kind: source
name: shop
files: {folder: imports}
validate:
  plans: ["seats > 0"]
streams:
  plans:
    path: "plans*.csv"
    key: id
    columns:
      email: email
      name: name
      seats: {path: seats, type: integer}
      since: {path: since, type: date}
---
```sql customers
select email, max(name) as name, sum(seats)::bigint as orders from plans where email is not null group by email
```
"""
HEAD = "id,email,name,seats,since\n"
TWO = HEAD + "1,ann@acme.com,Ann,3,2026-01-01\n2,bob@acme.com,Bob,4,2026-02-01\n"


class Files:
    """A workspace whose source `shop` reads files in `imports`."""

    def __init__(self, world: World, source: str = PLANS) -> None:
        self.world = world
        texts = {path: text for path, text in TEXTS.items() if "shop" not in path and "crm" not in path}
        texts["directives/data-sources/shop.md"] = source
        texts.pop("directives/data-model/events.md")
        world.program = load({path: text.encode() for path, text in texts.items()}).require_valid()
        self.folder = world.workspace.root / "imports"
        self.folder.mkdir()

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(file, (NOW.timestamp() - 100 + len(content), NOW.timestamp() - 100))
        return file

    def sync(self, **options: Any) -> RunResult:  # noqa: ANN401 - passed on to Options
        return self.world.sync("shop", **options)

    def raw(self, columns: str = "key, seats, deleted") -> list[tuple[Any, ...]]:
        with store.writer(self.world.workspace) as con:
            return con.execute(f"SELECT {columns} FROM raw.shop__plans ORDER BY key").fetchall()


@pytest.fixture
def files(world: World) -> Files:
    return Files(world)


def _counts(result: RunResult) -> tuple[int, int, int, int]:
    stream = result.sources[0].streams[0]
    return stream.records, stream.new, stream.changed, stream.deleted


def test_a_file_goes_all_the_way_to_customers(files: Files) -> None:
    files.write("plans.csv", TWO)
    result = files.sync()
    assert (result.exit_code, result.requests, result.published) == (0, 0, 1)
    assert _counts(result) == (2, 2, 0, 0)
    assert files.world.rows("SELECT email, name, orders FROM core.customers ORDER BY email") == [
        ("ann@acme.com", "Ann", 3),
        ("bob@acme.com", "Bob", 4),
    ]


def test_unchanged_files_are_not_read_and_change_nothing(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write("plans.csv", TWO)
    files.sync()

    def opened(*_: object) -> None:
        raise AssertionError("a file that has not changed was opened")

    monkeypatch.setattr("execution.sync.shelf.content", opened)
    monkeypatch.setattr("execution.sync.table_files.load", opened)
    again = files.sync()
    assert (again.exit_code, again.published, _counts(again)) == (0, None, (0, 0, 0, 0))


def test_a_file_that_was_only_touched_is_hashed_and_not_read(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    file = files.write("plans.csv", TWO)
    files.sync()
    os.utime(file, (NOW.timestamp() - 50, NOW.timestamp() - 50))
    monkeypatch.setattr("execution.sync.table_files.load", lambda *_: pytest.fail("it was read"))
    assert files.sync().exit_code == 0
    monkeypatch.setattr("execution.sync.shelf.content", lambda *_: pytest.fail("it was hashed twice"))
    assert files.sync().exit_code == 0


def test_a_file_written_in_the_moment_of_reading_is_not_taken_for_known_by_its_looks(files: Files) -> None:
    """Another text of the same length within the same tick of the file system's clock."""
    file = files.write("plans.csv", TWO)
    moment = files.world.now.timestamp() + 60
    os.utime(file, (moment, moment))
    files.sync()
    file.write_text(TWO.replace(",3,", ",9,"), encoding="utf-8")
    os.utime(file, (moment, moment))
    assert _counts(files.sync()) == (2, 0, 1, 0)


def test_what_left_the_file_is_a_tombstone_and_may_come_back(files: Files) -> None:
    files.write("plans.csv", TWO)
    files.sync()
    files.write("plans.csv", HEAD + "1,ann@acme.com,Ann,5,2026-01-01\n")
    assert _counts(files.sync()) == (1, 0, 1, 1)
    assert files.raw() == [("1", 5, False), ("2", 4, True)]
    files.write("plans.csv", TWO)
    files.sync()
    assert files.raw() == [("1", 3, False), ("2", 4, False)]


def test_an_empty_file_deletes_nothing_unless_told_and_says_so_every_time(files: Files) -> None:
    files.write("plans.csv", TWO)
    files.sync()
    files.write("plans.csv", HEAD)
    for _ in range(2):
        result = files.sync()
        assert _counts(result) == (0, 0, 0, 0)
        assert "--allow-empty" in result.sources[0].streams[0].warnings[0]
    assert _counts(files.sync(allow_empty=True)) == (0, 0, 0, 2)
    assert [deleted for *_, deleted in files.raw()] == [True, True]


def test_an_empty_file_of_which_nothing_is_stored_is_read_once(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write("plans.csv", HEAD)
    assert _counts(files.sync()) == (0, 0, 0, 0)
    with monkeypatch.context() as patched:
        patched.setattr("execution.sync.table_files.load", lambda *_: pytest.fail("it was read again"))
        assert files.sync().exit_code == 0
    files.write("plans.csv", TWO)
    assert _counts(files.sync()) == (2, 2, 0, 0)


def test_what_another_run_has_stored_meanwhile_is_not_taken_for_read(files: Files) -> None:
    """This run found nothing to commit; the other one has committed what the file has come to say."""
    files.write("plans.csv", TWO)
    files.sync()
    source, noted = files.world.program.sources["shop"], "SELECT parent_key, parent_hash FROM meta.reads ORDER BY ALL"
    with store.writer(files.world.workspace) as con:
        before = dict(con.execute(noted).fetchall())
        file_reading._note(con, now=NOW, source=source, prints={"plans": {CONTENT: 1, LOOKS: 2}})
        assert dict(con.execute(noted).fetchall()) == before
        file_reading._note(con, now=NOW, source=source, prints={"plans": {CONTENT: before[CONTENT], LOOKS: 2}})
        assert dict(con.execute(noted).fetchall()) == before | {LOOKS: 2}


def test_several_files_are_one_stream(files: Files) -> None:
    files.write("plans-1.csv", TWO)
    files.write("plans-2.csv", HEAD + "3,cid@acme.com,Cid,1,2026-01-01\n")
    assert _counts(files.sync()) == (3, 3, 0, 0)
    (files.folder / "plans-1.csv").unlink()
    assert _counts(files.sync()) == (1, 0, 0, 2)


def test_what_does_not_fit_its_type_is_counted_and_kept(files: Files) -> None:
    files.write("plans.csv", HEAD + "1,ann@acme.com,Ann,many,2026-13-01\n,x@acme.com,X,0,\n")
    stream = files.sync().sources[0].streams[0]
    assert (stream.rejects, stream.keyless, stream.invalid) == (2, 1, {"seats > 0": 1})
    with store.writer(files.world.workspace) as con:
        bad = con.execute("SELECT column_name, content FROM meta.rejects WHERE key = '1' ORDER BY 1").fetchall()
    assert bad == [("seats", "many"), ("since", "2026-13-01")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("plans.csv", HEAD + "1,a@x.com,Ann\n", "imports/plans.csv:2: E378 it cannot be read"),
        ("plans.csv", HEAD.encode() + b"1,a@x.com,\xff\xfe,1,\n", "imports/plans.csv:2: E378 it cannot be read"),
        ("plans.csv", "id,email,name,since\n1,a@x.com,A,\n", "plans.csv:1: E378 its heading has no column 'seats'"),
        ("plans.csv", "", "imports/plans.csv:1: E378 it cannot be read: it has no heading in its first line"),
        ("plans-2.csv", "id,email,name,since,seats\n", "plans.csv:1: E378 it cannot be read: plans.csv has other"),
        (
            "plans.csv",
            HEAD + '1,a@x.com,"A\nB",1,\n2,b@x.com,B,1,\n1,c@x.com,C,1,\n',
            "imports/plans.csv:2: E377 two records have the id '1': here, and in imports/plans.csv:5",
        ),
    ],
)  # fmt: skip
def test_a_file_that_does_not_hold_fails_whole_and_the_last_good_data_stay(
    files: Files, name: str, content: str | bytes, said: str
) -> None:
    files.write("plans.csv", TWO)
    files.sync()
    before = files.raw()
    files.write(name, content)
    result = files.sync()
    assert result.exit_code == 3
    assert said in result.sources[0].error
    assert result.sources[0].hint
    assert files.raw() == before
    assert said in files.sync().sources[0].error, "it is said until it is mended"


def test_two_files_with_one_key_name_both_places(files: Files) -> None:
    files.write("plans-1.csv", TWO)
    files.write("plans-2.csv", HEAD + "2,cid@acme.com,Cid,1,2026-01-01\n")
    error = files.sync().sources[0].error
    assert "imports/plans-1.csv:3: E377 two records have the id '2': here, and in imports/plans-2.csv:2" in error


def test_a_file_that_is_gone_fails_and_keeps_what_was_read(files: Files) -> None:
    files.write("plans.csv", TWO).rename(files.folder / "old.csv")
    assert files.sync().sources[0].status == "not connected"
    (files.folder / "old.csv").rename(files.folder / "plans.csv")
    files.sync()
    (files.folder / "plans.csv").unlink()
    result = files.sync()
    assert result.sources[0].error == "imports/plans*.csv: E375 there is no such file"
    assert [deleted for *_, deleted in files.raw()] == [False, False]


def test_a_link_out_of_the_workspace_is_never_read(files: Files, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "plans.csv"
    outside.write_text(TWO, encoding="utf-8")
    (files.folder / "plans.csv").symlink_to(outside)
    result = files.sync()
    assert "imports/plans.csv: E376 it is a link that leads out of the workspace" in result.sources[0].error
    (files.folder / "plans.csv").unlink()
    files.folder.rmdir()
    files.folder.symlink_to(outside.parent)
    assert "E376" in files.sync().sources[0].error


def test_a_link_within_the_workspace_a_folder_and_a_dead_link(files: Files) -> None:
    (files.world.workspace.root / "there.csv").write_text(TWO, encoding="utf-8")
    (files.folder / "plans.csv").symlink_to("../there.csv")
    assert files.sync().exit_code == 0
    (files.folder / "plans-2.csv").mkdir()
    assert "imports/plans-2.csv: E375 it is not a file" in files.sync().sources[0].error
    (files.folder / "plans-2.csv").rmdir()
    (files.folder / "plans-2.csv").symlink_to("nowhere.csv")
    assert "imports/plans-2.csv: E375 it cannot be opened" in files.sync().sources[0].error


@pytest.mark.parametrize("form", ["jsonl", "parquet", "tsv"])
def test_other_forms(world: World, form: str) -> None:
    files = Files(world, PLANS.replace('"plans*.csv"', f"plans.{form}"))
    match form:
        case "jsonl":
            rows = [{"id": 1, "email": "ann@acme.com", "seats": 3, "since": "2026-01-01"}, {"id": "2", "seats": 4}]
            files.write("plans.jsonl", "\n\n".join(map(json.dumps, rows)))
        case "tsv":
            files.write("plans.tsv", TWO.replace(",", "\t"))
        case _:
            selected = (
                "SELECT i AS id, i || '@acme.com' AS email, 'N' AS name, i + 2 AS seats, DATE '2026-01-01' AS since"
            )
            with engine.memory() as con:
                con.execute(f"COPY ({selected} FROM range(1, 3) t(i)) TO '{files.folder / 'plans.parquet'}'")
    assert files.sync().exit_code == 0
    assert files.raw("key, seats, since IS NULL")[0] == ("1", 3, False)
    assert [row[:2] for row in files.raw()] == [("1", 3), ("2", 4)]


def test_a_line_of_json_that_breaks_off_is_named(world: World) -> None:
    files = Files(world, PLANS.replace('"plans*.csv"', "plans.jsonl"))
    files.write("plans.jsonl", '{"id": 1}\n\n{"id": \n')
    assert "imports/plans.jsonl:3: E378" in files.sync().sources[0].error


def test_one_file_source_failing_stops_no_other(world: World) -> None:
    other = PLANS.replace("name: shop", "name: crm", 1).replace("plans*.csv", "other.csv")
    texts = {"s.md": SETTINGS, "c.md": CUSTOMERS, "a.md": PLANS, "b.md": other}
    program = load({f"directives/{path}": text.encode() for path, text in texts.items()})
    folder = world.workspace.root / "imports"
    folder.mkdir()
    (folder / "plans.csv").write_text("nonsense\n", encoding="utf-8")
    (folder / "other.csv").write_text(TWO, encoding="utf-8")
    result = sync_all(world.workspace, program, Environment({}), options=Options(), clock=lambda: NOW)
    assert {each.source: each.status for each in result.sources} == {"shop": "failed", "crm": "ok"}
    assert result.exit_code == 1


def test_many_records_go_in_several_pages(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution.sync.table_files.PAGE_BYTES", 1000)
    files.write("plans.csv", HEAD + "".join(f"{i},p{i}@acme.com,N,1,2026-01-01\n" for i in range(100)))
    result = files.sync()
    assert result.sources[0].streams[0].pages > 5
    assert _counts(result) == (100, 100, 0, 0)
    assert files.world.rows("SELECT count(*), count(DISTINCT email) FROM core.customers") == [(100, 100)]
