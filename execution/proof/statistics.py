"""How well a score tells two groups apart: figures over counts of rows by score. Pure, exact where counts are.

A score comes as a whole number, and the lower it is the more a row is expected to have the event. Rows with the same
score are a tie and share what they are counted for, so no figure depends on the order of rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Count:
    """The rows with one score: those with the event, and the others."""

    score: int
    events: int
    others: int


@dataclass(frozen=True, slots=True)
class Totals:
    """All rows: those with the event, and the others."""

    events: int
    others: int

    @property
    def rows(self) -> int:
        return self.events + self.others

    @property
    def rate(self) -> float:
        """The share of rows with the event; 0 where there are no rows."""
        return self.events / self.rows if self.rows else 0.0


def totals(counts: Iterable[Count]) -> Totals:
    """The counts added up."""
    listed = list(counts)
    return Totals(sum(count.events for count in listed), sum(count.others for count in listed))


def auc(counts: Sequence[Count]) -> float | None:
    """Of a row with the event and one without: how often the score of the first is lower, a tie being half.

    This is the area under the ROC curve (Mann and Whitney's U over the number of pairs). None without pairs.
    """
    every = totals(counts)
    if not every.events or not every.others:
        return None
    above, doubled = every.others, 0
    for count in sorted(counts, key=lambda count: count.score):
        above -= count.others
        doubled += count.events * (2 * above + count.others)
    return float(Fraction(doubled, 2 * every.events * every.others))


def average_precision(counts: Sequence[Count]) -> float | None:
    """The mean share of events among rows of at most a score, over the events: the area under precision and recall
    as a step function. By chance it is the rate. None without events."""
    every = totals(counts)
    if not every.events:
        return None
    events = rows = 0
    area = 0.0
    for count in sorted(counts, key=lambda count: count.score):
        events += count.events
        rows += count.events + count.others
        if count.events:
            area += count.events / every.events * events / rows
    return area


def rate_in_lowest(counts: Sequence[Count], share: Fraction) -> float | None:
    """The share of events among the lowest `share` of rows; of a tie at the edge as many as belong there, at its own
    rate. None without rows."""
    every = totals(counts)
    wanted = every.rows * share
    if not wanted:
        return None
    left, events = wanted, Fraction(0)
    for count in sorted(counts, key=lambda count: count.score):
        rows = count.events + count.others
        if not rows:
            continue
        taken = min(Fraction(rows), left)
        events += taken * count.events / rows
        left -= taken
        if not left:
            break
    return float(events / wanted)


def lift(counts: Sequence[Count], share: Fraction = Fraction(1, 10)) -> float | None:
    """How many times the rate of all rows the lowest `share` of them has. None without events."""
    every, lowest = totals(counts), rate_in_lowest(counts, share)
    return lowest / every.rate if lowest is not None and every.rate else None


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of an ordered list lies, between two neighbours in proportion."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
