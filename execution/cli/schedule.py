"""`gtm schedule`: list the schedules, hand them to cron, or run them here."""

from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import DryRun, application
from execution.cli.printing import note, print_table, say

EXAMPLES = """
gtm schedule list
gtm schedule print-cron
gtm schedule install --dry-run
gtm schedule run
"""
app = application(EXAMPLES)


@app.callback()
def schedule() -> None:
    """List the schedules, hand them to cron, or run them here."""


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """Every schedule: when it runs, its steps, its last and next run."""
    from execution.bootstrap import timing

    door = Door.of(ctx)
    found = timing.listing(door.workspace)

    def render() -> None:
        rows = [
            (each.name, f"{each.at} {each.time_zone}", each.steps, each.enabled, each.last_run, each.next_run)
            for each in found
        ]
        print_table(("schedule", "at", "steps", "enabled", "last run (UTC)", "next run (UTC)"), rows)

    door.show(found, render)


@app.command("print-cron")
def print_cron(ctx: typer.Context) -> None:
    """Print one crontab line per schedule: absolute paths, its own time zone, never two at once."""
    from execution.bootstrap import timing

    door = Door.of(ctx)
    found = timing.cron(door.workspace)
    door.show(found, lambda: say("\n".join(found.lines)))


@app.command()
def install(
    ctx: typer.Context,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take this workspace's lines out again.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Write those lines into your crontab, between markers; other lines are kept."""
    from execution.bootstrap import timing

    door = Door.of(ctx)
    result = timing.install(door.workspace, dry_run=dry_run, remove=remove)

    def render() -> None:
        if dry_run:
            say(result.text.rstrip("\n"))
            note("nothing was written; this is what the crontab would be")
        else:
            say("\n".join(result.lines) or "this workspace's lines are out of the crontab")

    door.show(result, render)


@app.command()
def run(ctx: typer.Context) -> None:
    """Keep the schedules in this process until it is told to end. A run that was missed is made up for at once.

    The times are read when it starts; what runs is what is committed in git.
    """
    from execution.bootstrap import timing

    door = Door.of(ctx)
    note("running the schedules; end with Ctrl-C")
    timing.run_forever(door.workspace)
