"""`gtm tasks`: what alerts put on people's lists."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.lines import one_line
from execution.cli.noun import LockTimeout, application
from execution.cli.printing import harmless, print_table, say

if TYPE_CHECKING:
    from execution.actions.tasks import Task

EXAMPLES = """
gtm tasks list
gtm tasks list --mine
gtm tasks done 5c1f 9e20
"""
app = application(EXAMPLES)


@app.callback()
def tasks() -> None:
    """What alerts put on people's lists: follow-ups, the steps of playbooks."""


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    assignee: Annotated[str | None, typer.Option("--of", metavar="PERSON", help="On whose list.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="On yours.")] = False,
    done: Annotated[bool, typer.Option("--done", help="Those that are done too.")] = False,
) -> None:
    """Open tasks, what is due first at the top."""
    from execution.bootstrap import alerts, decisions

    door = Door.of(ctx)
    whose = alerts.whoever(door.workspace, assignee).name if mine else assignee
    found = decisions.tasks(door.workspace, assignee=whose, done=done)
    door.show(found, lambda: _print(found))


@app.command()
def done(
    ctx: typer.Context,
    task: Annotated[list[str], typer.Argument(metavar="TASK...", help="Tasks by as much of their ids as is enough.")],
    *,
    by: Annotated[str | None, typer.Option("--by", metavar="PERSON", help="Who did it.")] = None,
    lock_timeout: LockTimeout = 60.0,
) -> None:
    """Tick tasks off."""
    from execution.bootstrap import decisions

    door = Door.of(ctx)
    found = decisions.finish(door.workspace, task, by=by, timeout_s=lock_timeout)

    def render() -> None:
        for each in found:
            say(harmless(f"{each.task[:6]}: {each.title}: done by {each.done_by}"))
        if len(found) < len(set(task)):
            say("the others were done already")

    door.show(found, render)


def _print(found: "Sequence[Task]") -> None:
    if not found:
        say("no task")
        return
    rows = [
        (each.task[:6], each.due_at, each.assignee, each.account, one_line(each.title), each.done_by) for each in found
    ]
    headings = ("task", "due (UTC)", "whose", "account", "what", "done by")
    kept = range(len(headings) if any(each.done_by for each in found) else len(headings) - 1)
    print_table([headings[n] for n in kept], [[row[n] for n in kept] for row in rows])
