"""How well rules do, as people read it."""

from datetime import timedelta
from typing import TYPE_CHECKING

from execution.cli.printing import ago, note_failure, print_table, say

if TYPE_CHECKING:
    from execution.bootstrap.alerts import Reviewed
    from execution.triggers.stats import RuleStats


def print_reviewed(found: "Reviewed") -> None:
    """A line for every rule that fired, then what should be looked at."""
    fired = [each for each in found.rules if each.fired]
    if fired:
        worth = f"worth {found.currency}"
        headings = (
            "rule", "fired", "answered", "median", "right", "by itself", "by hand", "open", worth, "actions",
        )  # fmt: skip
        right = [heading for heading in headings if heading != "rule"]
        print_table(headings, [_row(each) for each in fired], right=right)
    else:
        say(f"no alert fired since {found.since:%Y-%m-%d}")
    for each in found.rules:
        for suggestion in each.suggestions:
            note_failure(f"{each.trigger} is {suggestion.kind}: {suggestion.why}", suggestion.hint)


def _row(rule: "RuleStats") -> tuple[object, ...]:
    return (
        rule.trigger,
        rule.fired,
        rule.acknowledged,
        "" if rule.response_median_s is None else ago(timedelta(seconds=rule.response_median_s)),
        "" if rule.precision is None else f"{rule.precision:.0%}",
        rule.resolved_itself,
        rule.resolved_by_hand,
        rule.firing,
        "" if rule.touched is None else f"{rule.touched:,.0f}",
        "" if rule.succeeded is None else f"{rule.executions} ({rule.succeeded:.0%})",
    )
