"""`gtm context`: write the accounts' context files."""

from pathlib import Path

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import harmless, print_problems, say

EXAMPLES = """
gtm context
gtm context --as-of 2026-01-31
"""
app = application()
_SHOWN = 5


@app.command(epilog=examples(EXAMPLES))
def context(ctx: typer.Context, *, as_of: AsOf = None) -> None:
    """Write the accounts' context files. What people wrote in them stays.

    Exit code 1 where a generated block was edited by hand: it is kept, and named.
    """
    from execution.bootstrap import pipeline

    door = Door.of(ctx)
    result = pipeline.context(door.workspace, pipeline.moment(as_of))

    def render() -> None:
        print_problems(result.conflicts)
        say(f"{len(result.changed)} written, {len(result.unchanged)} unchanged in customers/")
        if result.left:
            names = ", ".join(Path(path).parts[1] for path in result.left[:_SHOWN])
            more = f" and {len(result.left) - _SHOWN} more" if len(result.left) > _SHOWN else ""
            said = "left as last written, of accounts that get no brief any more"
            say(f"{len(result.left)} {said}: {harmless(names)}{more}")

    door.show(result, render, problems=result.conflicts, exit_code=1 if result.conflicts else 0)
