"""`gtm quality`: how far the data can be relied on, and what is wrong with it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from execution.cli.door import Door
from execution.cli.lines import at_utc, paragraph
from execution.cli.noun import AsOf, application, examples
from execution.cli.printing import harmless, note, note_held, print_table, say

if TYPE_CHECKING:
    from execution.bootstrap.quality import Customer, Inside, Overview
    from execution.quality.answers import Part, Row
    from execution.quality.findings import Finding

EXAMPLES = """
gtm quality
gtm quality payers_are_known --limit 10
gtm quality --email jane@acme.com
gtm quality --as-of 2026-01-31 --json
"""
app = application()

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="One check; without it all of them.")]
Email = Annotated[
    str | None, typer.Option("--email", metavar="EMAIL", help="The points of this customer, and what would raise them.")
]
Limit = Annotated[int, typer.Option(min=1, help="Customers at most.")]


@app.command(epilog=examples(EXAMPLES))
def quality(
    ctx: typer.Context, name: Name = None, *, email: Email = None, limit: Limit = 10, as_of: AsOf = None
) -> None:
    """How far the data can be relied on, as `gtm score` last worked it out: every check of directives/data-quality.md,
    the points of every source, and the customers whose missing points weigh most.

    Exit code 1 where a check of severity error fails.
    """
    from execution.bootstrap import pipeline
    from execution.bootstrap import quality as asked

    door, moment = Door.of(ctx), pipeline.moment(as_of)
    if email is not None:
        customer = asked.customer(door.workspace, email, moment)
        door.show(customer, lambda: _print_customer(customer))
    elif name is not None:
        inside = asked.check(door.workspace, name, moment, limit=limit)
        door.show(inside, lambda: _print_inside(inside), exit_code=inside.exit_code)
    else:
        found = asked.overview(door.workspace, moment, limit=limit)
        door.show(found, lambda: _print_overview(found), exit_code=found.exit_code)


def _print_overview(found: "Overview") -> None:
    headings = ("dimension", "check", "failing", "at most", "severity", "verdict")
    print_table(headings, [_check_row(each) for each in found.checks], right=("failing", "at most"))
    if found.sources:
        rows = [
            (
                each.source,
                _points(each.score_milli),
                _share(each.coverage_milli),
                _parts(each.parts),
                *each.messages[:1],
            )
            for each in found.sources
        ]
        rows = [(*row, "") if len(row) < 5 else row for row in rows]
        print_table(("source", "points", "known", "of these", "what is wrong"), rows, right=("points", "known"))
    if found.worst:
        _print_rows(
            found.worst, found.worth, f"Missing points times {found.worth}" if found.worth else "Missing points"
        )
    note(f"as of {at_utc(found.as_of)}")
    note_held(found.held)


def _check_row(each: "Finding") -> tuple[object, ...]:
    verdict = each.note if each.verdict == "unknown" else each.verdict
    severity = f"{each.severity}, blocks" if each.blocking else each.severity
    return (each.dimension, each.check, f"{each.failing:,} of {each.of:,}", each.at_most, severity, verdict)


def _parts(parts: "Sequence[Part]") -> str:
    return ", ".join(
        f"{part.dimension} {_points(part.milli)}" + ("" if part.most_milli is None else f"/{_points(part.most_milli)}")
        for part in parts
    )


def _print_rows(rows: "Sequence[Row]", worth: str, title: str = "") -> None:
    """A line for each row; `worth` names the column that says what it is worth, "" where none does."""
    headings = ("customer", "name", *([worth] if worth else []), "points", "fails")
    listed = [
        (each.key, _name(each.name), *([_amount(each.worth)] if worth else []), _points(each.score_milli),
         ", ".join(each.failing))
        for each in rows
    ]  # fmt: skip
    print_table(headings, listed, title=title, right=(worth, "points"))


def _name(name: str | None) -> str:
    """A customer's own text: what it says leads nowhere."""
    from execution.files.quoting import plain

    return plain(name, 40) if name is not None else ""


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def _points(milli: int | None) -> str:
    return "unknown" if milli is None else f"{milli / 1000:.1f}"


def _share(milli: int | None) -> str:
    return "" if milli is None else f"{milli / 10:.0f}%"


def _print_inside(found: "Inside") -> None:
    each = found.finding
    threshold = f", at most {each.at_most} may" if each.at_most is not None else ""
    say(f"{each.check}: {each.failing:,} of {each.of:,} fail{threshold}: {each.note or each.verdict}")
    paragraph(found.meaning)
    paragraph(f"to do: {found.remedy}")
    blocks = ", and keeps what fails from readers" if each.blocking else ""
    say(f"  {each.dimension} of {each.about}, severity {each.severity}{blocks}; in {found.where}")
    if found.groups:
        print_table(("probably one",), [(", ".join(group),) for group in found.groups])
    elif found.rows:
        _print_rows(found.rows, found.worth)
    else:
        for example in each.examples:
            paragraph(example)
    note(f"as of {at_utc(found.as_of)}")


def _print_customer(found: "Customer") -> None:
    row = found.quality
    known = _share(row.coverage_milli)
    say(f"{harmless(row.key)}: {_points(row.score_milli)} of 100 points, from {known} of the weight")
    rows = [(part.dimension, _points(part.milli), _points(part.most_milli)) for part in row.parts]
    print_table(("dimension", "points", "of"), rows, right=("points", "of"))
    for name, level in found.levels.items():
        say(f"  {name}: {level}")
    if row.failing:
        paragraph(f"fails: {', '.join(row.failing)}")
    if row.gains:
        gains = [(each.what, f"+{_points(each.milli)}", each.check, each.remedy) for each in row.gains]
        print_table(("what would raise it", "points", "check", "how"), gains, right=("points",))
    note(f"as of {at_utc(found.as_of)}")
