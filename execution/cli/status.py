"""`gtm status`: how fresh each source is, and what went wrong."""

import typer

from execution.cli.door import Door
from execution.cli.noun import application, examples
from execution.cli.printing import ago, not_connected, note, note_failure, note_held, print_table, say

EXAMPLES = """
gtm status
gtm status --json
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def status(ctx: typer.Context) -> None:
    """How fresh each source and stream is, against what its directive allows, and what went wrong.

    Exit code 1 where a connected source failed or is overdue, or what was synced is held back by a check of quality.
    """
    from execution.bootstrap import pipeline

    door = Door.of(ctx)
    result = pipeline.status(door.workspace)

    def render() -> None:
        rows: list[tuple[object, ...]] = []
        for source in result.sources:
            age = ago(source.age) if source.age is not None else ""
            rows.append((source.source, "", source.state, source.last_success, age, None))
            for each in source.streams:
                since = ago(result.as_of - each.last_success) if each.last_success else ""
                rows.append(("", each.stream, "failed" if each.error else "", each.last_success, since, each.rows))
        print_table(("source", "stream", "state", "last success (UTC)", "age", "rows"), rows)
        for source in result.sources:
            if source.missing and source.state != "disabled":
                note(not_connected(source.source, source.missing, f"{', '.join(source.missing)} not set"))
            note_failure(source.error, source.hint)
            for each in source.streams:
                note_failure(each.error if each.error != source.error else "", each.hint)
        if result.publication is None:
            say("nothing is published yet")
        else:
            say(f"publication {result.publication}, {result.published_at:%Y-%m-%d %H:%M:%S} UTC")
        note_held(result.held)

    door.show(result, render, exit_code=result.exit_code)
