"""`gtm score`: work out the measures and the health scores."""

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, LockTimeout, application, examples
from execution.cli.printing import say

EXAMPLES = """
gtm score
gtm score --as-of 2026-01-31
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def score(ctx: typer.Context, *, as_of: AsOf = None, lock_timeout: LockTimeout = 60.0) -> None:
    """Work out the measures and the health scores as of a moment, and publish them."""
    from execution.bootstrap import pipeline

    door = Door.of(ctx)
    result = pipeline.score(door.workspace, pipeline.moment(as_of), timeout_s=lock_timeout)

    def render() -> None:
        for entity, rows in result.measures.items():
            say(f"measures of {entity}: {rows} rows")
        for name, rows in result.scores.items():
            say(f"score {name}: {rows} rows")

    door.show(result, render)
