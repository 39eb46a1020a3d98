"""Storing what is worked out: a table is written only where something in it changed."""

from execution import engine, store
from execution.engine import ident


def keep(con: engine.Connection, table: str) -> bool:
    """Make the temporary table the stored `derived.<table>` where their columns or rows differ; whether they did.

    The temporary table has the same name, and is gone after. In a transaction of its own.
    """
    fresh, stored = ident("temp", table), ident("derived", table)
    differs = not _is_same(con, table, fresh, stored)
    if differs:
        con.execute("CREATE SCHEMA IF NOT EXISTS derived")
        with store.change(con):
            con.execute(f"CREATE OR REPLACE TABLE {stored} AS FROM {fresh}")
    con.execute(f"DROP TABLE {fresh}")
    return differs


def _is_same(con: engine.Connection, table: str, fresh: str, stored: str) -> bool:
    if not store.has_table(con, "derived", table):
        return False
    if list(engine.columns(con, f"FROM {fresh}").items()) != list(engine.columns(con, f"FROM {stored}").items()):
        return False
    return _digest(con, fresh) == _digest(con, stored)


def _digest(con: engine.Connection, table: str) -> tuple[object, ...] | None:
    """A sum over the rows that does not depend on their order."""
    return con.execute(f"SELECT count(*), bit_xor(hash(t)), sum(hash(t)::HUGEINT) FROM {table} t").fetchone()
