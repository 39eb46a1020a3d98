"""`gtm backtest`: a score against what happened after."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.evidence import paragraph, print_flat, print_ground, print_leaks, print_unknown, share, shown_auc
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import harmless, print_table, say

if TYPE_CHECKING:
    from execution.proof.backtest import Backtest
    from execution.proof.judging import Alone, Warned

EXAMPLES = """
gtm backtest
gtm backtest customer_health --outcome churn
gtm backtest customer_health --outcome churn --since 2026-01-01 --json
gtm backtest plan_health --source telco
gtm backtest plan_health --source telco --data ~/exports/churn.parquet
"""
app = application()

_WORDS = ((0.9, "very well"), (0.8, "well"), (0.7, "fairly"), (0.6, "somewhat"), (0.0, "hardly"))

Score = Annotated[str | None, typer.Argument(help="The score; without it the primary one.", metavar="[SCORE]")]
OutcomeName = Annotated[
    str | None, typer.Option("--outcome", metavar="NAME", help="One outcome of the store's past; by default all.")
]
SourceName = Annotated[
    str | None, typer.Option("--source", metavar="NAME", help="A labelled table instead of the store's past.")
]
Data = Annotated[
    Path | None, typer.Option("--data", metavar="FILE", help="Another file for that source: CSV, TSV, Parquet, JSONL.")
]
Since = Annotated[str | None, typer.Option("--since", metavar="TIME", help="Look back no further than this.")]
WithToday = Annotated[
    bool,
    typer.Option("--with-today", help="Take what has no past as it is today: more is known, and it knows the end."),
]


@app.command(epilog=examples(EXAMPLES))
def backtest(
    ctx: typer.Context,
    score: Score = None,
    *,
    outcome: OutcomeName = None,
    source: SourceName = None,
    data: Data = None,
    since: Since = None,
    with_today: WithToday = False,
    as_of: AsOf = None,
) -> None:
    """Hold a score against what happened after, in the store's own past or in a labelled table.

    Exit code 1 where it tells nothing, where there is not enough to judge by, or where it knows the outcome.
    """
    from execution.bootstrap import pipeline, proving
    from execution.proof.ground import Wanted

    door = Door.of(ctx)
    wanted = Wanted(pipeline.moment(as_of), pipeline.moment(since), with_today, data)
    found = proving.backtest(door.workspace, proving.Asked(score, outcome, source), wanted)

    def render() -> None:
        for number, each in enumerate(found):
            if number:
                say()
            _render(each)

    door.show({"backtests": found}, render, exit_code=found[0].exit_code)


def _render(found: "Backtest") -> None:
    horizon = f" within {found.expected.horizon_days} days" if found.expected.horizon_days else ""
    say(f"{found.score} against {harmless(found.expected.title)}{horizon}")
    print_ground(found.ground)
    sizes = found.sizes
    counted = (
        f"{sizes.looks:,} looks at {sizes.customers:,} customers, {sizes.looks_before_event:,} of them before one of "
    )
    counted += f"{sizes.events:,} events" + (f"; {sizes.unscored:,} more have no score" if sizes.unscored else "")
    paragraph(counted, "  ")
    say()
    print_leaks(found.leaks)
    paragraph(_sentence(found))
    if found.figures is not None:
        _print_figures(found)
    _print_bands(found)
    if found.ground.recorded and (found.components or found.unknown):
        paragraph(
            "The parts are worked out anew, from what the sources tell of their past; the scores as given then rest on "
            "all that was known on the day."
        )
    if found.components:
        _print_components(found.components)
    print_flat(found.flat)
    print_unknown(found.unknown)


def _sentence(found: "Backtest") -> str:
    expected, figures = found.expected, found.figures
    side = "lower" if expected.foretold_by == "low score" else "higher"
    if figures is None:
        others = found.sizes.looks - found.sizes.looks_before_event
        return (
            f"Not enough to judge by: {found.sizes.looks:,} looks, {found.sizes.events:,} events and {others:,} looks "
            f"without one. Wanted are {expected.least_looks:,} looks at least, and {expected.least_events:,} of either "
            f"kind ({expected.where})."
        )
    if found.verdict == "no signal":
        return (
            f"No signal: the score says nothing about it. An AUC of 0.5 is chance, and {figures.auc:.3f} cannot be "
            "told from that (99 % confidence)."
        )
    cases = (
        f"of one it came to and one it did not, the first has the {side} score in {figures.auc * 100:.0f} of 100 cases"
    )
    if found.verdict == "backwards":
        return f"Backwards: the score points the wrong way; {cases}, and 50 would be chance."
    word = next(word for least, word in _WORDS if figures.auc >= least)
    return f"The score tells {word} whom it comes to: {cases}."


def _print_figures(found: "Backtest") -> None:
    figures = found.figures
    if figures is None:
        return
    side = "lowest" if found.expected.foretold_by == "low score" else "highest"
    say(f"  AUC                {shown_auc(figures)}")
    say(f"  average precision  {figures.average_precision:.3f}  (by chance {found.sizes.rate:.3f})")
    say(f"  lift               {figures.lift:.1f} times  (the tenth with the {side} scores against all)")
    if found.warned is not None:
        _print_warned(found.warned)


def _print_warned(warned: "Warned") -> None:
    green = share(warned.green, warned.events)
    say(f"  green before       {green}  ({warned.green:,} of {warned.events:,} were {warned.band} at the last look)")
    if warned.median_days is None:
        say("  lead time          not known: nothing says when it was seen, or when it came")
    else:
        days = f"{warned.median_days:.0f} days"
        say(f"  lead time          {days}  (median of {warned.with_days:,}: from leaving {warned.band} to the event)")


def _print_bands(found: "Backtest") -> None:
    rows = [
        (
            rate.band or "no label",
            _least(rate.least),
            f"{rate.looks:,}",
            f"{rate.events:,}",
            _rate(rate.events, rate.looks),
        )
        for rate in found.bands
    ]
    print_table(("band", "from", "looks", "followed by it", "share"), rows)
    for better, worse in found.out_of_order:
        say(f"  out of order: it followed {worse} less often than {better}")


def _least(least: float | None) -> str:
    return "" if least is None else f"{least:g}"


def _rate(events: int, looks: int) -> str:
    return share(events, looks) if looks else ""


def _print_components(components: "tuple[Alone, ...]") -> None:
    rows = [(each.component, f"{each.known:.0%}", "" if each.auc is None else f"{each.auc:.3f}") for each in components]
    print_table(("component alone", "known", "AUC"), rows)
