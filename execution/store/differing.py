"""Whether a table has to be written at all."""

from collections.abc import Mapping

from execution import engine


def is_same(con: engine.Connection, one: str, other: str, columns: Mapping[str, str] | None = None) -> bool:
    """Whether two tables (already quoted) have the same columns, in their order, and the same rows, in any.

    `columns` are those of the other, where they are at hand.
    """
    known = engine.columns(con, f"FROM {other}") if columns is None else columns
    if list(engine.columns(con, f"FROM {one}").items()) != list(known.items()):
        return False
    mine, theirs = con.execute(f"{_digest(one)} UNION ALL {_digest(other)}").fetchall()
    return bool(mine == theirs)


def _digest(table: str) -> str:
    """A sum over the rows that does not depend on their order; keys are unique, so no row hides another."""
    return f"SELECT count(*), bit_xor(hash(t)), sum(hash(t)::HUGEINT) FROM {table} t"
