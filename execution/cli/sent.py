"""What a delivery did, or would do, as people read it."""

from typing import TYPE_CHECKING

from execution.cli.lines import one_line
from execution.cli.printing import harmless, note, print_problems, print_table, say
from execution.runs.alerting import sent

if TYPE_CHECKING:
    from execution.actions import Delivered


def print_delivered(delivered: "Delivered") -> None:
    """Every row, what was given up last, and the whole in a sentence."""
    rows = [
        (each.id[:6], each.do, each.channel, each.recipient, one_line(each.title), each.ending)
        for each in delivered.handled
    ]
    if rows:
        print_table(("id", "what", "through", "to", "title", ""), rows)
    for each in delivered.handled:
        if each.error:
            note(harmless(f"{each.id[:6]}: {each.error}"))
    print_problems(delivered.inbox, note)
    say(sent(delivered))
