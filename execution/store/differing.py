"""Whether a table has to be written at all."""

from execution import engine


def is_same(con: engine.Connection, one: str, other: str) -> bool:
    """Whether two tables (already quoted) have the same columns, in their order, and the same rows, in any."""
    if list(engine.columns(con, f"FROM {one}").items()) != list(engine.columns(con, f"FROM {other}").items()):
        return False
    return has_same_rows(con, one, other)


def has_same_rows(con: engine.Connection, one: str, other: str) -> bool:
    """The same of tables whose columns are known to be the same."""
    mine, theirs = con.execute(f"{_digest(one)} UNION ALL {_digest(other)}").fetchall()
    return bool(mine == theirs)


def _digest(table: str) -> str:
    """A sum over the rows that does not depend on their order; keys are unique, so no row hides another."""
    return f"SELECT count(*), bit_xor(hash(t)), sum(hash(t)::HUGEINT) FROM {table} t"
