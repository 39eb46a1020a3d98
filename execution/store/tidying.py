"""Joining the pieces that many small runs leave of a table.

By default DuckDB looks for row groups to join at every checkpoint, so any small commit may take the second or two that
rewriting a whole table does. Here that waits until many changes have come together.
"""

from datetime import UTC, datetime

from execution import engine

EVERY = 200
"""Changes of the store after which it is tidied: some twenty runs of a few streams."""

_STEP = "tidy"


def tidy_now_and_then(con: engine.Connection, changes: int) -> None:
    """Have the next checkpoint of the store, current on `con`, join what lies in pieces, if enough has changed."""
    row = con.execute("SELECT made_from FROM meta.steps WHERE step = ?", [_STEP]).fetchone()
    if changes < EVERY + (int(row[0]) if row else 0):
        return
    with engine.transaction(con):  # without a change there would be no checkpoint
        con.execute("DELETE FROM meta.steps WHERE step = ?", [_STEP])
        now = engine.naive_utc(datetime.now(UTC))
        con.execute("INSERT INTO meta.steps VALUES (?, ?, ?)", [_STEP, str(changes), now])
    with engine.joining_pieces(con):
        con.execute("CHECKPOINT store")
