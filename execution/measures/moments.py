"""Of which moment a derived table is, and from which directives: one row per table, apart from its rows.

So a table whose rows did not change is not rewritten only because time passed.
"""

from dataclasses import dataclass
from datetime import datetime

from execution import engine
from execution.engine import literal


@dataclass(frozen=True, slots=True)
class Moment:
    """`as_of` is naive UTC, as the store keeps times; `directive` is a hash."""

    as_of: datetime
    directive: str


def read(con: engine.Connection, made: str) -> Moment | None:
    """The moment of a derived table, or None where it was never made."""
    row = con.execute(f"SELECT as_of, directive FROM derived.moments WHERE made = {literal(made)}").fetchone()
    return Moment(row[0], row[1]) if row else None


def write(con: engine.Connection, made: str, moment: Moment) -> None:
    """Note the moment of a derived table, in the transaction that makes it."""
    con.execute("DELETE FROM derived.moments WHERE made = ?", [made])
    con.execute("INSERT INTO derived.moments VALUES (?, ?, ?)", [made, moment.as_of, moment.directive])
