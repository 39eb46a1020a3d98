"""`gtm plan`: what edited directives would change."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import harmless, print_table, say

if TYPE_CHECKING:
    from execution.preview import AlertPlan, Mover, PartShift, Plan, ScorePlan

EXAMPLES = """
gtm plan
gtm plan --from proposal/new-weights
gtm plan --against v1.2 --top 25
gtm plan --json | jq '.data.scores[].moves'
"""
_BAR = 30
_PARTS_SHOWN = 3
app = application()


@app.command(epilog=examples(EXAMPLES))
def plan(
    ctx: typer.Context,
    *,
    from_ref: Annotated[
        str | None, typer.Option("--from", metavar="GITREF", help="Plan the directives of this ref, not the files.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="GITREF", help="Compare with this ref; by default the last commit.")
    ] = None,
    as_of: AsOf = None,
    top: Annotated[int, typer.Option(metavar="N", min=0, help="How many of those who move are named.")] = 10,
) -> None:
    """Show what edited directives would change: who changes band and why, which alerts would open and end.

    Nothing is changed. To apply a plan, commit the directives: the next scheduled run takes them.
    """
    from execution.bootstrap import pipeline, previewing

    door = Door.of(ctx)
    result = previewing.plan(door.workspace, from_ref=from_ref, against=against, as_of=pipeline.moment(as_of), top=top)
    door.show(result, lambda: _render(result))


def _render(plan: "Plan") -> None:
    say(f"{plan.planned} against {plan.baseline}, as of {plan.as_of:%Y-%m-%d %H:%M} UTC; nothing was changed")
    for edit in plan.edits:
        say(f"  {edit.what:<8} {edit.kind} {edit.name}  {harmless(edit.path)}")
    if not plan.edits and plan.baseline.startswith("git"):
        say("  no directive differs")
    if plan.is_quiet:
        say("No score, measure, segment, alert or row would change.")
        return
    for rows in plan.rows:
        say(f"\n{rows.entity}: {rows.added} rows would come, {rows.removed} would go")
    if plan.columns:
        say("\nvalues that would differ:")
        print_table(("where", "column", "rows"), [(each.table, each.column, each.rows) for each in plan.columns])
    for score in plan.scores:
        if score.changed or score.moves:
            _render_score(score)
    _render_alerts(plan.alerts)
    quiet = [score.score for score in plan.scores if not (score.changed or score.moves)]
    if quiet:
        say(f"unchanged: {', '.join(quiet)}")


def _render_score(score: "ScorePlan") -> None:
    (had, has), (was, now) = score.scored, score.mean
    say(f"\n{score.score}: {score.changed} of {max(had, has)} scores would change, {score.moved} would change band")
    say(f"  scored {had} → {has}, mean {_number(was)} → {_number(now)}")
    if score.moves:
        rows = [(_band(m.from_band), _band(m.to_band), m.rows, m.mrr) for m in score.moves]
        print_table(("from", "to", "rows", "mrr"), [(*row[:3], _number(row[3])) for row in rows])
    _render_histogram(score)
    print_table(
        ("part", "rows", "mean before", "mean after"),
        [(part.part, part.rows, _number(part.before), _number(part.after)) for part in score.parts],
    )
    if score.movers:
        heading = f"the {len(score.movers)} to look at first" if len(score.movers) > 1 else "the one to look at"
        print_table(
            ("who", "mrr", "score", "band", "because"), [_mover(mover) for mover in score.movers], title=heading
        )


def _render_alerts(plans: "Sequence[AlertPlan]") -> None:
    if not plans:
        return
    say("\nalerts")
    rows = [
        (each.trigger, each.severity, each.opens, each.ends, _pair(each.firing), _pair(each.pending)) for each in plans
    ]
    print_table(("rule", "severity", "would open", "would end", "firing", "pending"), rows)
    moves = [(each.trigger, move) for each in plans for move in each.named]
    if moves:
        print_table(
            ("rule", "who", "worth", "state", "message"),
            [(rule, m.key, _number(m.worth), f"{m.was or '-'} → {m.state or '-'}", m.message) for rule, m in moves],
        )


def _pair(counts: tuple[int, int]) -> str:
    return f"{counts[0]} → {counts[1]}"


def _render_histogram(score: "ScorePlan") -> None:
    most = max((max(before, after) for _, before, after in score.histogram), default=0) or 1
    say("  score    before                          after")
    for low, before, after in score.histogram:
        bars = [f"{'█' * -(-count * _BAR // most // 2):<{_BAR // 2}} {count:>6}" for count in (before, after)]
        say(f"  {low:>3}-{100 if low == 90 else low + 9:<3}  {bars[0]}         {bars[1]}")


def _mover(mover: "Mover") -> tuple[str, ...]:
    who = f"{mover.name} <{mover.key}>" if mover.name else mover.key
    band = _band(mover.to_band)
    if mover.from_band != mover.to_band:
        band = f"{_band(mover.from_band)} → {band}"
    score = f"{_number(mover.from_score)} → {_number(mover.to_score)}"
    return who, _number(mover.mrr), score, band, "; ".join(_shift(part) for part in mover.parts[:_PARTS_SHOWN])


def _shift(part: "PartShift") -> str:
    return f"{part.part} {_number(part.before)} → {_number(part.after)}"


def _band(band: str | None) -> str:
    return band or "not enough data"


def _number(value: object) -> str:
    return "unknown" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")
