"""What to do about an account: now, and on a day to come; each with its reason, most pressing first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from execution.context import wording
from execution.context.conversations import Conversation
from execution.context.facts import Account, Signal
from execution.context.risks import GRAVE
from execution.context.stakeholders import Relations


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, with or for whom, and why; by when, where there is a day (`with_time` where the hour counts too), or
    since when it waits."""

    what: str
    who: str
    why: str
    due: datetime | date | None = None
    since: datetime | date | None = None
    with_time: bool = False


def now(account: Account, talks: Sequence[Conversation], name_of: Callable[[str | None], str | None]) -> list[Step]:
    """What should be done whatever the day: what is on a list, answers that are owed since lately, what the health
    directives recommend, alerts that nobody has taken on, and last the answers that are owed for longer."""
    waiting = [talk for talk in talks if talk.is_waiting]
    return [
        *_on_lists(account, name_of),
        *(_answer(talk) for talk in waiting if talk.is_lately),
        *recommended(account),
        *_untaken(account),
        *(_answer(talk) for talk in waiting if not talk.is_lately),
    ]


def _on_lists(account: Account, name_of: Callable[[str | None], str | None]) -> list[Step]:
    return [
        Step(
            task.title,
            f"on the list of {name_of(task.assignee)}" if task.assignee else "on nobody's list",
            task.note or task.why or "an alert asks for it",
            task.due_at,
        )
        for task in account.tasks
    ]


def _answer(talk: Conversation) -> Step:
    about = f" about “{talk.title}”" if talk.title else ""
    return Step(f"Answer {talk.called}{about}", "open conversation", "they had the last word", since=talk.latest_at)


def _untaken(account: Account) -> list[Step]:
    """Grave alerts without a task."""
    on_lists = {task.why for task in account.tasks}
    return [
        Step("Take an alert on", f"{alert.severity}, nobody has yet", alert.message, since=alert.at)
        for alert in account.alerts
        if alert.severity in GRAVE and alert.taken_by is None and alert.message not in on_lists
    ]


def recommended(account: Account) -> list[Step]:
    """What the health directives recommend: for the account, then for each person, the lowest score first; one action
    once, with the signals that speak for it."""
    head = account.head
    found: dict[str, list[tuple[str, Sequence[Signal], str]]] = {}
    if head.standing and head.standing.action:
        found[head.standing.action] = [(head.name, head.signals, wording.standing(head.standing))]
    scored = [(p.standing.score, p.email, p.standing.action, p) for p in account.people if p.standing]
    for _, _, action, person in sorted(scored, key=lambda each: each[:2]):
        if action:
            said = (person.called, person.signals, wording.standing(person.standing))
            found.setdefault(action, []).append(said)
    return [
        Step(
            action,
            wording.names([who for who, _, _ in those]),
            "; ".join(signal.message for signal in those[0][1]) or f"health is {those[0][2]}",
        )
        for action, those in found.items()
    ]


def coming(account: Account, relations: Relations) -> list[Step]:
    """What has a day, the next one first; then what has none: who is to be heard from, and who to be got to know."""
    dated = [*_meetings(account), *_renewal(account), *_closings(account)]
    dated.sort(key=lambda step: step.due.isoformat() if step.due else "")
    quiet = [
        Step("Get back in touch", f"{each.name}, {' and '.join(each.roles).lower()}", "no word from them since then",
             since=each.last_contact_at)
        for each in relations.quiet
    ]  # fmt: skip
    gaps = [
        Step(gap.todo or "Get to know them", gap.role.lower(), "nobody here is known in that role")
        for gap in relations.gaps
    ]
    return [*dated, *quiet, *gaps]


def _meetings(account: Account) -> list[Step]:
    return [
        Step(f"{event.kind.capitalize()} “{event.title or 'without a title'}”", f"with {event.called}", "it is booked",
             event.at, with_time=True)
        for event in account.upcoming
    ]  # fmt: skip


def _renewal(account: Account) -> list[Step]:
    head = account.head
    owner = head.owner or "nobody looks after them"
    if head.is_renewal_past:
        return [Step("Settle whether they have renewed", owner, "the day of their renewal is past", head.renewal_date)]
    if head.renews_soon:
        return [Step("Prepare the renewal", owner, "the contract renews or ends that day", head.renewal_date)]
    return []


def _closings(account: Account) -> list[Step]:
    steps = []
    for deal in account.deals:
        if deal.expected_close:
            name, owner = deal.name or "a deal without a name", deal.owner or "nobody owns it"
            what = f"Close {name}, or set another day" if deal.is_overdue else f"Close {name}"
            why = "its day to close is past" if deal.is_overdue else "it should close that day"
            steps.append(Step(what, owner, why, deal.expected_close))
    return steps
