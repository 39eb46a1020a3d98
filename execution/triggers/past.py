"""What the store knows of earlier moments, as far as rules ask for it: of scores, segments and the rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from execution import engine
from execution.directives import Program
from execution.engine import literal
from execution.health import runs
from execution.health.deltas import end_of_day

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Past:
    """As of a moment (naive UTC): the runs of every score up to then, since when each segment's history is kept, at
    which moments after that other rules applied, and when each rule was last told before."""

    as_of: datetime
    runs: Mapping[str, tuple[runs.Run, ...]]
    began: Mapping[str, datetime]
    changed: Mapping[str, tuple[datetime, ...]]
    told: Mapping[str, datetime]


def read(con: engine.Connection, as_of: datetime, scores: Iterable[str], segments: Iterable[str]) -> Past:
    """Read it of those scores and segments, and of every rule."""
    at = engine.naive_utc(as_of)
    found = {score: tuple(run for run in runs.read(con, score) if run.as_of <= at) for score in scores}
    began: dict[str, datetime] = {}
    changed: dict[str, tuple[datetime, ...]] = {}
    for segment in segments:
        rows = con.execute(
            "SELECT as_of FROM derived.segment_rules WHERE segment = ? AND as_of <= ? ORDER BY as_of", [segment, at]
        ).fetchall()
        if rows:
            began[segment], changed[segment] = rows[0][0], tuple(row[0] for row in rows[1:])
    told = con.execute(
        f"SELECT trigger, max(as_of) FROM ops.trigger_runs WHERE verdict = 'known' AND as_of < {literal(at)} GROUP BY 1"
    ).fetchall()
    return Past(at, found, began, changed, dict(told))


def moment(program: Program, as_of: datetime, window: timedelta) -> datetime:
    """So long ago, in naive UTC: of whole days the end of that day in the team's time zone, so that the hour of the
    daily run does not matter; otherwise the exact moment."""
    if window >= _DAY and window % _DAY == timedelta(0):
        return end_of_day(program, as_of, window // _DAY)
    return engine.naive_utc(as_of) - window
