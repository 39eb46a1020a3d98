"""What backtests and fits print alike: what was looked at, what is unknown, and what looks too good to be true."""

import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from execution.cli.printing import harmless, say

if TYPE_CHECKING:
    from execution.proof.backtest import Flat, Unknown
    from execution.proof.ground import Ground
    from execution.proof.judging import Figures
    from execution.proof.leaks import Leak

_WIDTH = 100
_NUMBERS = ("integer", "decimal", "number")
_NUMBERS_MENDED = (
    "Signs in a number are taken out in the block. Declare the column as text; amount, say, is then "
    "cast(nullif(trim(replace(replace(amount, '$', ''), ',', '')), '') as decimal(18, 2))"
)


def paragraph(text: str, indent: str = "") -> None:
    """Text in lines that fit on a page."""
    say(textwrap.fill(harmless(text), _WIDTH, initial_indent=indent, subsequent_indent=indent or "  "))


def shown_auc(figures: "Figures") -> str:
    """`0.831  (0.821 to 0.840, …)`: an AUC with its interval."""
    interval = figures.interval
    return f"{figures.auc:.3f}  ({interval.low:.3f} to {interval.high:.3f}: 95 %, {interval.method})"


def share(part: int, whole: int) -> str:
    """`14.5 %`."""
    return f"{100 * part / whole:.1f} %" if whole else "none"


def print_ground(ground: "Ground") -> None:
    """What the score was held against."""
    if ground.source is None:
        span = f"from {_day(ground.first)} to {_day(ground.last)}"
        say(f"  the store's past: {ground.moments} moments {span}; what came is known until {_day(ground.end)}")
        if ground.recorded:
            anew = ground.moments - ground.recorded
            say(
                f"  scores as given then at {ground.recorded} of them"
                + (f", worked out anew at {anew}" if anew else "")
            )
        return
    paragraph(f"{', '.join(ground.files)}: {ground.records:,} rows, as {ground.source} maps them", "  ")
    left_out = {
        "rows have no label": ground.without_label,
        "rows have another label": ground.other_label,
        "rows of the block go with no record": ground.unmatched,
    }
    for why, count in left_out.items():
        if count:
            say(f"  {count:,} {why} and are left out")
    for each in ground.rejected:
        values = ", ".join(repr(value) for value in each.examples)
        paragraph(f"{each.count:,} values of {each.column} are no {each.type} and count as missing: {values}", "  ")
    if any(each.type in _NUMBERS and any(map(_has_digit, each.examples)) for each in ground.rejected):
        paragraph(_NUMBERS_MENDED, "  ")


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d") if moment is not None else "an unknown day"


def print_unknown(unknown: "Sequence[Unknown]") -> None:
    """The components that say nothing, and why."""
    if unknown:
        say("Left out, for nothing is known of them there:")
    for each in unknown:
        missing = "; ".join(f"{need}: {why}" for need, why in each.missing.items())
        say(textwrap.fill(harmless(f"  {each.component} ({missing})"), _WIDTH, subsequent_indent="    "))


def print_flat(flat: "Sequence[Flat]") -> None:
    """The components that say the same of everybody."""
    if flat:
        say("Tells nobody from anybody: everyone has the same points of")
    for each in flat:
        seen = "; ".join(f"{name} is {', '.join(map(repr, values))} …" for name, values in each.seen.items() if values)
        text = f"  {each.component}: {each.milli / 1000:g}" + (f" ({seen})" if seen else "")
        say(textwrap.fill(harmless(text), _WIDTH, subsequent_indent="    "))


def print_leaks(leaks: "Sequence[Leak]") -> None:
    """What makes the figures too good to be true."""
    if leaks:
        say("Leaking: something knows the outcome, so these figures say nothing about the future.")
    for leak in leaks:
        say(textwrap.fill(harmless(f"  {leak.part}: {leak.message}"), _WIDTH, subsequent_indent="    "))
