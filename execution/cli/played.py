"""What rules would have done, as people read it."""

from typing import TYPE_CHECKING

from execution.cli.lines import one_line
from execution.cli.printing import harmless, note, note_failure, print_table, say

if TYPE_CHECKING:
    from execution.proof.simulation import Played, Simulated


def print_simulated(found: "Simulated", limit: int) -> None:
    """Every rule that fired, the moves of each, and what of the past nothing is known of."""
    say(f"{found.days} days from {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}, a run a day; nothing was changed")
    moved = [each for each in found.rules if each.fired or each.resolved]
    if moved:
        rows = [(p.trigger, p.severity, p.fired, p.rows, p.resolved, p.open_before, p.open_after) for p in moved]
        print_table(("rule", "severity", "fired", "of rows", "resolved", "open before", "open after"), rows)
        _print_moves(moved, limit)
    else:
        say("nothing would have fired")
    for each in found.rules:
        if each.blind:
            note(f"{each.trigger}: nothing is known of the past of {', '.join(each.blind)}")
        if each.failure is not None:
            note_failure(str(each.failure), each.failure.hint)


def _print_moves(moved: "list[Played]", limit: int) -> None:
    rows = [
        (f"{move.at:%Y-%m-%d}", played.trigger, move.event, move.key, one_line(move.why or move.message))
        for played in moved
        for move in (played.moves[:limit] if limit else played.moves)
    ]
    print_table(("day", "rule", "", "who", "what"), rows)
    left = sum(max(0, len(played.moves) - limit) for played in moved) if limit else 0
    if left:
        note(harmless(f"{left:,} more moves; --limit 0 shows all"))
