"""`gtm draft`: a mail, a proposal or a plan for an account, from what is known of it."""

from pathlib import Path
from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import application, examples
from execution.cli.printing import harmless, note, print_table, say
from execution.errors import UsageError

EXAMPLES = """
gtm draft --list
gtm draft check-in acme.com
gtm draft renewal acme --to jane@acme.com --save
gtm draft proposal "Acme Ltd" --out acme-proposal.md
"""
app = application()

KindName = Annotated[str | None, typer.Argument(metavar="[KIND]", help="What to draft; --list shows them all.")]
Account = Annotated[
    str | None, typer.Argument(metavar="[ACCOUNT]", help="The account's name or part of it, a domain or an address.")
]
To = Annotated[str | None, typer.Option("--to", metavar="PERSON", help="Whom it is written to: address or name.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there; never over a file.")]
Save = Annotated[bool, typer.Option("--save", help="Write it into customers/<account>/drafts/.")]
List = Annotated[bool, typer.Option("--list", help="Every kind of draft, and what it is for.")]


@app.command(epilog=examples(EXAMPLES))
def draft(
    ctx: typer.Context,
    kind: KindName = None,
    account: Account = None,
    *,
    to: To = None,
    out: Out = None,
    save: Save = False,
    listed: List = False,
) -> None:
    """Draft a mail, a proposal or a plan from an account's facts. Nothing is sent.

    What is not known stands in it as [[ not captured: … ]], for a person to fill in. Each fact that it uses is listed
    at its end, with where it comes from.
    """
    from execution.bootstrap import drafts

    door = Door.of(ctx)
    if listed or kind is None:
        found = drafts.kinds(door.workspace)
        rows = [(each.kind, each.about, each.template) for each in found]
        door.show(found, lambda: print_table(("kind", "what it is for", "template"), rows))
        return
    if account is None:
        raise UsageError("for which account?", hint=f"as in gtm draft {kind} acme.com", code="E220")
    if save and out is not None:
        raise UsageError("--save and --out say two places", hint="take one of them", code="E220")
    made = drafts.draft(door.workspace, kind, account, to)
    file = drafts.save(door.workspace, made) if save else drafts.write(made, out) if out is not None else None

    def render() -> None:
        if file is None:
            say(harmless(made.text, keep="\n").rstrip())
        else:
            say(f"{harmless(file)}: written")
        if made.gaps:
            note(f"{len(made.gaps)} to fill in: {harmless('; '.join(made.gaps))}")

    door.show(drafts.Drafted(made, file), render)
