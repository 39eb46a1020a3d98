"""`gtm journey`: who stands where on the way, for how long, and what holds them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import application, examples
from execution.cli.printing import harmless, note, print_table, say

if TYPE_CHECKING:
    from execution.bootstrap.journeys import InStage, Journeyed, Overview
    from execution.segments.journeys import Criterion, Missing, StageStanding, Traveller, Way
    from execution.segments.members import Move

EXAMPLES = """
gtm journey
gtm journey lead_to_customer
gtm journey lead_to_customer --stage discovery
gtm journey lead_to_customer acme.com
gtm journey renewal_path --json
"""
app = application()

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="One journey; without it all of them.")]
Account = Annotated[
    str | None, typer.Argument(metavar="[ACCOUNT]", help="Where this account stands: its name, part of it, or its key.")
]
InStageOption = Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="Who stands in this stage.")]
Limit = Annotated[int, typer.Option(min=0, help="Accounts at most; 0 for all of them.")]


@app.command(epilog=examples(EXAMPLES))
def journey(
    ctx: typer.Context,
    name: Name = None,
    account: Account = None,
    *,
    stage: InStageOption = None,
    limit: Limit = 25,
) -> None:
    """Who stands where on the way, for how long against the usual time, and what is missing before the next stage.

    A criterion is met, not met, or not known; those that no fact tells are for a person to judge.
    """
    from execution.bootstrap import journeys

    door = Door.of(ctx)
    if name is not None and account is not None:
        one = journeys.of_account(door.workspace, name, account)
        door.show(one, lambda: _print_account(one))
    elif name is not None and stage is not None:
        inside = journeys.in_stage(door.workspace, name, stage, limit=limit)
        door.show(inside, lambda: _print_inside(inside))
    else:
        found = journeys.overview(door.workspace, name)
        door.show(found, lambda: _print_overview(found))


def _print_overview(found: "Overview") -> None:
    for way in found.journeys:
        say(f"{way.journey}: {harmless(way.meaning)}")
        say(f"  of {way.entity}, in {way.path}" + (f", owned by {harmless(way.owner)}" if way.owner else ""))
        if way.as_of is None:
            note(f"{way.journey} was not worked out yet, so run `gtm score`")
            continue
        headings = ("stage", "there", f"MRR {found.currency}", "days", "usual", "over it", "what is missing most")
        rows = [_row(stage) for stage in way.stages]
        print_table(headings, rows, right=headings[1:6])
    if not found.journeys:
        note("no journeys: declare one in directives/journeys/")
    elif any(way.as_of is not None for way in found.journeys):
        note("days are the median; `gtm journey NAME --stage STAGE` names who is there")


def _row(stage: "StageStanding") -> tuple[object, ...]:
    missing = "; ".join(_lacking(each) for each in stage.missing[:2])
    return (
        stage.stage,
        stage.travellers or "",
        _money(stage.mrr),
        "" if stage.median_days is None else stage.median_days,
        "" if stage.benchmark_days is None else stage.benchmark_days,
        stage.over or "",
        missing,
    )


def _lacking(each: "Missing") -> str:
    counts = {"not met": each.not_met, "not known": each.not_known}
    return f"{each.says} ({', '.join(f'{count:,} {what}' for what, count in counts.items() if count)})"


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def _print_inside(inside: "InStage") -> None:
    way = inside.way
    stage = next((each for each in way.stages if each.stage == inside.stage), None)
    if stage is not None:
        owner = f"; {harmless(stage.owner)} sees to it" if stage.owner else ""
        say(f"{way.journey}, {stage.stage}: {harmless(stage.meaning)}{owner}")
    headings = ("account", "name", f"MRR {inside.currency}", "since", "days", "over", "what is missing")
    rows = [_line(each) for each in inside.travellers]
    if rows:
        print_table(headings, rows, right=("days", "over", headings[2]))
    else:
        note("nobody stands there now")
    if inside.total > len(rows):
        note(f"{inside.total - len(rows):,} more; --limit 0 shows all")
    if any(each.is_at_least for each in inside.travellers):
        note(_at_least(way))


def _line(each: "Traveller") -> tuple[object, ...]:
    missing = "; ".join(_judged(one) for one in each.missing())
    return each.key, each.name, _money(each.mrr), _since(each), _days(each), each.over_days or "", missing


def _judged(criterion: "Criterion") -> str:
    return criterion.says if criterion.met is not None else f"{criterion.says} (not known)"


def _since(each: "Traveller") -> str:
    return "not known" if each.since is None else f"{each.since:%Y-%m-%d}{'*' if each.is_at_least else ''}"


def _days(each: "Traveller") -> str:
    return "" if each.days is None else f"{each.days:,}"


def _at_least(way: "Way") -> str:
    begun = f" {way.kept_since:%Y-%m-%d}" if way.kept_since else ""
    return f"* or longer: the history begins{begun}"


def _print_account(one: "Journeyed") -> None:
    say(f"{harmless(one.name)}  {harmless(one.key)}  {one.journey}")
    if one.traveller is None:
        say(f"  in no stage: {harmless(one.null)}")
    else:
        for line in _told(one, one.traveller):
            say(f"  {line}")
    if len(one.moves) > 1:
        print_table(
            ("moved (UTC)", "from", "to", ""),
            [(f"{each.at:%Y-%m-%d %H:%M}", each.was or "-", each.place or "-", _why(each)) for each in one.moves],
        )


def _told(one: "Journeyed", traveller: "Traveller") -> Iterator[str]:
    usual = f", usually {one.benchmark_days}" if one.benchmark_days is not None else ""
    over = f": {traveller.over_days} over" if traveller.over_days else ""
    at_least = "at least " if traveller.is_at_least else ""
    days = "for a time that is not known" if traveller.days is None else f"for {at_least}{traveller.days} days"
    owner = f"; {harmless(one.owner)} sees to it" if one.owner else ""
    yield f"{traveller.stage}, {days}{usual}{over}{owner}"
    said = {True: "met", False: "not met", None: "not known"}
    for criterion in traveller.criteria:
        state = "to judge" if criterion.is_judged else said[criterion.met]
        yield f"  {state:<10}{harmless(criterion.says)}"
    if one.following is not None:
        yield f"next: {one.following.stage}, {harmless(one.following.meaning)}"


def _why(move: "Move") -> str:
    if move.is_first:
        return "known from here on"
    return "the directive changed" if move.by_rules else ""
