"""`gtm demo`: fill a sample workspace from the sandbox, end to end."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import application, examples
from execution.cli.printing import note, note_failure, say

if TYPE_CHECKING:
    from execution.bootstrap.demonstration import Demonstrated

EXAMPLES = """
gtm demo
gtm demo /tmp/demo --customers 500
"""
app = application()
_FIRST = {
    "morning_brief": "what one of the team reads first",
    "daily": "where everything stands today",
    "cro": "what the CRO reads on Monday",
}
"""Of the reports, those to open first."""


@app.command(epilog=examples(EXAMPLES))
def demo(
    ctx: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="[DIR]", help="The workspace to make or refill.")] = Path("demo"),
    *,
    customers: Annotated[int, typer.Option(min=1, help="How many customers the sample company has.")] = 60,
    seed: Annotated[int, typer.Option(help="Which of the possible worlds.")] = 1,
) -> None:
    """Fill a sample workspace, end to end: sync, score and brief a company that the sandbox on this machine plays.

    Directives edited in an earlier demo stay, its data is made anew.
    """
    from execution.bootstrap import demonstration
    from execution.cli.progress import shown_progress

    door = Door.of(ctx)
    result = demonstration.demo(
        target,
        demonstration.World(customers, seed),
        tell=(lambda _: None) if door.json else note,
        watched=partial(shown_progress, quiet=door.json),
    )

    def render() -> None:
        for source in result.sync.sources:
            note_failure(source.error, source.hint)
        root = result.root.relative_to(Path.cwd()) if result.root.is_relative_to(Path.cwd()) else result.root
        scored = ", ".join(f"{rows} by {name}" for name, rows in result.scores.scores.items())
        say(f"\nSynced in {result.sync.seconds:.1f} s, scored {scored}; {len(result.briefs)} accounts have a brief.")
        opened = sum(verdict.open for verdict in result.alerts.evaluated.verdicts)
        say(f"{opened} alerts are open; the rules are in {root / 'directives' / 'triggers'}.")
        say("\nWhere to look:")
        for path, what in _worth_a_look(result):
            say(f"  {root / path}  {what}")
        say(f"  and {len(result.reports)} reports in {root / 'reporting' / 'output'}, a folder for each")
        say("\nWhat to try (with .venv/bin on the path):")
        say(f"  gtm -w {root} status")
        say(f"  gtm -w {root} alerts list")
        say(f"  gtm -w {root} report cro --format html     a page that opens in a browser")
        say(f'  gtm -w {root} query "select * from unified_customers limit 5"')
        say(f"  gtm -w {root} check     after an edit in {root / 'directives'}, then: gtm -w {root} score")

    door.show(result, render, exit_code=result.exit_code)


def _worth_a_look(result: "Demonstrated") -> Iterator[tuple[str, str]]:
    """The files to open first, with what each is."""
    yield "customers/INDEX.md", "every account, by owner"
    for brief in result.briefs[:1]:
        yield brief, "the brief of one of them"
    for name, what in _FIRST.items():
        for report in [path for path in result.reports if f"/{name}/" in path][:1]:
            yield report, what
    yield "reporting/pulse/inbox.md", "what everybody was told"
