"""`gtm brief`: print the brief of one account."""

from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import application, examples
from execution.cli.printing import harmless, say

EXAMPLES = """
gtm brief acme
gtm brief jane@acme.com
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def brief(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(help="The account's name or part of it, an address or a domain.")],
) -> None:
    """Print the brief of one account, as `gtm context` last wrote it."""
    from execution.bootstrap import asking

    door = Door.of(ctx)
    result = asking.brief(door.workspace, account)
    door.show(result, lambda: say(harmless(result.text, keep="\n\t").rstrip()))
