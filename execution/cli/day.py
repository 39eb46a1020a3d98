"""`gtm day`: one person's day, from the morning's brief to tomorrow's plan."""

from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import harmless, say

EXAMPLES = """
gtm day
gtm day uma_iqbal
gtm day --save
gtm day uma_iqbal --as-of 2026-01-30T08:00Z --json
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def day(
    ctx: typer.Context,
    user: Annotated[
        str | None,
        typer.Argument(metavar="[PERSON]", help="Whose: a name of directives/team.md, or an e-mail; else yours."),
    ] = None,
    *,
    saved: Annotated[
        bool, typer.Option("--save", help="Keep it as personal/daily-plans/PERSON/DAY.md, with what you wrote there.")
    ] = False,
    goals: Annotated[
        bool, typer.Option("--goals/--no-goals", help="With what is held against goals, or without.")
    ] = True,
    as_of: AsOf = None,
) -> None:
    """Walk through a day: morning brief, priorities, outreach, meetings, pipeline, follow-ups, report, tomorrow.

    Without a name it is the day of $GTM_USER, or of whom git knows.
    """
    from execution.bootstrap import day as plans
    from execution.bootstrap import pipeline

    door = Door.of(ctx)
    plan = plans.plan(door.workspace, user, pipeline.moment(as_of), goals=goals)
    if saved:
        path = plans.save(door.workspace, plan)
        door.show({"user": plan.user, "path": path}, lambda: say(f"the day of {plan.user}: {path}"))
        return
    told = {"user": plan.user, "text": plan.text, "steps": plan.facts}
    door.show(told, lambda: say(harmless(plan.text, keep="\n\t").rstrip()))
