"""`gtm brief`: print the brief of one account."""

from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import Size, application, examples
from execution.cli.printing import harmless, note, say

EXAMPLES = """
gtm brief acme
gtm brief jane@acme.com
gtm brief acme --tier standard
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def brief(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(help="The account's name or part of it, an address or a domain.")],
    *,
    tier: Annotated[Size, typer.Option("--tier", help="How much of it.")] = Size.COMPACT,
) -> None:
    """Print the brief of one account, as `gtm context` last wrote it.

    One that is not written is made from the store as it is now, and not kept.
    """
    from execution.bootstrap import briefs

    door = Door.of(ctx)
    result = briefs.brief(door.workspace, account, tier.tier)

    def render() -> None:
        say(harmless(result.text, keep="\n\t").rstrip())
        if not result.is_written:
            note(f"{harmless(result.file)} is not written: this is what it would say now")

    door.show(result, render)
