"""`gtm agents`: the agents that work in this workspace, built from their definitions."""

from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.grammar import Grammar
from execution.cli.noun import application, examples
from execution.cli.printing import harmless, note, print_problems, print_table, say

if TYPE_CHECKING:
    from execution.bootstrap.agents import Checked

EXAMPLES = """
gtm agents list --area customers
gtm agents build
gtm agents check --json
"""
app = application(EXAMPLES)


@app.callback()
def agents() -> None:
    """The agents that Claude Code finds here, built from workspace-setup/agents/."""


@app.command("list", epilog=examples("gtm agents list\ngtm agents list --area reporting --json"))
def list_agents(
    ctx: typer.Context,
    *,
    area: Annotated[str | None, typer.Option("--area", metavar="AREA", help="Only those of this area.")] = None,
) -> None:
    """Every agent: what it is for, what it may ask, and whether its file is as its definition has it."""
    from execution.bootstrap import agents as asked

    door = Door.of(ctx)
    found = asked.listed(door.workspace, Grammar(), area)

    def render() -> None:
        rows = [(each.name, each.area, each.purpose, each.state) for each in found]
        print_table(("agent", "area", "for", "file"), rows)

    door.show(found, render)


@app.command(epilog=examples("gtm agents build\ngtm agents build --check"))
def build(
    ctx: typer.Context,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say what is not as its definition has it.")
    ] = False,
) -> None:
    """Write .claude/agents/ from the definitions. What people wrote below a block stays.

    Exit code 1 where a file was edited by hand: it is kept, and named. With --check also where one is stale.
    """
    from execution.bootstrap import agents as asked

    door = Door.of(ctx)
    if check:
        _show(door, asked.check(door.workspace, Grammar()))
        return
    done = asked.build(door.workspace, Grammar())

    def render() -> None:
        print_problems(done.conflicts)
        for path in (*done.written, *done.removed):
            say(harmless(f"{path}: {'removed' if path in done.removed else 'written'}"))
        say(f"{len(done.written)} written, {len(done.removed)} removed, {len(done.unchanged)} as they were")

    door.show(done, render, problems=done.conflicts, exit_code=int(bool(done.conflicts)))


@app.command("check", epilog=examples("gtm agents check\ngtm agents check --json"))
def check_agents(ctx: typer.Context) -> None:
    """Find every mistake in the agents' definitions and in .claude/, and every file that is not as it was built.

    Exit code 2 where there is a mistake, 1 where a file is stale, edited by hand or defined by nothing.
    """
    from execution.bootstrap import agents as asked

    door = Door.of(ctx)
    _show(door, asked.check(door.workspace, Grammar()))


def _show(door: Door, found: "Checked") -> None:
    def render() -> None:
        print_problems(found.problems)
        count = len(found.problems)
        say(f"{count or 'no'} problem{'' if count == 1 else 's'} in {found.agents} agents with {found.tools} tools")
        if found.differences and not found.mistakes:
            note("run `gtm agents build`")

    door.show(found, render, problems=found.problems, exit_code=found.exit_code)
