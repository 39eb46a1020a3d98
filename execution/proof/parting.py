"""Which looks weights are learned from and which they are tested on: the later ones, where there is a later."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from execution import engine
from execution.engine import literal
from execution.proof.looks import Expected

TESTED = 0.3
"""The share that is kept for the test."""
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Part:
    """How much is in a part: looks, customers, looks before an event, events; and from when to when it is."""

    looks: int
    customers: int
    looks_before_event: int
    events: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Parts:
    """The two parts. `by` says how they were told apart; in between looks are left out whose outcome lies in both."""

    learn: Part
    test: Part
    by: str

    def is_enough(self, expected: Expected) -> bool:
        """Whether each part has half of what a conclusion takes."""
        looks, events = ceil(expected.least_looks / 2), ceil(expected.least_events / 2)
        return all(
            part.looks >= looks and min(part.events, part.looks - part.looks_before_event) >= events
            for part in (self.learn, self.test)
        )


def split(con: engine.Connection, expected: Expected) -> Parts:
    """Make the temporary table `parts` (look, part, fold): by time where looks have more than one moment, else by
    customer, drawn so that both parts have like shares of events. The same looks are always split alike."""
    moments = con.execute("SELECT count(DISTINCT moment) FROM looks").fetchone()
    if moments and moments[0] > 1:
        part, by = _by_time(con, expected)
    else:
        part, by = _by_customer(), f"by customer, drawn once and for all: the table has no time ({TESTED:.0%} to test)"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE parts AS
            SELECT l.look, {part} AS part, d.place % {FOLDS} AS fold
            FROM looks l JOIN (
                SELECT
                    cluster, ever,
                    row_number() OVER (PARTITION BY ever ORDER BY md5(customer), customer) AS place,
                    count(*) OVER (PARTITION BY ever) AS all_of_them
                FROM (SELECT cluster, customer, bool_or(happened) AS ever FROM looks GROUP BY ALL)
            ) d USING (cluster)"""
    )
    return Parts(_part(con, "learn"), _part(con, "test"), by)


def _by_customer() -> str:
    return f"CASE WHEN d.place <= round(d.all_of_them * {1 - TESTED}) THEN 'learn' ELSE 'test' END"


def _by_time(con: engine.Connection, expected: Expected) -> tuple[str, str]:
    """The test begins where seven tenths of the events are over; what is learned from ends a horizon before."""
    row = con.execute(
        f"""SELECT min(moment) FROM (
            SELECT moment, sum(count(*) FILTER (happened)) OVER (ORDER BY moment) AS so_far,
                sum(count(*) FILTER (happened)) OVER () AS every
            FROM looks GROUP BY moment) WHERE so_far > every * {1 - TESTED}"""
    ).fetchone()
    begin = row[0] if row and row[0] else datetime(1970, 1, 1)  # noqa: DTZ001 - the store keeps naive UTC
    until = begin - timedelta(days=expected.horizon_days or 0)
    is_learned = f"l.moment <= {literal(until)}" if expected.horizon_days else f"l.moment < {literal(begin)}"
    part = f"CASE WHEN l.moment >= {literal(begin)} THEN 'test' WHEN {is_learned} THEN 'learn' END"
    gap = f", {expected.horizon_days} days apart" if expected.horizon_days else ""
    return part, f"by time: tested on what came from {begin:%Y-%m-%d} on{gap}"


def _part(con: engine.Connection, part: str) -> Part:
    row = con.execute(
        """SELECT
            count(*), count(DISTINCT cluster), count(*) FILTER (happened),
            count(DISTINCT (cluster, happened_at)) FILTER (happened), min(moment), max(moment)
        FROM looks JOIN parts USING (look) WHERE part = ?""",
        [part],
    ).fetchone()
    return Part(*(row or (0, 0, 0, 0, None, None)))
