"""Whether a table has to be written at all."""

from execution import engine


def is_same(con: engine.Connection, one: str, other: str) -> bool:
    """Whether two tables (already quoted) have the same columns, in their order, and the same rows, in any."""
    if list(engine.columns(con, f"FROM {one}").items()) != list(engine.columns(con, f"FROM {other}").items()):
        return False
    return _digest(con, one) == _digest(con, other)


def _digest(con: engine.Connection, table: str) -> tuple[object, ...] | None:
    """A sum over the rows that does not depend on their order; keys are unique, so no row hides another."""
    return con.execute(f"SELECT count(*), bit_xor(hash(t)), sum(hash(t)::HUGEINT) FROM {table} t").fetchone()
