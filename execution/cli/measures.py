"""`gtm measures`: every measure, what it means, and what it comes to."""

import textwrap
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import cell, harmless, note, print_table, say

if TYPE_CHECKING:
    from execution.bootstrap.measures import Catalogued, Of, Opened
    from execution.measures.figures import Bin, Figures

EXAMPLES = """
gtm measures
gtm measures days_since_seen
gtm measures --email jane@acme.com --as-of 2026-01-31
gtm measures --json
"""
app = application()

_BAR = 40

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="One measure; without it all of them.")]
Email = Annotated[str | None, typer.Option("--email", metavar="EMAIL", help="What they come to for this customer.")]


@app.command(epilog=examples(EXAMPLES))
def measures(ctx: typer.Context, name: Name = None, *, email: Email = None, as_of: AsOf = None) -> None:
    """Every measure: what it means, of how many it is known, and what it comes to.

    With --as-of they are worked out anew for that moment, in a copy that nobody else sees.
    """
    from execution.bootstrap import measures as asked
    from execution.bootstrap import pipeline

    door, moment = Door.of(ctx), pipeline.moment(as_of)
    if email is not None:
        values = asked.measures_of(door.workspace, email, name=name, as_of=moment)
        door.show(values, lambda: _print_values(values))
    elif name is not None:
        opened = asked.measure(door.workspace, name, as_of=moment)
        door.show({"measures": opened}, lambda: _print_opened(opened))
    else:
        found = asked.measures(door.workspace, as_of=moment)
        door.show(found, lambda: _print_all(found))


def _print_all(found: "Catalogued") -> None:
    for (entity, directive), group in groupby(found.measures, key=lambda each: (each.entity, each.directive)):
        measures = list(group)
        path = measures[0].where.rpartition(":")[0]
        rows = [
            (each.measure, each.unit, *_shown(each.figures), harmless(each.meaning), each.where.rpartition(":")[2])
            for each in measures
        ]
        headings = ("measure", "unit", "known", "min", "median", "max", "meaning", "line")
        print_table(headings, rows, title=f"{directive}, of {entity} ({path})")
    _note_moments(found)


def _note_moments(found: "Catalogued") -> None:
    moments = sorted(set(found.as_of.values()))
    if moments:
        note(f"as of {_time(moments[-1])} UTC")
    without = [each.measure for each in found.measures if each.figures is None]
    if without:
        note(f"not worked out yet, so run `gtm score`: {', '.join(without)}")
    if not found.measures:
        note("no measures: declare some in directives/measures/")


def _shown(figures: "Figures | None") -> tuple[str, str, str, str]:
    """Coverage, and the least, median and greatest value, or what else there is to say of values without order."""
    if figures is None or not figures.rows:
        return "", "", "", ""
    known = f"{figures.known / figures.rows:.0%}"
    if figures.true is not None:
        return known, "", f"{figures.true:,} yes" if figures.known else "", ""
    if figures.different is not None:
        return known, "", f"{figures.different:,} different" if figures.known else "", ""
    return known, _value(figures.least), _value(figures.median), _value(figures.greatest)


def _value(value: object) -> str:
    """A measure's value without more digits than it has; of a time the day."""
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}" if value else "0"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return cell(value)


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment is not None else "never"


def _print_opened(opened: "Sequence[Opened]") -> None:
    for number, each in enumerate(opened):
        if number:
            say()
        defined = each.defined
        say(textwrap.fill(f"{defined.measure}: {harmless(defined.meaning)}", 100, subsequent_indent="  "))
        say(f"  of {defined.entity}, {defined.type} in {harmless(defined.unit)}; empty means: {harmless(defined.null)}")
        say(f"  {defined.where}")
        _print_figures(each)
        if each.used_by:
            rows = [(f"{use.kind} {use.name}", ", ".join(use.places), use.where) for use in each.used_by]
            print_table(("used by", "in", "where"), rows)
        else:
            say("\nNothing in the directives uses it.")
        if each.sql:
            say(f"{each.sql_where}")
            say(textwrap.indent(harmless(each.sql, keep="\n\t"), "    "))


def _print_figures(each: "Opened") -> None:
    figures = each.defined.figures
    if figures is None:
        note("not worked out yet; run `gtm score`")
        return
    say(f"\nKnown of {figures.known:,} of {figures.rows:,} as of {_time(each.as_of)} UTC")
    if figures.least is not None:
        say(f"  least {_value(figures.least)}, median {_value(figures.median)}, greatest {_value(figures.greatest)}")
    _print_spread(each.spread)


def _print_spread(bins: "Sequence[Bin]") -> None:
    if not bins:
        return
    widest, most = max(len(harmless(each.label)) for each in bins), max(each.rows for each in bins)
    for each in bins:
        bar = "█" * round(_BAR * each.rows / most) or ("▏" if each.rows else "")
        say(f"  {harmless(each.label):>{widest}}  {bar:<{_BAR}}  {each.rows:,}".rstrip())


def _print_values(found: "Of") -> None:
    for directive, group in groupby(found.values, key=lambda each: each.directive):
        rows = [
            (each.measure, f"not known: {harmless(each.null)}", "")
            if each.value is None
            else (each.measure, _value(each.value), harmless(each.unit))
            for each in group
        ]
        print_table(("measure", "value", "unit"), rows, title=directive)
    if found.as_of is None:
        note("not worked out yet; run `gtm score`")
    else:
        note(f"{found.email}, as of {_time(found.as_of)} UTC")
