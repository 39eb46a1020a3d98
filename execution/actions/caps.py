"""The cap: who waits for whose turn when more is due than may be told in so long.

Nothing is dropped. Whenever a turn is free the gravest of those that are due is told, of equals the oldest; so in no
time as long as the cap's are there more than it allows, wherever that time begins. Whose turn comes in their quiet
hours waits until these are over, and lets others go first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import heapify, heappop, heappush

from execution.actions.quiet import due_at
from execution.directives.model import Severity
from execution.directives.model.routing import Cap, Quiet


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing to be told, not before `ready_at`, to readers in some time `zones`, and to none in their quiet hours.
    `rank` is how grave it is: the smaller comes first, of equals the one whose alert is there longer (`since`)."""

    name: str
    ready_at: datetime
    rank: tuple[int, ...]
    since: datetime
    severity: Severity
    zones: tuple[str, ...]


Kind = tuple[Severity, tuple[str, ...]]
"""Turns that sleep and wake together."""

_Due = tuple[tuple[int, ...], datetime, str]


def turns(
    cap: Cap, quiet: Quiet | None, told: Iterable[datetime], waiting: Iterable[Turn]
) -> Iterator[tuple[str, str, datetime]]:
    """When each of those that wait is told, by its name and the zone of its readers, in that order; `told` are the
    turns that were taken before. Readers for whom it is night when the others are told have a turn of their own."""
    taken, known = sorted(told), {turn.name: turn for turn in waiting}
    coming = [(turn.ready_at, turn.name) for turn in known.values()]
    heapify(coming)
    due: dict[Kind, list[_Due]] = defaultdict(list)
    at = coming[0][0] if coming else datetime.min  # noqa: DTZ901 - nobody waits, nobody asks
    while coming or any(due.values()):
        while coming and coming[0][0] <= at:
            turn = known[heappop(coming)[1]]
            heappush(due[turn.severity, tuple(sorted(set(turn.zones)))], (turn.rank, turn.since, turn.name))
        at_hand = {kind: _by_hour(kind, quiet, at) for kind, turns_of in due.items() if turns_of}
        awake = [kind for kind, (zones, _end) in at_hand.items() if zones]
        if not awake:
            at = min(
                [*(first[0] for first in coming[:1]), *(end for _zones, end in at_hand.values() if end is not None)]
            )
            continue
        free_at = _free_at(cap, taken, at)
        if free_at > at:
            at = free_at
            continue
        kind = min(awake, key=lambda each: due[each][0])
        one, zones = heappop(due[kind]), at_hand[kind][0]
        if asleep := tuple(zone for zone in kind[1] if zone not in zones):
            heappush(due[kind[0], asleep], one)
        taken.append(at)
        yield from ((one[2], zone, at) for zone in zones)


@lru_cache(maxsize=4096)
def _by_hour(kind: Kind, quiet: Quiet | None, at: datetime) -> tuple[tuple[str, ...], datetime | None]:
    """The zones in which turns of a kind may be told at a moment, and when the first of the others may."""
    moments = {zone: due_at(at, quiet, zone, kind[0]) for zone in kind[1]}
    later = [moment for moment in moments.values() if moment > at]
    return tuple(zone for zone, moment in moments.items() if moment == at), min(later, default=None)


def _free_at(cap: Cap, taken: list[datetime], at: datetime) -> datetime:
    """The first moment from `at` on at which another turn is free."""
    if len(taken) < cap.alerts:
        return at
    return max(at, taken[-cap.alerts] + max(cap.per, timedelta(microseconds=1)))
