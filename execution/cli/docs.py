"""`gtm docs`: write the catalogue of the directives, or check that it holds."""

from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import application, examples
from execution.cli.printing import harmless, note, say

EXAMPLES = """
gtm docs
gtm docs --check
gtm docs --json
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def docs(
    ctx: typer.Context,
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; print what is stale.")] = False,
) -> None:
    """Write the catalogue of the directives, and the index below their README.

    With --check the exit code is 1 where a page says something else than the directives.
    """
    from execution.bootstrap import docs as asked

    door = Door.of(ctx)
    result = asked.check(door.workspace) if check else asked.write(door.workspace)

    def render() -> None:
        for path in result.pages:
            stale = path in result.stale
            say(harmless(result.stale[path], keep="\n\t").rstrip() if stale else f"{path}: {_state(path)}")
        if result.stale:
            note(f"{len(result.stale)} stale: run `gtm docs`")

    def _state(path: str) -> str:
        return "written" if path in result.written else "as the directives say"

    door.show(result, render, exit_code=result.exit_code)
