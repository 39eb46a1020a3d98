"""How many records of each stream were new, changed or gone on each day: a row of the raw tables has only its last
change."""

from datetime import datetime

from execution import engine


def note(con: engine.Connection, source: str, stream: str, now: datetime, counts: tuple[int, int, int]) -> None:
    """Add (new, changed, deleted) records to the day of `now`, in the transaction that writes them."""
    stamp = engine.naive_utc(now)
    day = [source, stream, stamp.date()]
    before = con.execute(
        "SELECT new, changed, deleted FROM meta.volumes WHERE source = ? AND stream = ? AND day = ?", day
    ).fetchone()
    con.execute("DELETE FROM meta.volumes WHERE source = ? AND stream = ? AND day = ?", day)
    summed = [one + other for one, other in zip(before or (0, 0, 0), counts, strict=True)]
    con.execute("INSERT INTO meta.volumes VALUES (?, ?, ?, ?, ?, ?)", [*day, *summed])
