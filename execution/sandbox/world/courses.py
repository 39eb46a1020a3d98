"""The courses that accounts take: from first contact over a trial to growth, stall or churn, and some of them back."""

from typing import NamedTuple

from execution.sandbox.world.dice import Dice
from execution.sandbox.world.moments import DAY, HOUR

HISTORY = 900 * DAY
"""How far back the first account began."""

PLANS: tuple[tuple[str, int], ...] = (("starter", 7_900), ("growth", 19_900), ("pro", 39_900), ("enterprise", 99_000))
"""Plan and monthly price of a seat in US cents."""
ADD_ON = ("deliverability", 2_900)
"""What can be had beside any plan, and its monthly price."""

COURSES = ("growing",) * 5 + ("steady",) * 6 + ("stalling",) * 3 + ("leaving",) * 2 + ("churned",) * 2 + ("lead",) * 2

_YOUNG = 60 * DAY
_MOVED_OVER, _MOVED = 80 * DAY, 100 * DAY
"""Who came so early in the history was moved over from another biller in one night, so long after its beginning: their
subscriptions, and each of their invoices since, were made in the same second."""


class Milestone(NamedTuple):
    """From `at` on, the account is at this stage (lead, trial, customer, churned), on this plan with so many seats and
    add-ons, paying this much; `until` is when a trial is to end."""

    at: int
    stage: str
    plan: str | None
    mrr_cents: int
    seats: int = 0
    add_ons: int = 0
    until: int = 0


Story = list[Milestone]


def milestones(dice: Dice, turns: Dice, course: str, started: int, as_of: int) -> tuple[Milestone, ...]:
    """An account's story, in order of time."""
    story = _story(dice, course, started, as_of)
    if course == "lead":
        return tuple(_tried_in_vain(turns, story, as_of))
    if not is_young(started, as_of):
        story = _moved_over(story, as_of - HISTORY)
        story = _other_seats(turns, story, course, as_of)
        story = _with_add_on(turns, story, as_of)
        story = _back_again(turns, story, as_of)
    return tuple(story)


def is_young(started: int, as_of: int) -> bool:
    """Whether an account has had no time for more than to become a customer."""
    return as_of - started < _YOUNG


def _story(dice: Dice, course: str, started: int, as_of: int) -> Story:
    story = [Milestone(started, "lead", None, 0)]
    age = as_of - started
    if course == "lead":
        if dice.happens(500):
            story.append(_customer(dice, max(started, as_of) + dice.between(5 * DAY, 150 * DAY), 0))
        return story
    tried, level = started + dice.between(2 * HOUR, 6 * DAY), dice.below(3)
    converted = started + dice.between(10 * DAY, 24 * DAY)
    story += [_trial(tried, converted), _customer(dice, converted, level)]
    if is_young(started, as_of):
        return story
    if course == "growing":
        at = story[-1].at
        for higher in range(level + 1, len(PLANS)):
            at += dice.between(90 * DAY, 260 * DAY)
            story.append(_customer(dice, at, higher))
    elif course == "stalling":
        story.append(_customer(dice, as_of - dice.between(5 * DAY, age // 3), 0))
        story.append(_churned(as_of + dice.between(10 * DAY, 300 * DAY)))
    elif course == "leaving":
        story.append(_churned(as_of + dice.between(1 * DAY, 45 * DAY)))
    elif course == "churned":
        story.append(_churned(as_of - dice.between(1 * DAY, age - 30 * DAY)))
    return story


def _customer(dice: Dice, at: int, level: int) -> Milestone:
    return _paying(at, PLANS[level][0], dice.between(1, 3) if level else 1, 0)


def _paying(at: int, plan: str | None, seats: int, add_ons: int) -> Milestone:
    cents = dict(PLANS)[plan or ""] * seats + ADD_ON[1] * add_ons
    return Milestone(at, "customer", plan, cents, seats, add_ons)


def _trial(at: int, until: int) -> Milestone:
    return Milestone(at, "trial", "starter", 0, 1, until=until)


def _churned(at: int) -> Milestone:
    return Milestone(at, "churned", None, 0)


# --- turns that a story takes besides, by dice of their own ---------------------------------------


def _tried_in_vain(turns: Dice, story: Story, as_of: int) -> Story:
    """Some who never became customers had a trial, and let it end."""
    begun = story[0].at + turns.between(2 * HOUR, 6 * DAY)
    if len(story) > 1 or begun > as_of or not turns.happens(400):
        return story
    return [*story, _trial(begun, begun + 14 * DAY), _churned(begun + 14 * DAY)]


def _moved_over(story: Story, beginning: int) -> Story:
    moved = beginning + _MOVED
    is_early = story[0].at < beginning + _MOVED_OVER
    if not is_early or story[2].at > moved or any(later.at <= moved for later in story[3:]):
        return story
    return [story[0], story[2]._replace(at=moved), *story[3:]]


def _other_seats(turns: Dice, story: Story, course: str, as_of: int) -> Story:
    """A team grows or shrinks on the plan it has."""
    first = story[-1]
    room = as_of - 10 * DAY - (first.at + 60 * DAY)
    if course != "steady" or room <= 0 or not turns.happens(400):
        return story
    seats = turns.between(1, 4)
    return [*story, _paying(as_of - 10 * DAY - turns.below(room), first.plan, seats, 0)]


def _with_add_on(turns: Dice, story: Story, as_of: int) -> Story:
    """The add-on is taken at some time, and kept."""
    first = next(one for one in story if one.stage == "customer")
    room = as_of - (first.at + 30 * DAY)
    if room <= 0 or not turns.happens(140):
        return story
    at, many = first.at + 30 * DAY + turns.below(room), turns.between(1, 2)
    before = [one for one in story if one.at < at]
    after = [one if one.plan is None else _paying(one.at, one.plan, one.seats, many) for one in story if one.at >= at]
    if before[-1].stage != "customer":
        return story
    return [*before, _paying(at, before[-1].plan, before[-1].seats, many), *after]


def _back_again(turns: Dice, story: Story, as_of: int) -> Story:
    """Some who left come back after weeks or months, on the plan they had."""
    left, last = story[-1], story[-2]
    room = as_of - (left.at + 20 * DAY)
    if left.stage != "churned" or room <= 0 or not turns.happens(300):
        return story
    return [*story, _paying(left.at + 20 * DAY + turns.below(min(room, 200 * DAY)), last.plan, last.seats, 0)]
