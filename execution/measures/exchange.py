"""Bringing a stored table up to the temporary table `fresh`, which has its new and changed rows alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from execution import engine
from execution.engine import ident
from execution.measures.relation import same_key

REWRITTEN = 0.25
"""The share of rows from which on a table is written anew; below, its rows are exchanged one by one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How many rows are `stored`, how many `fresh` ones are new or other, and how many stored ones are of nobody any
    more (`gone`)."""

    stored: int
    fresh: int
    gone: int

    @property
    def is_none(self) -> bool:
        return not (self.fresh or self.gone)


def difference(con: engine.Connection, table: str, keys: Sequence[str], fresh: int, everybody: int) -> Difference:
    """What is between a stored table and what it should be: `fresh` rows, of `everybody` as many as there are now."""
    same = same_key(keys, "s", "f")
    new = f"(SELECT count(*) FROM temp.fresh f WHERE NOT EXISTS (SELECT 1 FROM {table} s WHERE {same}))"
    row = con.execute(f"SELECT count(*), {new if fresh else 0} FROM {table}").fetchone()
    stored, added = row or (0, 0)
    return Difference(stored, fresh, stored + added - everybody)


def replaced_sql(keys: Sequence[str], rows: str, *, gone: int) -> str:
    """The condition on stored rows that `fresh` takes the place of, those of nobody any more among them."""
    listed = ", ".join(map(ident, keys))
    replaced = f"({listed}) IN (SELECT ({listed}) FROM temp.fresh)"
    return f"{replaced} OR ({listed}) NOT IN (SELECT ({listed}) FROM ({rows}))" if gone else replaced


def exchange(con: engine.Connection, table: str, replaced: str, differs: Difference) -> None:
    """Put `fresh` in the place of the stored rows that `replaced` holds for."""
    if differs.fresh + differs.gone >= REWRITTEN * differs.stored:
        kept = f"SELECT * FROM {table} WHERE NOT ({replaced})"
        con.execute(f"CREATE OR REPLACE TABLE {table} AS {kept} UNION ALL BY NAME FROM temp.fresh")
        return
    con.execute(f"DELETE FROM {table} WHERE {replaced}")
    con.execute(f"INSERT INTO {table} BY NAME FROM temp.fresh")
