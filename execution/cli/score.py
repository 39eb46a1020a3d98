"""`gtm score`: work out the measures and the health scores."""

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, LockTimeout, PublishAnyway, application, examples
from execution.cli.printing import note, note_held, say

EXAMPLES = """
gtm score
gtm score --as-of 2026-01-31
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def score(
    ctx: typer.Context,
    *,
    as_of: AsOf = None,
    publish_anyway: PublishAnyway = False,
    lock_timeout: LockTimeout = 60.0,
) -> None:
    """Work out the measures and the health scores as of a moment, and publish them.

    Exit code 4 where a check of quality that blocks keeps the last good publication in front of readers.
    """
    from execution.bootstrap import pipeline
    from execution.cli.beside import print_standing

    door = Door.of(ctx)
    result = pipeline.score(
        door.workspace, pipeline.moment(as_of), timeout_s=lock_timeout, publish_anyway=publish_anyway
    )

    def render() -> None:
        for entity, rows in result.measures.items():
            say(f"measures of {entity}: {rows} rows")
        for entity, rows in result.quality.items():
            say(f"quality of {entity}: {rows} rows")
        for name, members in result.segments.items():
            say(f"segment {name}: {members} in it")
        for name, rows in result.scores.items():
            say(f"score {name}: {rows} rows")
        if result.standing is not None:
            print_standing(result.standing)
        for name, columns in result.only_today.items():
            if columns:
                note(f"{name} as of {result.as_of:%Y-%m-%d} takes as they are today, for their past is not known:")
            for column, parts in columns.items():
                note(f"  {column}  ({', '.join(parts)})")

        note_held(result.held, result.overridden)

    door.show(result, render, exit_code=4 if result.held else 0)
