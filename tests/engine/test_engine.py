"""Connections that cannot do more than they should, and values that go in as they are."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from execution import engine


def test_a_name_in_sql_never_means_a_python_variable() -> None:
    secret = [("a", 1)]
    con = engine.memory()
    with con, pytest.raises(engine.CatalogError):
        con.execute("SELECT * FROM secret")
    assert secret


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SET memory_limit = '1GB'",
        "ATTACH 'x.duckdb'",
        "COPY (SELECT 1) TO 'x'",
    ],
)
def test_locked_down_means_no_files_and_no_settings(sql: str) -> None:
    with engine.memory(locked_down=True) as con, pytest.raises(engine.Error):
        con.execute(sql)


def test_detached_whatever_happens(tmp_path: Path) -> None:
    with engine.memory() as con:
        with pytest.raises(ZeroDivisionError), engine.attached(con, tmp_path / "a.duckdb", "a", write=True):
            con.execute("USE a")
            raise ZeroDivisionError
        assert con.execute("SELECT count(*) FROM duckdb_databases() WHERE database_name = 'a'").fetchone() == (0,)


def test_a_read_only_attachment_cannot_write(tmp_path: Path) -> None:
    with engine.memory() as con:
        with engine.attached(con, tmp_path / "a.duckdb", "a", write=True):
            con.execute("CREATE TABLE a.t (x INTEGER)")
        with engine.attached(con, tmp_path / "a.duckdb", "a"), pytest.raises(engine.Error):
            con.execute("INSERT INTO a.t VALUES (1)")


def test_a_transaction_is_all_or_nothing() -> None:
    with engine.memory() as con:
        con.execute("CREATE TABLE t (x INTEGER)")
        with pytest.raises(engine.Error), engine.transaction(con):
            con.execute("INSERT INTO t VALUES (1)")
            con.execute("INSERT INTO t VALUES ('x')")
        assert con.execute("SELECT count(*) FROM t").fetchone() == (0,)


@pytest.mark.parametrize("value", ["o'neil", 'a"b', "", "é\u0000x"[:2], 7, -1.5, True, None, ["a", "b'"]])
def test_a_literal_is_the_value(value: object) -> None:
    with engine.memory() as con:
        assert con.execute(f"SELECT {engine.literal(value)}").fetchone() == (value,)


def test_times_are_kept_in_utc() -> None:
    east = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert engine.naive_utc(east) == datetime(2026, 3, 1, 10)  # noqa: DTZ001 - as the store keeps it
    with engine.memory() as con:
        row = con.execute(f"SELECT {engine.literal(east)}").fetchone()
    assert row is not None
    assert row[0].replace(tzinfo=UTC) == east


def test_rows_are_loaded_as_they_are() -> None:
    rows = [("a'b", None, 2**63 + 5), ("é\n", datetime(2026, 1, 1, tzinfo=UTC), 0)]
    with engine.memory() as con:
        engine.load(con, "t", {"a": "VARCHAR", "b": "TIMESTAMP", "c": "UBIGINT"}, rows)
        found = con.execute("SELECT a, b, c FROM t ORDER BY a").fetchall()
        engine.load(con, "t", {"a": "VARCHAR"}, [])
        assert con.execute("SELECT count(*) FROM t").fetchone() == (0,)
    assert found == [(a, b.replace(tzinfo=None) if b else None, c) for a, b, c in rows]


def test_identifiers_are_quoted() -> None:
    assert engine.ident("raw", 'a"b') == '"raw"."a""b"'
