"""What an account's people write to our support, what they are told, and how they rate it; pure."""

from bisect import bisect_right
from typing import NamedTuple

from execution.sandbox.world.accounts import FUTURE, Account
from execution.sandbox.world.dice import Dice
from execution.sandbox.world.ledger import Ledger
from execution.sandbox.world.moments import DAY, HOUR, MINUTE, NEVER, SECOND
from execution.sandbox.world.people import Person
from execution.sandbox.world.talk import ANSWERS, REMARKS_BY_RATING, TOPICS

_MOST = 40
_GAPS = {"growing": (50, 160), "steady": (60, 200), "stalling": (35, 110), "leaving": (25, 80), "churned": (30, 100)}
"""Days between two conversations, at least and at most."""
_RATINGS = {"growing": (4, 5), "steady": (3, 5), "stalling": (2, 4), "leaving": (1, 3), "churned": (1, 3)}
_EVERYDAY = ("question", "question", "bug", "feature", "meeting")
_WEEK = 7 * DAY


class Part(NamedTuple):
    """One entry of a conversation. `author` is user, admin or bot; `kind` comment, assignment, note or close."""

    at: int
    author: str
    kind: str
    text: str | None

    @property
    def is_answer(self) -> bool:
        """Whether it is a word of ours to the customer."""
        return self.author == "admin" and self.kind == "comment"


class Conversation(NamedTuple):
    """One conversation; `person` began it. Rating 0 is none. `admin` is a number to be taken modulo the team."""

    account: int
    number: int
    person: int
    created: int
    topic: str
    channel: str
    subject: str
    text: str
    parts: tuple[Part, ...]
    admin: int
    rating: int
    rated_at: int
    remark: str | None

    def parts_at(self, now: int) -> tuple[Part, ...]:
        """The entries there are at `now`."""
        return self.parts[: bisect_right(self.parts, now, key=lambda part: part.at)]

    def updated_at(self, now: int) -> int:
        """The last entry or rating up to `now`."""
        there = self.parts_at(now)
        last = there[-1].at if there else self.created
        return max(last, self.rated_at) if self.rated_at <= now else last

    def replied_at(self, now: int) -> int:
        """When somebody of the account last wrote."""
        written = [part.at for part in self.parts_at(now) if part.author == "user"]
        return written[-1] if written else self.created

    def is_open_at(self, now: int) -> bool:
        """Whether the last word was not that it is closed."""
        there = self.parts_at(now)
        return not (there and there[-1].kind == "close")


def make_conversations(
    seed: int, account: Account, ledger: Ledger, people: list[Person], as_of: int
) -> tuple[Conversation, ...]:
    """All conversations of an account, by when they began; pure."""
    dice = Dice(seed, "support", account.number)
    begun = [*_everyday(dice, account, as_of), *_telling(seed, dice, account, ledger, as_of)]
    found = []
    for number, (at, topic) in enumerate(sorted(begun)[-_MOST:]):
        there = [person for person in people if person.created < at] or people[:1]
        person = there[0] if dice.happens(650) else dice.pick(there)
        found.append(_conversation(dice, account, (number, person.number), at, topic))
    return tuple(found)


def _everyday(dice: Dice, account: Account, as_of: int) -> list[tuple[int, str]]:
    """Questions, bugs, wishes: as they come."""
    at = account.started + dice.between(HOUR, 20 * DAY)
    if account.course == "lead":
        return [(at, "question")] if dice.happens(400) else []
    low, high = _GAPS[account.course]
    found = []
    while at < min(account.churned_at, as_of + FUTURE):
        topic = dice.pick(_EVERYDAY)
        if account.at(at).stage != "churned":
            found.append((at, topic))
        at += dice.between(low * DAY, high * DAY)
    return found


def _telling(seed: int, dice: Dice, account: Account, ledger: Ledger, as_of: int) -> list[tuple[int, str]]:
    """What people write when it goes badly: before they leave, unless they do so silently, when they cannot pay, when
    they are disappointed."""
    found = []
    own = ledger.subscriptions[:1]
    failed = ledger.failing_since(as_of)
    is_silent = Dice(seed, "silence", account.number).happens(250)
    if failed < NEVER:
        found.append((failed + dice.between(HOUR, 2 * DAY), "billing"))
    elif own and own[0].ends_at < NEVER and account.course in {"churned", "leaving"}:
        heard = min(own[0].asked_at, own[0].ends_at)
        at = max(account.started + DAY, heard - dice.between(HOUR, 9 * DAY))
        found += [] if is_silent else [(at, "cancel")]
    if account.course == "stalling" and dice.happens(600):
        found.append((as_of - dice.between(4 * DAY, 60 * DAY), "complaint"))
    if account.course == "growing" and dice.happens(500):
        found.append((as_of - dice.between(2 * DAY, 120 * DAY), "praise"))
    return [(at, topic) for at, topic in found if at > account.started]


def _conversation(dice: Dice, account: Account, who: tuple[int, int], at: int, topic: str) -> Conversation:
    at += dice.below(SECOND)
    subject, text, follow_up = dice.pick(TOPICS[topic])
    turn = at + dice.between(2 * MINUTE, 9 * HOUR)
    parts = [
        Part(at + 20 * SECOND, "bot", "assignment", None),
        Part(turn, "admin", "comment", dice.pick(ANSWERS[topic])),
    ]
    for _ in range(dice.below(3)):
        turn += dice.between(5 * MINUTE, 20 * HOUR)
        parts.append(Part(turn, "user", "comment", follow_up))
        turn += dice.between(5 * MINUTE, 12 * HOUR)
        parts.append(Part(turn, "admin", "comment", dice.pick(ANSWERS[topic])))
    if dice.happens(150):
        parts.append(Part(turn + MINUTE, "admin", "note", f"Spoke to {account.name or 'them'}, see the last call."))
    rating, rated_at = 0, NEVER
    if not dice.happens(180):
        turn += dice.between(HOUR, 3 * DAY)
        parts.append(Part(turn, "admin", "close", None))
        if dice.happens(560):
            low, high = _RATINGS.get(account.course, (3, 5)) if account.churned_at < NEVER else (4, 5)
            low, high = (1, 2) if topic in {"cancel", "complaint"} else (low, high)
            rating, rated_at = dice.between(low, high), turn + dice.between(MINUTE, 4 * HOUR)
    elif turn < at + _WEEK and dice.happens(500):
        # some that nobody closed come back weeks later, which is what a sync by creation date never sees
        parts.append(Part(turn + dice.between(8 * DAY, 30 * DAY), "user", "comment", follow_up))
    remark = REMARKS_BY_RATING[rating] if rating and dice.happens(400) else None
    channel = "email" if dice.happens(300) else "conversation"
    number, person = who
    admin = account.owner + dice.below(2)
    return Conversation(
        account.number, number, person, at, topic, channel, subject, text, tuple(parts), admin, rating, rated_at, remark
    )
