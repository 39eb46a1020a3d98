"""An account's deals over its whole story: the first sale, up to two upgrades, and the renewal to come."""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from execution.sandbox.hubspot.ids import DEALS_PER_ACCOUNT, owner_id
from execution.sandbox.hubspot.kinds import DEALS, NOWHERE, Dates, Values
from execution.sandbox.hubspot.pipelines import PROBABILITIES
from execution.sandbox.world import Account, World
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.moments import DAY, HOUR, NEVER, iso_ms

_YEAR = 365 * DAY
_WON, _LOST, _RENEWED, _NOT_RENEWED = "closedwon", "closedlost", "146001003", "146001004"
WON = frozenset({_WON, _RENEWED})
CLOSED = WON | {_LOST, _NOT_RENEWED}
_REASONS = ("Too expensive", "Chose a competitor", "No budget this year", "")


class Deal(NamedTuple):
    """One deal. `stages` are (since when, stage) in order; `amount_cents` is None where nobody has entered it."""

    slot: int
    name: str
    pipeline: str
    is_new: bool
    amount_cents: int | None
    close_at: int
    stages: tuple[tuple[int, str], ...]
    archived_at: int
    reason: str

    @property
    def created(self) -> int:
        return self.stages[0][0]

    def stage_at(self, now: int) -> str:
        """The stage it is in at `now`."""
        return [stage for at, stage in self.stages if at <= now][-1]

    def changed_at(self, now: int) -> int:
        """When it last moved."""
        return max(at for at, _ in self.stages if at <= now)


def make_deals(seed: int, account: Account, as_of: int) -> dict[int, Deal]:
    """The deals by slot; pure."""
    dice = Dice(seed, "deals", account.number)
    found = [_first_sale(dice, account), *_upgrades(dice, account), _renewal(dice, account, as_of)]
    return {deal.slot: deal for deal in found if deal is not None}


def _deal(dice: Dice, account: Account, slot: int, what: str, stages: list[tuple[int, str]], cents: int) -> Deal:
    name = account.name or account.domain or f"Account {account.number}"
    has_amount, is_deleted, is_lost = not dice.happens(80), dice.happens(15), stages[-1][1] in {_LOST, _NOT_RENEWED}
    return Deal(
        slot=slot,
        name=f"{name} - {what}",
        pipeline="75433310" if slot == 3 else "default",
        is_new=slot == 0,
        amount_cents=cents if has_amount else None,
        close_at=stages[-1][0] if stages[-1][1] in CLOSED else stages[0][0] + 60 * DAY,
        stages=tuple(stages),
        archived_at=stages[-1][0] + dice.between(20, 300) * DAY if is_deleted else NEVER,
        reason=dice.pick(_REASONS) if is_lost else "",
    )


def _first_sale(dice: Dice, account: Account) -> Deal:
    stages = [(account.started + dice.between(HOUR, 8 * HOUR), "appointmentscheduled")]
    cents = 7_900 * 12
    for milestone in account.milestones:
        if milestone.stage == "trial" and milestone.at > stages[-1][0]:
            stages += [(milestone.at, "qualifiedtobuy"), (milestone.at + 2 * DAY, "presentationscheduled")]
        elif milestone.stage == "customer" and milestone.at > stages[-1][0]:
            stages.append((milestone.at, _WON))
            cents = milestone.mrr_cents * 12
            break
    if stages[-1][1] != _WON and dice.happens(850):
        stages.append((account.started + dice.between(40, 120) * DAY, _LOST))
    return _deal(dice, account, 0, "New business", stages, cents)


def _upgrades(dice: Dice, account: Account) -> list[Deal]:
    paying = [milestone for milestone in account.milestones if milestone.stage == "customer"]
    found: list[Deal] = []
    for old, new in pairwise(paying):
        if new.mrr_cents > old.mrr_cents and len(found) < 2:
            begun = max(old.at + DAY, new.at - dice.between(10, 40) * DAY)
            if begun < new.at:
                stages = [(begun, "qualifiedtobuy"), ((begun + new.at) // 2, "contractsent"), (new.at, _WON)]
                more = (new.mrr_cents - old.mrr_cents) * 12
                found.append(_deal(dice, account, 1 + len(found), f"Upgrade to {new.plan}", stages, more))
    return found


def _renewal(dice: Dice, account: Account, as_of: int) -> Deal | None:
    """The renewal that is next as of `as_of`, or was lost when the account left."""
    paying = [milestone for milestone in account.milestones if milestone.stage == "customer"]
    if not paying or paying[0].at > as_of:
        return None
    due = paying[0].at + _YEAR * ((as_of - 30 * DAY - paying[0].at) // _YEAR + 1)
    end = account.churned_at
    if end < NEVER:
        due = min(due, end)
    begun = max(paying[0].at + DAY, due - 90 * DAY)
    if begun >= due:
        return None
    stages = [(begun, "146001001"), ((begun + due) // 2, "146001002")]
    stages.append((due, _NOT_RENEWED if end <= due else _RENEWED))
    return _deal(dice, account, 3, "Renewal", stages, account.at(begun).mrr_cents * 12)


class DealWire:
    """Up to four deals of an account, numbered by account and slot."""

    kind = DEALS

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept = lru_cache(16_384)(self._make)

    def of(self, account: int) -> dict[int, Deal]:
        """The deals of an account, by slot."""
        return self._kept(account, self._world.edits.version)

    def _make(self, account: int, _version: int) -> dict[int, Deal]:
        return make_deals(self._world.seed, self._world.account(account), self._world.as_of)

    def deal(self, number: int) -> Deal | None:
        """The deal of a number."""
        account, slot = divmod(number, DEALS_PER_ACCOUNT)
        return self.of(account).get(slot)

    def count(self) -> int:
        """Of the whole story: deals to come have no dates yet."""
        return self._world.accounts_to_come() * DEALS_PER_ACCOUNT if self._world.census.people else 0

    def dates(self, number: int) -> Dates:
        """It changes with its stage."""
        deal = self.deal(number)
        if deal is None or deal.created > self._world.now:
            return NOWHERE
        return Dates(deal.created, deal.changed_at(self._world.now), deal.archived_at, NEVER)

    def values(self, number: int) -> Values:
        """The deal's properties; closed ones keep the day they were closed."""
        deal = self.deal(number)
        assert deal is not None  # noqa: S101 - the index has the number
        world = self._world
        account = world.account(number // DEALS_PER_ACCOUNT)
        stage = deal.stage_at(world.now)
        people = len(world.census.people_of(account.number)[:2])
        return {
            "amount": None if deal.amount_cents is None else str(deal.amount_cents // 100),
            "closedate": iso_ms(deal.close_at),
            "closed_lost_reason": (deal.reason or None) if stage in CLOSED - WON else None,
            "deal_currency_code": "USD",
            "dealname": deal.name,
            "dealstage": stage,
            "dealtype": "newbusiness" if deal.is_new else "existingbusiness",
            "description": None,
            "hs_deal_stage_probability": PROBABILITIES[stage],
            "hs_is_closed": "true" if stage in CLOSED else "false",
            "hs_is_closed_won": "true" if stage in WON else "false",
            "hubspot_owner_id": str(owner_id(account.owner % len(world.team))),
            "num_associated_contacts": str(people),
            "pipeline": deal.pipeline,
        }
