"""How a score did on the looks it was made for: every figure of a backtest, out of the table of its scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from execution import engine
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.proof import looks, statistics
from execution.proof.looks import Expected
from execution.proof.resampling import Interval, auc_interval
from execution.proof.statistics import Count

Verdict = Literal["signal", "no signal", "backwards", "not enough"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is to judge by: looks with a score and looks without one, customers, looks after which the event
    came, and events. One event may come after several looks."""

    looks: int
    unscored: int
    customers: int
    looks_before_event: int
    events: int

    @property
    def rate(self) -> float:
        """The share of looks after which the event came."""
        return self.looks_before_event / self.looks if self.looks else 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a score tells apart: its AUC with the interval, average precision (by chance it is the rate), and how
    many times the rate the tenth of looks with the lowest scores has."""

    auc: float
    interval: Interval
    average_precision: float
    lift: float


@dataclass(frozen=True, slots=True)
class BandRate:
    """One band, None for looks without a label: how many looks lay in it, and after how many the event came."""

    band: str | None
    least: float | None
    looks: int
    events: int

    @property
    def rate(self) -> float:
        """The share of its looks after which the event came."""
        return self.events / self.looks if self.looks else 0.0


@dataclass(frozen=True, slots=True)
class Warned:
    """What the score said of events at the last look before: how many were in the best band, and for how many days
    those that were not had been out of it when the event came."""

    band: str
    events: int
    green: int
    median_days: float | None
    with_days: int


@dataclass(frozen=True, slots=True)
class Alone:
    """One component by itself: the share of looks where it is known, its AUC there, if there is any, and the points
    that it gives to all of them alike, if it does (in thousandths)."""

    component: str
    known: float
    auc: float | None
    same_milli: int | None = None


def sizes(con: engine.Connection, table: str) -> Sizes:
    """How much there is in the table of a score."""
    row = con.execute(
        f"""SELECT
            count(*) FILTER (s.rank IS NOT NULL), count(*) FILTER (s.rank IS NULL),
            count(DISTINCT s.cluster) FILTER (s.rank IS NOT NULL),
            count(*) FILTER (s.happened AND s.rank IS NOT NULL),
            count(DISTINCT (s.cluster, l.happened_at)) FILTER (s.happened AND s.rank IS NOT NULL)
        FROM {ident(table)} s JOIN looks l USING (look)"""
    ).fetchone()
    return Sizes(*(row or (0, 0, 0, 0, 0)))


def is_enough(found: Sizes, expected: Expected) -> bool:
    """Whether anything can be concluded from so much."""
    others = found.looks - found.looks_before_event
    return found.looks >= expected.least_looks and min(found.events, others) >= expected.least_events


def figures(con: engine.Connection, table: str) -> Figures:
    """How well the score in a table tells apart; both kinds of look must be there."""
    counted = counts(con, table)
    found = statistics.auc(counted)
    precision = statistics.average_precision(counted)
    lift = statistics.lift(counted)
    if found is None or precision is None or lift is None:
        raise ValueError("a score is judged by looks of both kinds")
    return Figures(found, auc_interval(con, ident(table), "rank", found), precision, lift)


def counts(con: engine.Connection, table: str) -> list[Count]:
    """The looks by what they were scored, the most expected first."""
    rows = con.execute(
        f"SELECT rank, count(*) FILTER (happened), count(*) FILTER (NOT happened) FROM {ident(table)} "
        "WHERE rank IS NOT NULL GROUP BY rank ORDER BY rank"
    )
    return [Count(*row) for row in rows.fetchall()]


def verdict(interval: Interval) -> Verdict:
    """What an AUC's interval lets conclude, at the level of one in a hundred."""
    if interval.is_above(0.5):
        return "signal"
    return "backwards" if interval.is_below(0.5) else "no signal"


def bands(con: engine.Connection, table: str, health: Health) -> tuple[BandRate, ...]:
    """Every band, best first, then the looks that have no label."""
    rows = con.execute(
        f"SELECT band, count(*), count(*) FILTER (happened) FROM {ident(table)} WHERE rank IS NOT NULL GROUP BY band"
    ).fetchall()
    found = {band: (looked, events) for band, looked, events in rows}
    ordered = sorted(health.bands.items(), key=lambda item: -item[1])
    listed = [BandRate(band, least, *found.get(band, (0, 0))) for band, least in ordered]
    listed += [BandRate(band, None, *found[band]) for band in found if band is not None and band not in health.bands]
    return (*listed, BandRate(None, None, *found[None])) if None in found else tuple(listed)


def out_of_order(rates: Sequence[BandRate], expected: Expected) -> list[tuple[str, str]]:
    """Pairs of neighbouring bands, the better first, of which the worse had the event less often."""
    known = [rate for rate in rates if rate.band is not None and rate.least is not None and rate.looks]
    if expected.foretold_by == "high score":
        known.reverse()
    return [(str(a.band), str(b.band)) for a, b in pairwise(known) if a.rate > b.rate]


def warned(con: engine.Connection, table: str, health: Health) -> Warned | None:
    """What the score said before the events; None where none of the looks before one has a label.

    A score's warning begins with the first look of an unbroken row outside the best band that ends in the event.
    """
    best = max(health.bands, key=lambda band: health.bands[band])
    row = con.execute(
        f"""WITH seen AS (
            SELECT l.cluster, l.moment, l.happened, l.happened_at, s.band = {literal(best)} AS is_green
            FROM looks l JOIN {ident(table)} s USING (look) WHERE s.band IS NOT NULL
        ),
        events AS (
            SELECT cluster, happened_at, max(moment) AS moment FROM seen WHERE happened GROUP BY cluster, happened_at
        ),
        warnings AS (
            SELECT
                e.cluster, e.happened_at,
                bool_or(s.is_green) FILTER (s.moment IS NOT DISTINCT FROM e.moment) AS was_green,
                max(s.moment) FILTER (s.is_green) AS last_green
            FROM events e
            JOIN seen s ON s.cluster = e.cluster AND (s.moment <= e.moment OR e.moment IS NULL)
            GROUP BY ALL
        ),
        begun AS (
            SELECT w.was_green, w.happened_at, min(s.moment) AS since
            FROM warnings w LEFT JOIN seen s ON NOT w.was_green AND s.cluster = w.cluster
                AND s.moment < w.happened_at AND (w.last_green IS NULL OR s.moment > w.last_green)
            GROUP BY w.cluster, w.happened_at, w.was_green
        )
        SELECT
            count(*), count(*) FILTER (was_green),
            median(date_diff('second', since, happened_at)) FILTER (NOT was_green) / 86400.0,
            count(date_diff('second', since, happened_at)) FILTER (NOT was_green)
        FROM begun"""
    ).fetchone()
    events, green, days, with_days = row or (0, 0, None, 0)
    return Warned(best, events, green, days, with_days) if events else None


def alone(con: engine.Connection, health: Health, expected: Expected) -> tuple[Alone, ...]:
    """Every component by itself."""
    found = []
    for name in health.components:
        looks.score(con, looks.only(health, name), expected, "scored_alone")
        row = con.execute(
            "SELECT count(rank), count(*), min(score_milli), max(score_milli) FROM scored_alone"
        ).fetchone()
        known, rows, least, most = row or (0, 0, None, None)
        same = least if known > 1 and least == most else None
        found.append(Alone(name, known / rows if rows else 0.0, statistics.auc(counts(con, "scored_alone")), same))
    con.execute("DROP TABLE IF EXISTS scored_alone")
    return tuple(found)
