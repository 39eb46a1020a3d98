"""Figures, money and moments as people write them; every one of them is harmless Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from execution.context.facts import Override, Standing
from execution.files.quoting import Markdown, inline

_REMEMBERED = 1 << 15
_LONGEST_SHORT = 4
"""Capitals up to which a name is an abbreviation, as SMB."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a file is written for: the team's zone and currency, and the moment."""

    zone: ZoneInfo
    currency: str
    as_of: datetime


def day(place: Place, at: datetime | date | None) -> Markdown:
    """The day in the team's zone. A stored time is naive UTC; a date has no zone."""
    return inline(None) if at is None else _day(place.zone, at)


@lru_cache(maxsize=_REMEMBERED)
def _day(zone: ZoneInfo, at: datetime | date) -> Markdown:
    return Markdown((_local(zone, at) if isinstance(at, datetime) else at).isoformat()[:10])


def moment(place: Place, at: datetime | None) -> Markdown:
    """The minute in the team's zone, which is named."""
    return inline(None) if at is None else Markdown(f"{_local(place.zone, at):%Y-%m-%d %H:%M} {place.zone.key}")


def _local(zone: ZoneInfo, at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)


def money(amount: Decimal | None, currency: str | None) -> Markdown:
    """`USD 1,200`, with cents only where there are any."""
    if amount is None:
        return inline(None)
    figure = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return Markdown(f"{inline(currency) if currency else 'currency not captured,'} {figure}")


def points(value: Decimal | float) -> str:
    """A score without needless zeros."""
    return f"{value:.1f}".removesuffix(".0")


def figure(value: object) -> Markdown | object:
    """A number with as many decimals as it needs, yes and no in words; anything else as it is."""
    match value:
        case bool():
            return Markdown("yes" if value else "no")
        case Decimal() | float():
            return Markdown(f"{value:,.2f}".rstrip("0").removesuffix("."))
        case int():
            return Markdown(f"{value:,}")
        case _:
            return value


def shown(value: object) -> Markdown:
    """Any value as a template prints it."""
    if type(value) is Markdown:
        return value
    return inline(value if value is None or type(value) is str else figure(value))


def phrase(name: str | None) -> str | None:
    """A name of the store's as words: `high_risk` → `high risk`, `REAL_ESTATE` → `real estate`."""
    if not name:
        return None
    return (name.lower() if name.isupper() and len(name) > _LONGEST_SHORT else name).replace("_", " ")


def known_of(known: int, total: int) -> Markdown:
    """Says of how many people a sum is known, unless of all or of none."""
    return Markdown(f" (known of {known} of {total} people)" if 0 < known < total else "")


def more(shown: int, total: int) -> Markdown:
    """An honest cut."""
    return Markdown(f"\n… {total - shown} more" if total > shown else "")


def names(who: Sequence[str]) -> str:
    """`Ada, Bob, … 3 more`."""
    return ", ".join([*who[:3], *([f"… {len(who) - 3} more"] if len(who) > 3 else [])])


def count(number: int, one: str, many: str = "") -> Markdown:
    """`1 person`, `3 people`."""
    return Markdown(f"{number:,} {one if number == 1 else many or one + 's'}")


def sentence(parts: Iterable[str | None]) -> Markdown:
    """The parts that there are, as one sentence of clauses; each is harmless already."""
    return Markdown("; ".join(part for part in parts if part))


def standing(score: Standing | None) -> Markdown:
    """`44.5/100, high risk`; without a band only the range, since the score itself would say too much."""
    if score is None:
        return inline(None)
    if score.band is None:
        return Markdown(f"not enough data, between {points(score.low)} and {points(score.high)} of 100")
    return Markdown(f"{points(score.score)}/100, {inline(phrase(score.band))}")


def held(override: Override) -> Markdown:
    """What somebody says the health is: `at risk`, or `20/100`."""
    if override.band is not None:
        return inline(phrase(override.band))
    return inline(None) if override.score is None else Markdown(f"{points(override.score)}/100")
