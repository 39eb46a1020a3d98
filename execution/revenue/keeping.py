"""Storing what is worked out: a table is written only where something in it changed."""

from execution import engine, store
from execution.engine import ident
from execution.store.stored import Stored


def keep(con: engine.Connection, table: str, known: Stored) -> bool:
    """Make the temporary table the stored `derived.<table>` where their columns or rows differ; whether they did.

    The temporary table has the same name, and is gone after. In a transaction of its own. `known` is what the store
    has.
    """
    fresh, stored = ident("temp", table), ident("derived", table)
    differs = not (known.columns(f"derived.{table}") and store.is_same(con, fresh, stored))
    if differs:
        with store.change(con):
            con.execute(f"CREATE OR REPLACE TABLE {stored} AS FROM {fresh}")
    con.execute(f"DROP TABLE {fresh}")
    return differs
