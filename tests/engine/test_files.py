"""Files of rows become records, every value as text; what is no table says so."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from execution import engine
from execution.engine import files

Read = Callable[[str, bytes], list[object]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def loaded(name: str, content: bytes) -> list[object]:
        file = tmp_path / name
        file.write_bytes(content)
        con = engine.memory()
        files.load_records(con, "temp.records", [file])
        return [json.loads(row[0]) for row in con.execute("SELECT payload FROM records ORDER BY position").fetchall()]

    return loaded


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("plain.csv", b"id,v\n01,2.50\n", [{"id": "01", "v": "2.50"}]),
        ("marked.csv", b"\xef\xbb\xbfid,v\r\n1,x\r\n", [{"id": "1", "v": "x"}]),
        ("quoted.csv", b'id,"a, b"\n1,"say ""no""\nnow"\n', [{"id": "1", "a, b": 'say "no"\nnow'}]),
        ("semicolons.csv", b"id;v\n1;2,5\n", [{"id": "1", "v": "2,5"}]),
        ("empty cells.csv", b"id,v\n1,\n2,NULL\n", [{"id": "1", "v": None}, {"id": "2", "v": "NULL"}]),
        ("tabs.tsv", b"id\tv\n1\ta b\n", [{"id": "1", "v": "a b"}]),
        ("lines.jsonl", b'{"id": 1}\n\n{"id": {"a": [2]}}\n', [{"id": 1}, {"id": {"a": [2]}}]),
    ],
)
def test_values_are_taken_as_they_stand(read: Read, name: str, content: bytes, expected: list[object]) -> None:
    assert read(name, content) == expected


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.csv", b"", "it has no heading in its first line"),
        ("latin.csv", "id,v\n1,é\n".encode("latin-1"), "it is not UTF-8 text"),
        ("twice.csv", b"id,id\n1,2\n", "it has two columns 'id'"),
        ("long.csv", b"id,v\n1,2\n2,3,4\n", "Line: 3"),
        ("short.csv", b"id,v\n1\n", "Line: 2"),
        ("odd.jsonl", b"{]\n", "malformed"),
        ("odd.parquet", b"PAR?", "parquet"),
        ("book.xlsx", b"PK", ".xlsx is no form that is read"),
    ],
)
def test_what_is_no_table_says_why(read: Read, name: str, content: bytes, said: str) -> None:
    with pytest.raises(files.UnreadableError) as caught:
        read(name, content)
    assert said.lower() in str(caught.value).lower()


def test_files_read_as_one_have_one_heading(tmp_path: Path) -> None:
    for name, heading in (("a.csv", "id,v"), ("b.csv", "id,w")):
        (tmp_path / name).write_text(f"{heading}\n1,2\n", encoding="utf-8")
    with pytest.raises(files.UnreadableError, match="other columns than a"):
        files.load_records(engine.memory(), "temp.records", [tmp_path / "a.csv", tmp_path / "b.csv"])


def test_rows_keep_their_order(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("id\n" + "\n".join(map(str, range(300_000))), encoding="utf-8")
    con = engine.memory()
    assert files.load_records(con, "temp.records", [file]) == ("id",)
    sql = "SELECT count(*) FROM records WHERE (payload->>'id')::BIGINT <> position - 1"
    assert con.execute(sql).fetchone() == (0,)
