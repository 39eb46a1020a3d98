"""`gtm report`: write a report."""

from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import say

EXAMPLES = """
gtm report
gtm report daily --as-of 2026-01-31
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def report(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="All of them by default.")] = None,
    *,
    as_of: AsOf = None,
) -> None:
    """Write reports as Markdown into reporting/output."""
    from execution.bootstrap import pipeline

    door = Door.of(ctx)
    result = pipeline.report(door.workspace, names or (), pipeline.moment(as_of))

    def render() -> None:
        for name, file in result.files.items():
            say(f"{name}: {file}")

    door.show(result, render)
