"""What people hold of an account, as it reads in a terminal: beside the score, never as if it were one."""

from typing import TYPE_CHECKING

from execution.cli.lines import at_utc, one_line, paragraph, value_text, words
from execution.cli.printing import note, say

if TYPE_CHECKING:
    from execution.health.overrides import Beside, Override, Past, Standing

_SHOWN = 5


def print_beside(found: "Beside") -> None:
    """What stands beside one score."""
    say("  what people hold of them, beside the score and no part of it:")
    if found.override is not None:
        held = found.override
        seen = f" (first read {at_utc(held.first_seen)})" if held.first_seen else ""
        paragraph(f"held to be {_said(held)} until {held.expires}, says {held.author}: {held.reason}{seen}", "    ")
    if found.expired is not None:
        gone = found.expired
        paragraph(f"expired on {gone.expires}, no longer in force: {_said(gone)}, by {gone.author}: {gone.reason}",
                  "    ")  # fmt: skip
        paragraph(f"renew it or take it out of the account.md of {gone.account}", "    ")
    if found.feeling is not None:
        say(f"    sentiment {found.feeling.score} of 5, says {one_line(found.feeling.by)} on {found.feeling.on}")
    before = [past for past in found.history if past.gone is not None]
    for past in before[:_SHOWN]:
        paragraph(f"before: {_said(past)}, by {past.author}, {_between(past)}: {past.reason}", "    ")
    if len(before) > _SHOWN:
        say(f"    … {len(before) - _SHOWN} earlier ones")
    say()


def print_standing(found: "Standing") -> None:
    """The overrides of all accounts: those that hold, and each that ran out."""
    if found.in_force:
        accounts = ", ".join(one_line(each.account) for each in found.in_force[:_SHOWN])
        more = f" and {len(found.in_force) - _SHOWN} more" if len(found.in_force) > _SHOWN else ""
        say(f"overrides in force, beside the scores: {accounts}{more}")
    for each in found.expired:
        note(f"the override of {one_line(each.account)} by {one_line(each.author)} expired on {each.expires}: "
             "renew it, or take it out of its account.md")  # fmt: skip


def _said(override: "Override | Past") -> str:
    return words(override.band) if override.band is not None else f"{value_text(override.score)} of 100"


def _between(past: "Past") -> str:
    return f"{at_utc(past.first_seen)} to {at_utc(past.gone)}" if past.gone else f"from {at_utc(past.first_seen)}"
