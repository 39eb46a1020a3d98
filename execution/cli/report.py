"""`gtm report`: write reports, or print one."""

from typing import Annotated, Any

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import harmless, note, say

EXAMPLES = """
gtm report
gtm report daily --as-of 2026-01-31
gtm report ae --user uma_iqbal --period last_7_days --print
gtm report cro --period 2026-Q3 --compare yoy --format html --format pdf
gtm report --list
"""
app = application()
_ENDINGS = {
    "done": "delivered", "same": "they have it", "again": "is tried again", "dead": "given up", "dropped": "not sent",
    "would": "would be sent", "waits": "waits for the channel's limit",
}  # fmt: skip


@app.command(epilog=examples(EXAMPLES))
def report(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="All of them by default.")] = None,
    *,
    user: Annotated[
        str | None,
        typer.Option("--user", help="Whose: a name of directives/team.md, or an e-mail; else everybody of its roles."),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option("--period", help="7d, last_7_days, this_week, last_month, 2026-10, 2026-Q3, A..B; else its own."),
    ] = None,
    compare: Annotated[
        str | None, typer.Option("--compare", help="Hold its figures against the previous period, yoy or qoq.")
    ] = None,
    forms: Annotated[
        list[str] | None, typer.Option("--format", metavar="FORM", help="md, html, json or pdf; several may be given.")
    ] = None,
    goals: Annotated[
        bool, typer.Option("--goals/--no-goals", help="With what is held against goals, or without.")
    ] = True,
    deliver: Annotated[
        bool, typer.Option("--deliver", help="Send them where their directives' deliver: says.")
    ] = False,
    printed: Annotated[bool, typer.Option("--print", help="Print it and write nothing.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the reports there are.")] = False,
    as_of: AsOf = None,
) -> None:
    """Write reports into reporting/output: Markdown, and what else is asked for.

    What people wrote in them stays.
    """
    from execution.bootstrap import pipeline, reporting

    door = Door.of(ctx)
    if listed:
        found = reporting.listing(door.workspace)
        door.show(found, lambda: _say_reports(found))
        return
    wish = pipeline.wish(user, period, compare, goals=goals)
    moment = pipeline.moment(as_of)
    if printed:
        composed = reporting.composed(door.workspace, names or (), moment, wish)
        told = [{"report": each.name, "user": each.user, "text": each.text, "facts": each.facts} for each in composed]
        door.show(told, lambda: say("\n".join(harmless(each.text, keep="\n\t").rstrip() + "\n" for each in composed)))
        return
    result = pipeline.report(door.workspace, names or (), moment, wish, reporting.forms(forms or ()), deliver=deliver)

    def render() -> None:
        for file in result.files:
            name = f"{file.report} of {file.user}" if file.user else file.report
            for path in (file.path, *file.others):
                if path.suffix != ".svg":
                    say(f"{name}: {path}")
        for left in result.left_out:
            note(f"not written: {left}")
        for each in result.sent:
            told = f"{each.report} to {harmless(each.to)} by {each.channel}: {_ENDINGS[each.ending]}"
            (note if each.error else say)(f"{told}: {harmless(each.error)}" if each.error else told)

    door.show(result, render, exit_code=result.exit_code)


def _say_reports(found: list[dict[str, Any]]) -> None:
    """One line for each report: its name, its area and period, and whom it is for."""
    width = max((len(each["name"]) for each in found), default=0)
    for each in found:
        about = harmless(f"{each['title']}, for {each['audience']}")
        say(f"{each['name'].ljust(width)}  {each['area']}, {each['period']}: {about}")
