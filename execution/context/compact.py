"""The compact brief of an account: what is said, in which words, and how it is kept within its budget of tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from execution.context.accounts import CUT, Account, Happening, Override, Signal, Standing
from execution.files.managed import AS_OF
from execution.files.quoting import Markdown, inline

GRAVITY = ("critical", "high", "medium", "low")

_SIZES = (CUT, 15, 10, 6, 4, 2, 1)
_CLOSING = "… the rest does not fit the budget of this brief"


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a file is written for: the team's zone and currency, and the moment."""

    zone: ZoneInfo
    currency: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Risk:
    """A signal, with the people it holds for."""

    severity: str
    message: str
    who: str


@dataclass(frozen=True, slots=True)
class Priority:
    """A recommended action, for whom, and the signals that speak for it."""

    what: str
    who: str
    why: str


def tokens(text: str) -> int:
    """How many tokens a text has at most, near enough: three ASCII characters make one at least, other scripts take
    up to one for every two bytes."""
    short = len(text) if text.isascii() else len(text.encode("ascii", "ignore"))
    return -(-short // 3) + (len(text.encode("utf-8", "replace")) - short) // 2


def fit(render: Callable[[int], str], budget: int) -> str:
    """The fullest text within the budget. `render` takes how many items each list may have."""
    text = ""
    for size in _SIZES:
        text = render(size)
        if tokens(text) <= budget:
            return text
    lines = text.splitlines()
    while lines and tokens("\n".join([*lines, _CLOSING])) > budget:
        lines.pop()
    return "\n".join([*_closed(lines), "", _CLOSING]) + "\n"


def _closed(lines: list[str]) -> list[str]:
    """Lines cut anywhere, without a code block left open."""
    return [*lines, "```"] if sum(line.startswith("```") for line in lines) % 2 else lines


def values(account: Account, place: Place, size: int) -> dict[str, Any]:
    """Everything the template names."""
    return {
        "account": account,
        "as_of": Markdown(f"{AS_OF}{moment(place, place.as_of)}, when a fact in this block last changed."),
        "health": health_line(account),
        "held": held(account.override) if account.override else None,
        "no_call": Markdown("none booked") if account.is_calendar_known else None,
        "risks": risks(account),
        "priorities": priorities(account),
        "words": words(account),
        "query": query_for(account),
        "standing": standing,
        "day": lambda at: day(place, at),
        "moment": lambda at: moment(place, at),
        "money": lambda amount, currency=place.currency: money(amount, currency),
        "known_of": known_of,
        "cut": lambda items: items[:size],
        "more": lambda items, total: more(len(items[:size]), total),
    }


def health_line(account: Account) -> Markdown:
    """Where the account stands as a whole, with how far that can be relied on, and where its weakest person does."""
    found = account.standing or account.weakest
    if found is None:
        return inline(None)
    parts: list[str] = [standing(found)]
    if found.band and found.low < found.high:
        parts.append(f"between {points(found.low)} and {points(found.high)} once all is known")
    parts.append(f"{found.coverage:.0%} of the weight known")
    if found.churn_risk is not None:
        parts.append(f"churn risk {points(found.churn_risk)}")
    if account.people_count > 1:
        parts.append(_of_people(account))
    return Markdown("; ".join(parts))


def _of_people(account: Account) -> str:
    """How the weakest of several people stands, where the line before speaks of the account as a whole."""
    enough = f"{account.people_count} people, of whom {account.people_with_band} have enough data"
    weakest = account.weakest
    if account.standing is None or weakest is None:
        return f"the lowest of {enough}"
    who = next((person.name for person in account.people if person.email == weakest.of), None) or weakest.of
    return f"the lowest of {enough}: {inline(who)}, {standing(weakest)}"


def held(override: Override) -> Markdown:
    """What somebody says the health is: `at risk`, or `20/100`."""
    if override.band is not None:
        return inline(override.band.replace("_", " "))
    return inline(None) if override.score is None else Markdown(f"{points(override.score)}/100")


def standing(score: Standing | None) -> Markdown:
    """`44.5/100, high risk`; without a band only the range, since the score itself would say too much."""
    if score is None:
        return inline(None)
    if score.band is None:
        return Markdown(f"not enough data, between {points(score.low)} and {points(score.high)} of 100")
    return Markdown(f"{points(score.score)}/100, {inline(score.band.replace('_', ' '))}")


def risks(account: Account) -> list[Risk]:
    """Every signal once, gravest first, with whom it holds for: the account as a whole before its people."""
    holders: dict[tuple[int, str, str], list[str]] = {}
    of_all = [(account.name, signal) for signal in account.signals]
    for who, signal in of_all + [(p.name or p.email, signal) for p in account.people for signal in p.signals]:
        holders.setdefault((GRAVITY.index(signal.severity), signal.type, signal.message), []).append(who)
    return [
        Risk(GRAVITY[gravity], message, names(who))
        for (gravity, _, message), who in sorted(holders.items(), key=lambda h: h[0])
    ]


def priorities(account: Account) -> list[Priority]:
    """What the health directives recommend: for the account, then for each person, the lowest score first; one action
    once."""
    found: dict[str, list[tuple[str, Sequence[Signal]]]] = {}
    if account.standing and account.standing.action:
        found[account.standing.action] = [(account.name, account.signals)]
    scored = [(p.standing.score, p.email, p.standing.action, p) for p in account.people if p.standing]
    for _, _, action, person in sorted(scored, key=lambda each: each[:2]):
        if action:
            found.setdefault(action, []).append((person.name or person.email, person.signals))
    return [
        Priority(what, names([who for who, _ in those]), "; ".join(signal.message for signal in those[0][1]))
        for what, those in found.items()
    ]


def names(who: Sequence[str]) -> str:
    """`Ada, Bob, … 3 more`."""
    return ", ".join([*who[:3], *([f"… {len(who) - 3} more"] if len(who) > 3 else [])])


def words(account: Account) -> list[str]:
    """What people outside wrote: their answers, then why they called things off; each line says who."""
    said = [f"{p.name or p.email}, {about}: {text}" for p in account.people for about, text in p.words]
    happened: tuple[Happening, ...] = (*account.recent, *account.upcoming)
    return said + [f"{e.name or e.email}, {e.kind} {e.at:%Y-%m-%d}: {e.detail}" for e in happened if e.detail]


def query_for(account: Account) -> str:
    """The question that gives the figures behind a brief."""
    column, key = ("company_domain", account.domain) if account.domain else ("email", account.key)
    value = key.replace("'", "''") if key else ""
    return f"gtm query \"select * from unified_customers where {column} = '{value}'\""


def day(place: Place, at: datetime | date | None) -> Markdown:
    """The day in the team's zone. A stored time is naive UTC; a date has no zone."""
    if at is None:
        return inline(None)
    return Markdown(f"{(_local(place, at) if isinstance(at, datetime) else at):%Y-%m-%d}")


def moment(place: Place, at: datetime | None) -> Markdown:
    """The minute in the team's zone, which is named."""
    return inline(None) if at is None else Markdown(f"{_local(place, at):%Y-%m-%d %H:%M} {place.zone.key}")


def _local(place: Place, at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(place.zone)


def money(amount: Decimal | None, currency: str | None) -> Markdown:
    """`USD 1,200`, with cents only where there are any."""
    if amount is None:
        return inline(None)
    figure = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return Markdown(f"{inline(currency) if currency else 'currency not captured,'} {figure}")


def points(value: Decimal | float) -> str:
    """A score without needless zeros."""
    return f"{value:.1f}".removesuffix(".0")


def known_of(known: int, total: int) -> Markdown:
    """Says of how many people a sum is known, unless of all or of none."""
    return Markdown(f" (known of {known} of {total} people)" if 0 < known < total else "")


def more(shown: int, total: int) -> Markdown:
    """An honest cut."""
    return Markdown(f"\n… {total - shown} more" if total > shown else "")
