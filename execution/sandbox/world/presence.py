"""When people were last seen in the product: often where all goes well, not for weeks where it does not; but some who
leave come to the end, and some who stay are away for weeks."""

from itertools import pairwise

from execution.sandbox.world.accounts import Account
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.moments import DAY, HOUR, MINUTE, NEVER
from execution.sandbox.world.people import Person

Absence = tuple[int, int]
"""From when until when nobody of an account comes."""

_GAPS_H = {"growing": (7, 40), "steady": (15, 110), "stalling": (40, 150), "leaving": (30, 120), "churned": (20, 120)}
"""Hours between two visits, at least and at most."""


def absences(seed: int, account: Account, as_of: int) -> tuple[Absence, ...]:
    """An account's, in order; the last one of who leaves has no end."""
    dice, besides = Dice(seed, "presence", account.number), Dice(seed, "presence besides", account.number)
    if account.churned_at < NEVER:
        quiet = _quiet_from(dice, account, as_of)
        return ((account.churned_at if besides.happens(200) else min(quiet, account.churned_at), NEVER),)
    found = [
        (left.at - dice.between(1 * DAY, 30 * DAY), back.at)
        for left, back in pairwise(account.milestones)
        if left.stage == "churned"
    ]
    if account.course in {"growing", "steady"} and besides.happens(80):
        found.append((as_of - besides.between(15 * DAY, 50 * DAY), as_of + besides.between(1 * DAY, 20 * DAY)))
    return tuple(found)


def _quiet_from(dice: Dice, account: Account, as_of: int) -> int:
    match account.course:
        case "stalling":
            return as_of - dice.between(18 * DAY, 80 * DAY)
        case "leaving":
            return as_of - dice.between(9 * DAY, 40 * DAY)
        case "churned":
            return account.churned_at - dice.between(1 * DAY, 30 * DAY)
        case _:
            return account.churned_at


def last_seen(seed: int, person: Person, account: Account, away: tuple[Absence, ...], now: int) -> int | None:
    """The last visit up to `now`, None where there was none; `away` are the account's absences."""
    dice = Dice(seed, "visits", person.number)
    arrived = person.created + dice.between(2 * MINUTE, HOUR)
    if dice.happens(90) or arrived > now:
        return None
    if account.course == "lead":
        return None if away and arrived > away[-1][0] else arrived
    low, high = _GAPS_H[account.course]
    gap = dice.between(low * HOUR, high * HOUR)
    seen = arrived + (now - arrived) // gap * gap
    for since, until in reversed(away):
        if since < seen < until:
            if arrived > since:
                return None
            seen = arrived + (since - arrived) // gap * gap
    return seen
