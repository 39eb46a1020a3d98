"""`gtm init`: make a workspace."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import application, examples
from execution.cli.printing import note, say

if TYPE_CHECKING:
    from execution.bootstrap.workspaces import Answers

EXAMPLES = """
gtm init ~/acme-gtm
gtm init . --time-zone Europe/Berlin --base-currency EUR --internal-domain acme.com
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def init(
    ctx: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or one to complete.")],
    *,
    time_zone: Annotated[str | None, typer.Option(help="The team's time zone, as in Europe/Berlin.")] = None,
    base_currency: Annotated[str | None, typer.Option(help="What amounts are shown in, as in EUR.")] = None,
    fiscal_year_starts: Annotated[
        int | None, typer.Option(metavar="MONTH", min=1, max=12, help="Its first month.")
    ] = None,
    internal_domain: Annotated[
        list[str] | None, typer.Option(help="A domain of the team's own mail; may be repeated.")
    ] = None,
) -> None:
    """Make a workspace: directives, templates, .env.example, .gitignore. Nothing that is there is overwritten.

    On a terminal the team's own facts are asked for once; they become directives/local/settings.md.
    """
    from execution.bootstrap import workspaces

    door = Door.of(ctx)
    answers = workspaces.Answers(time_zone, base_currency, fiscal_year_starts, tuple(internal_domain or ()))
    if door.is_conversation and answers == workspaces.Answers() and not workspaces.has_settings(target):
        answers = _ask()
    made = workspaces.init(target, answers)

    def render() -> None:
        say(f"{made.root}: {len(made.written)} files written, {len(made.kept)} kept as they were")
        for path in made.kept:
            note(f"  kept {path}")
        say(f"next: cd {made.root} && gtm source list")

    door.show(made, render)


def _ask() -> "Answers":
    from execution.bootstrap import workspaces

    note("Four facts about the team; Enter keeps what is in brackets.")
    zone = typer.prompt("Time zone", default="UTC", err=True)
    currency = typer.prompt("Currency of amounts", default="USD", err=True)
    month = typer.prompt("First month of the fiscal year (1-12)", default=1, type=int, err=True)
    domains = typer.prompt("Domains of the team's own mail, with commas", default="", show_default=False, err=True)
    return workspaces.Answers(zone, currency, month, tuple(domains.replace(",", " ").split()))
