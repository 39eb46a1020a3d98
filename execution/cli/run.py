"""`gtm run`: run a schedule's steps now, in order."""

from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import application, examples
from execution.cli.printing import harmless, note, say
from execution.runs.schedules import StepResult, as_entry

EXAMPLES = """
gtm run daily
gtm run daily --scheduled --if-due
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def run(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SCHEDULE", help="As `gtm schedule list` shows it.")],
    *,
    scheduled: Annotated[
        bool, typer.Option("--scheduled", help="Run the directives of git HEAD, and log to data/logs.")
    ] = False,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Only if its time has come since it last ran; for cron.")
    ] = False,
) -> None:
    """Run a schedule's steps in order, unless it is running already.

    A source that fails does not stop the later steps; an invalid directive or a busy store does.
    """
    from execution.bootstrap import timing

    door = Door.of(ctx)
    watch = None if door.json else _say_step
    result = timing.run(door.workspace, name, is_scheduled=scheduled, only_if_due=if_due, watch=watch)

    def render() -> None:
        if result.skipped:
            say(f"{name}: not run: {result.skipped}")
            return  # cron calls every hour and mails what is on stderr
        for sentence in result.notes:
            note(f"{name}: {sentence}")

    door.show(as_entry(result), render, exit_code=result.exit_code)


def _say_step(step: StepResult) -> None:
    """A step that went well on stdout, one that did not on stderr, which cron mails."""
    line = f"{step.step}: {harmless(step.summary)} ({step.seconds:.1f} s)"
    (note if step.exit_code else say)(line + (f"\n  hint: {step.hint}" if step.hint else ""))
