"""`gtm check`: find every mistake in the directives, and in what agents read."""

from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.grammar import Grammar
from execution.cli.noun import Directives, application, examples
from execution.cli.printing import print_problems, say

EXAMPLES = """
gtm check
gtm check directives/data-sources
gtm check .claude workspace-setup/agents
gtm check --as git:HEAD --json
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def check(
    ctx: typer.Context,
    paths: Directives = None,
    at: Annotated[str | None, typer.Option("--as", metavar="git:REF", help="Check those of a git ref instead.")] = None,
) -> None:
    """Find every mistake in the directives, and in what agents read: all at once, each with its place and a hint.

    What agents read is .claude/ and workspace-setup/agents/. Exit code 2 where there is any.
    """
    from execution.bootstrap import checking

    door = Door.of(ctx)
    result = checking.check(door.workspace, paths or (), version=at, commands=Grammar())

    def render() -> None:
        print_problems(result.problems)
        counted = ", ".join(f"{count} {kind}" for kind, count in result.directives.items() if count)
        found = len(result.problems)
        say(f"{found or 'no'} problem{'' if found == 1 else 's'} in {counted or 'no directives'}")

    door.show(result, render, problems=result.problems, exit_code=result.exit_code)
