"""When people were last seen in the product: often where all goes well, not for weeks where it does not."""

from execution.sandbox.world.accounts import Account
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.moments import DAY, HOUR, MINUTE, NEVER
from execution.sandbox.world.people import Person

_GAPS_H = {"growing": (7, 40), "steady": (15, 110), "stalling": (40, 150), "leaving": (30, 120), "churned": (20, 120)}
"""Hours between two visits, at least and at most."""


def quiet_from(seed: int, account: Account, as_of: int) -> int:
    """From when on nobody of an account comes any more, NEVER where they go on."""
    dice = Dice(seed, "presence", account.number)
    if account.churned_at == NEVER:
        return NEVER
    match account.course:
        case "stalling":
            return as_of - dice.between(18 * DAY, 80 * DAY)
        case "leaving":
            return as_of - dice.between(9 * DAY, 40 * DAY)
        case "churned":
            return account.churned_at - dice.between(1 * DAY, 30 * DAY)
        case _:
            return account.churned_at


def last_seen(seed: int, person: Person, account: Account, quiet: int, now: int) -> int | None:
    """The last visit up to `now`, None where there was none; `quiet` is the account's (see `quiet_from`)."""
    dice = Dice(seed, "visits", person.number)
    arrived = person.created + dice.between(2 * MINUTE, HOUR)
    if dice.happens(90) or arrived > now or arrived > quiet:
        return None
    if account.course == "lead":
        return arrived
    low, high = _GAPS_H[account.course]
    gap = dice.between(low * HOUR, high * HOUR)
    return arrived + (min(now, quiet) - arrived) // gap * gap
