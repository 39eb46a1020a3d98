"""`gtm demo`: fill a sample workspace from the sandbox, end to end."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import application, examples
from execution.cli.printing import note, note_failure, say

EXAMPLES = """
gtm demo
gtm demo /tmp/demo --customers 500
"""
app = application()
_SHOWN = 3


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
        say(f"  {root / 'reporting' / 'pulse' / 'inbox.md'}")
        for report in result.reports:
            say(f"  {root / report}")
        for brief in result.briefs[:_SHOWN]:
            say(f"  {root / brief}")
        if len(result.briefs) > _SHOWN:
            say(f"  … and {len(result.briefs) - _SHOWN} more in {root / 'customers'}")
        say("\nWhat to try (with .venv/bin on the path):")
        say(f"  gtm -w {root} status")
        say(f"  gtm -w {root} alerts list")
        say(f'  gtm -w {root} query "select * from unified_customers limit 5"')
        say(f"  gtm -w {root} check     after an edit in {root / 'directives'}, then: gtm -w {root} score")

    door.show(result, render, exit_code=result.exit_code)
