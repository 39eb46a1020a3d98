"""`gtm fit`: weights learned from what happened, as a proposed diff."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.backtest import Data, OutcomeName, Score, Since, SourceName, WithToday
from execution.cli.door import Door
from execution.cli.evidence import paragraph, print_ground, print_leaks, print_unknown, shown_auc
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import harmless, print_table, say

if TYPE_CHECKING:
    from execution.proof.fit import Fit
    from execution.proof.learning import Change
    from execution.proof.parting import Part

EXAMPLES = """
gtm fit
gtm fit customer_health --outcome churn --output weights.diff
gtm fit plan_health --source telco --weights-only
gtm fit --output weights.diff --json
"""
app = application()


@app.command(epilog=examples(EXAMPLES))
def fit(
    ctx: typer.Context,
    score: Score = None,
    *,
    outcome: OutcomeName = None,
    source: SourceName = None,
    data: Data = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the diff there as well.")
    ] = None,
    weights_only: Annotated[bool, typer.Option("--weights-only", help="Learn no new points, only weights.")] = False,
    since: Since = None,
    with_today: WithToday = False,
    as_of: AsOf = None,
) -> None:
    """Learn a score's weights on the earlier part of what happened, test them on the later, and propose a diff.

    The directive itself is never changed. Exit code 1 where nothing is proposed.
    """
    from execution.bootstrap import pipeline, proving
    from execution.proof.ground import Wanted

    door = Door.of(ctx)
    wanted = Wanted(pipeline.moment(as_of), pipeline.moment(since), with_today, data)
    asked = proving.Asked(score, outcome, source)
    found = proving.fit(door.workspace, asked, wanted, weights_only=weights_only, output=output)
    door.show(found, lambda: _render(found), exit_code=found.exit_code)


def _render(found: "Fit") -> None:
    say(f"{found.score} fitted to {harmless(found.expected.title)}")
    print_ground(found.ground)
    say(f"  parted {found.parts.by}")
    for name, part in (("learned from", found.parts.learn), ("tested on", found.parts.test)):
        say(f"  {name:<13} {_part(part)}")
    say()
    print_leaks(found.leaks)
    paragraph(_sentence(found))
    if found.present is not None and found.proposed is not None:
        say(f"  AUC on the test, present   {shown_auc(found.present)}")
        say(f"  AUC on the test, learned   {shown_auc(found.proposed)}")
    if found.gain is not None and found.gain_interval is not None:
        low, high = found.gain_interval.low, found.gain_interval.high
        say(f"  the difference             {found.gain:+.3f}  ({low:+.3f} to {high:+.3f})")
    if found.crossed:
        told = ", ".join(f"{name} {auc:.3f}" for name, auc in found.crossed.items())
        say(f"  AUC while learning         {told}  (each fifth told by the others)")
    print_unknown(found.unknown)
    if found.verdict == "proposal":
        _print_proposal(found)


def _part(part: "Part") -> str:
    span = f", {part.first:%Y-%m-%d} to {part.last:%Y-%m-%d}" if part.first and part.last else ""
    return f"{part.looks:,} looks at {part.customers:,} customers, {part.events:,} events{span}"


def _sentence(found: "Fit") -> str:
    least_looks, least_events = -(-found.expected.least_looks // 2), -(-found.expected.least_events // 2)
    match found.verdict:
        case "not enough":
            return (
                f"Not enough to learn from: each part needs {least_looks:,} looks, {least_events:,} events and as many "
                f"looks without one ({found.expected.where})."
            )
        case "no signal":
            return "No signal: what could be learned says nothing about looks it has not seen. Nothing is proposed."
        case "leaking":
            return (
                "Nothing is proposed: something knows the outcome (above), and weights learned from that would fail "
                "when it counts. Take it out of the score, or out of the table, and fit again."
            )
        case "nothing better":
            return "Nothing better: the present weights do as well as what could be learned. Nothing is proposed."
        case _:
            beyond = "more than chance explains" if found.gain_interval and found.gain_interval.low > 0 else (
                "though no more than chance may explain"
            )  # fmt: skip
            return f"The weights below would have told better, {beyond}. They are a proposal; nothing is changed."


def _print_proposal(found: "Fit") -> None:
    rows = [
        (
            change.component,
            f"{change.weight_before:g}",
            change.weight,
            _note(found, change),
        )
        for change in found.changes
    ]
    print_table(("component", "weight now", "proposed", ""), rows)
    if found.own_weights:
        paragraph(f"Segments with weights of their own keep them: {', '.join(found.own_weights)}")
    if found.broken_tests:
        paragraph(f"Tests that expect the present weights: {'; '.join(found.broken_tests)}")
    if found.output is not None:
        say(f"written to {harmless(found.output)}: `git apply` it, then `gtm plan` shows who would move")
    say()
    sys.stdout.write(harmless(found.diff, keep="\n\t\r"))


def _note(found: "Fit", change: "Change") -> str:
    if change.component in found.unlearned:
        return "not learned: nothing is known of it"
    return "and new points" if change.score else ""
