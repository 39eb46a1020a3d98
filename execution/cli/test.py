"""`gtm test`: run the directives' own tests."""

import typer

from execution.cli.door import Door
from execution.cli.noun import Directives, application, examples
from execution.cli.printing import print_problems, say

EXAMPLES = """
gtm test
gtm test directives/data-sources/calendly-sync.md
"""
app = application()


@app.command("test", epilog=examples(EXAMPLES))
def run_tests(ctx: typer.Context, paths: Directives = None) -> None:
    """Run the directives' own tests on an in-memory store. Exit code 1 where one fails."""
    from execution.bootstrap import checking

    door = Door.of(ctx)
    result = checking.run_tests(door.workspace, paths or ())

    def render() -> None:
        print_problems(result.problems)
        failed = len(result.problems)
        say(f"{len(result.cases) - failed} passed, {failed} failed")

    door.show(result, render, problems=result.problems, exit_code=result.exit_code)
