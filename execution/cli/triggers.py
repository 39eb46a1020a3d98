"""`gtm triggers`: the rules, their tests, and what they would have done."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, Directives, LockTimeout, application
from execution.cli.printing import harmless, note, note_failure, print_table, say

if TYPE_CHECKING:
    from execution.bootstrap.triggers import Rule
    from execution.runs.alerting import Alerted

EXAMPLES = """
gtm triggers list
gtm triggers test directives/triggers/health-drop.md
gtm triggers run
gtm triggers simulate --from 2026-01-01 --to 2026-03-31
gtm triggers simulate health_drop --from 2026-01-01 --json
"""
app = application(EXAMPLES)


@app.callback()
def triggers() -> None:
    """The rules that open alerts: directives/triggers/ and personal/triggers/."""


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """Every rule: how grave, how many alerts it has open, when it was last looked at."""
    from execution.bootstrap import triggers as asked

    door = Door.of(ctx)
    found = asked.listing(door.workspace)
    door.show(found, lambda: _print_rules(found))


def _print_rules(rules: "Sequence[Rule]") -> None:
    if not rules:
        say("no rule: declare one in directives/triggers/")
        return
    shown = [
        (
            each.trigger,
            each.entity,
            each.severity,
            _status(each),
            each.firing or "",
            each.pending or "",
            each.last_fired,
        )
        for each in rules
    ]
    headings = ("rule", "about", "severity", "status", "firing", "pending", "last fired (UTC)")
    print_table(headings, shown, right=("firing", "pending"))
    for each in rules:
        if each.why:
            note(harmless(f"{each.trigger}: {each.verdict}: {each.why}"))


def _status(rule: "Rule") -> str:
    return "" if rule.status == "stable" else rule.status


@app.command("test")
def run_tests(ctx: typer.Context, paths: Directives = None) -> None:
    """Run the timelines that stand in the rules: day by day, what is pending, fires and resolves."""
    from execution.bootstrap import checking
    from execution.cli.printing import print_problems

    door = Door.of(ctx)
    result = checking.run_tests(door.workspace, paths or (), kind="trigger")

    def render() -> None:
        print_problems(result.problems)
        failed = len(result.problems)
        say(f"{len(result.cases) - failed} passed, {failed} failed")

    door.show(result, render, problems=result.problems, exit_code=result.exit_code)


@app.command()
def run(
    ctx: typer.Context,
    *,
    no_send: Annotated[
        bool, typer.Option("--no-send", help="Open and resolve alerts, and let nothing leave the outbox.")
    ] = False,
    as_of: AsOf = None,
    lock_timeout: LockTimeout = 60.0,
) -> None:
    """Look at every rule now, on what is scored: open and resolve alerts, and have people told.

    Exit code 1 where something could not be delivered, or a rule fails on the data.
    """
    from execution.bootstrap import pipeline
    from execution.bootstrap import triggers as asked

    door = Door.of(ctx)
    result = asked.run(door.workspace, pipeline.moment(as_of), send=not no_send, timeout_s=lock_timeout)
    door.show(result, lambda: _print_alerted(result), exit_code=result.exit_code)


def _print_alerted(result: "Alerted") -> None:
    moved = [each for each in result.evaluated.verdicts if each.fired or each.resolved]
    if moved:
        rows = [(each.trigger, each.fired or "", each.resolved or "", each.open) for each in moved]
        print_table(("rule", "fired", "resolved", "open"), rows, right=("fired", "resolved"))
    for each in result.evaluated.verdicts:
        if each.why and each.verdict != "failed":
            note(harmless(f"{each.trigger}: {each.verdict}: {each.why}"))
    for error in result.evaluated.failures.values():
        note_failure(str(error), error.hint)
    say(harmless(result.said))


@app.command()
def simulate(
    ctx: typer.Context,
    name: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="These rules; without any all.")] = None,
    *,
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="The first day: 2026-01-31.")],
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="The last day; by default that of the last scores.")
    ] = None,
    with_today: Annotated[
        bool, typer.Option("--with-today", help="Take what has no past as it is today; the figures flatter then.")
    ] = False,
    limit: Annotated[int, typer.Option(min=0, help="Moves of each rule at most; 0 for all of them.")] = 5,
) -> None:
    """Play the rules as they are written now on the stored past, a run a day: what would have fired.

    Nothing is changed, and nobody is told.
    """
    from execution.bootstrap import pipeline
    from execution.bootstrap import triggers as asked
    from execution.cli.played import print_simulated

    door = Door.of(ctx)
    result = asked.simulate(
        door.workspace,
        name or (),
        pipeline.morning(since),
        pipeline.morning(until),
        with_today=with_today,
        tell=None if door.json else _say_day,
    )
    door.show(result, lambda: print_simulated(result, limit))


def _say_day(number: int, days: int) -> None:
    """How far the playing is, now and then: a day takes a second or two."""
    if number % 10 == 0:
        note(f"day {number + 1} of {days}, those before the first that rules look back to among them")
