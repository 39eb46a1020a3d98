"""Bringing a stored table up to the temporary table `fresh`, which has its new and changed rows alone."""

from collections.abc import Sequence

from execution import engine
from execution.engine import ident
from execution.measures.relation import same_key

REWRITTEN = 0.25
"""The share of rows from which on a table is written anew; below, its rows are exchanged one by one."""


def count(con: engine.Connection, relation: str) -> int:
    """How many rows a relation has, named with its `FROM`."""
    row = con.execute(f"SELECT count(*) {relation}").fetchone()
    return int(row[0]) if row else 0


def gone(con: engine.Connection, table: str, keys: Sequence[str], rows: str) -> int:
    """How many stored rows are of nobody any more; `rows` is the SQL of everybody's keys."""
    same = same_key(keys, "s", "f")
    new = count(con, f"FROM temp.fresh f WHERE NOT EXISTS (SELECT 1 FROM {table} s WHERE {same})")
    return count(con, f"FROM {table}") + new - count(con, f"FROM ({rows})")


def replaced_sql(keys: Sequence[str], rows: str, *, gone: int) -> str:
    """The condition on stored rows that `fresh` takes the place of, those of nobody any more among them."""
    listed = ", ".join(map(ident, keys))
    replaced = f"({listed}) IN (SELECT ({listed}) FROM temp.fresh)"
    return f"{replaced} OR ({listed}) NOT IN (SELECT ({listed}) FROM ({rows}))" if gone else replaced


def exchange(con: engine.Connection, table: str, replaced: str, changed: int) -> None:
    """Put `fresh` in the place of the stored rows that `replaced` holds for; `changed` rows are new, other or gone."""
    if changed >= REWRITTEN * count(con, f"FROM {table}"):
        kept = f"SELECT * FROM {table} WHERE NOT ({replaced})"
        con.execute(f"CREATE OR REPLACE TABLE {table} AS {kept} UNION ALL BY NAME FROM temp.fresh")
        return
    con.execute(f"DELETE FROM {table} WHERE {replaced}")
    con.execute(f"INSERT INTO {table} BY NAME FROM temp.fresh")
