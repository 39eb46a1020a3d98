"""How many records a stream had on a day, against the days before it: by median and median deviation, which a few
wild days do not move."""

from dataclasses import dataclass
from datetime import date, datetime

from execution import engine, store
from execution.directives import Program
from execution.directives.model.quality import Anomaly, Counted
from execution.store.stored import Stored

COUNTED: tuple[Counted, ...] = ("new", "changed", "deleted")

_SCALE = 1.4826
"""The deviation of a normal distribution is so many times its median deviation."""


@dataclass(frozen=True, slots=True)
class Odd:
    """One stream's records of one kind on one day. `median` and `low` to `high` are of the days before it; they are
    None where these are too few for a judgement, and then it is not odd."""

    source: str
    stream: str
    counted: Counted
    day: date
    records: int
    days: int
    median: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_known(self) -> bool:
        return self.low is not None and self.high is not None

    @property
    def is_odd(self) -> bool:
        return self.low is not None and self.high is not None and not self.low <= self.records <= self.high

    def __str__(self) -> str:
        usual = (
            f"usually {self.median:g}, from {self.low:.0f} to {self.high:.0f}"
            if self.is_known
            else (f"not enough history: {self.days} days")
        )
        return f"{self.source}/{self.stream} {self.day:%Y-%m-%d}: {self.records:,} {self.counted} ({usual})"


def odd_days(
    con: engine.Connection, program: Program, check: Anomaly, as_of: datetime, stored: Stored | None = None
) -> tuple[Odd, ...]:
    """The last day that has ended by `as_of`, of every stream that was ever read, for everything that is counted.

    The day on which a stream was first read counts for nothing: everything was new then. A day without a row had no
    such record. `stored` is what the store has, where that is at hand.
    """
    if not counts_volumes(con, stored):
        return ()
    wanted = check.sources or tuple(sorted(name for name, source in program.sources.items() if source.enabled))
    asked = check.counts or COUNTED
    sql = _SQL.format(**{part: ", ".join(map(text.format, asked)) for part, text in _COUNTED.items()})
    found = []
    rows = con.execute(sql, {"today": engine.naive_utc(as_of).date(), "days": check.days})
    for source, stream, day, days, *figures in rows.fetchall():
        if source in wanted and stream in program.sources[source].streams:
            for counted, *known in zip(asked, figures[::3], figures[1::3], figures[2::3], strict=True):
                records, median, deviation = known
                found.append(_judged(check, (source, stream, counted), day, (records, days), (median, deviation)))
    return tuple(sorted(found, key=lambda odd: (odd.source, odd.stream, COUNTED.index(odd.counted))))


def counts_volumes(con: engine.Connection, stored: Stored | None = None) -> bool:
    """Whether this store counts volumes: one published before they were does not."""
    return bool(stored.columns("meta.volumes")) if stored else store.has_table(con, "meta", "volumes")


def _judged(
    check: Anomaly, of: tuple[str, str, Counted], day: date, figures: tuple[int, int], spread: tuple[float, float]
) -> Odd:
    (records, days), (median, deviation) = figures, spread
    if days < check.minimum:
        return Odd(*of, day, records, days)
    room = max(float(check.deviations) * _SCALE * deviation, float(check.least))
    return Odd(*of, day, records, days, median, max(median - room, 0.0), median + room)


_SQL = """
WITH begun AS (SELECT source, stream, min(day) AS first FROM meta.volumes WHERE day < $today GROUP BY ALL),
days AS (
    SELECT source, stream, unnest(generate_series(
        greatest(first + 1, $today::DATE - 1 - $days::INTEGER), $today::DATE - 1, INTERVAL 1 DAY))::DATE AS day
    FROM begun
),
counted AS (
    SELECT d.source, d.stream, d.day, {counted}
    FROM days d LEFT JOIN meta.volumes v ON v.source = d.source AND v.stream = d.stream AND v.day = d.day
),
usual AS (
    SELECT source, stream, count(*) AS days, {usual}
    FROM counted WHERE day < $today::DATE - 1 GROUP BY ALL
)
SELECT c.source, c.stream, c.day, coalesce(u.days, 0), {told}
FROM counted c LEFT JOIN usual u USING (source, stream)
WHERE c.day = $today::DATE - 1
ORDER BY ALL
"""
_COUNTED = {
    "counted": 'coalesce(v."{0}", 0) AS "{0}"',
    "usual": 'median("{0}")::DOUBLE AS {0}_median, mad("{0}"::DOUBLE) AS {0}_deviation',
    "told": 'c."{0}", coalesce({0}_median, 0), coalesce({0}_deviation, 0)',
}
"""What is asked of each kind of record."""
