"""`gtm score`: work out the measures and the health scores."""

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, LockTimeout, application, examples
from execution.cli.printing import note, say

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
        for name, members in result.segments.items():
            say(f"segment {name}: {members} in it")
        for name, rows in result.scores.items():
            say(f"score {name}: {rows} rows")
        for name, columns in result.only_today.items():
            if columns:
                note(f"{name} as of {result.as_of:%Y-%m-%d} takes as they are today, for their past is not known:")
            for column, parts in columns.items():
                note(f"  {column}  ({', '.join(parts)})")

    door.show(result, render)
