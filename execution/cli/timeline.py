"""`gtm timeline`: print everything that happened with one account."""

from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import harmless, say

if TYPE_CHECKING:
    from execution.bootstrap.timeline import Timeline

EXAMPLES = """
gtm timeline acme
gtm timeline jane@acme.com --kind meeting --kind note
gtm timeline acme.com --since 2026-01-01 --until 2026-03-31 --all
gtm timeline acme --json
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def timeline(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(help="The account's folder, domain or name, or a person's address.")],
    *,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="Nothing older.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Nothing newer.")] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Only these: meeting, conversation, payment, deal, alert …")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every entry, not as many as timeline.md has.")] = False,
    as_of: AsOf = None,
) -> None:
    """Everything that happened with one account, the newest first."""
    from execution.bootstrap import pipeline
    from execution.bootstrap.timeline import timeline as told

    door = Door.of(ctx)
    found = told(
        door.workspace,
        account,
        since=pipeline.morning(since),
        until=pipeline.moment(until),
        kinds=kind or (),
        everything=all_,
        as_of=pipeline.moment(as_of),
    )
    door.show(_data(found), lambda: _print(found))


def _data(found: "Timeline") -> dict[str, object]:
    """What the envelope has: the entries as they are in the store, without what words are made with."""
    return {
        "account": found.account,
        "name": found.name,
        "as_of": found.as_of,
        "total": found.total,
        "entries": found.entries,
        "coming": found.coming,
    }


def _print(found: "Timeline") -> None:
    from execution.folders.entries import Story
    from execution.folders.timeline import block

    story = Story(found.account, found.entries, found.total - len(found.entries), found.coming)
    say(harmless(block(found.name, found.account, story, found.tongue), keep="\n").rstrip())
