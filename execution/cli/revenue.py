"""`gtm revenue`: what recurring revenue came to, what moved it, and who left."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from execution.cli.door import Door
from execution.cli.noun import AsOf, application
from execution.cli.printing import note, print_problems, print_table, say

if TYPE_CHECKING:
    from execution.revenue.answers import Bridge, Told

EXAMPLES = """
gtm revenue
gtm revenue --from 2026-01-01 --to 2026-06-30 --by quarter
gtm revenue --per account --as-of 2026-03-31
gtm revenue cohorts
gtm revenue churn --from 2026-01-01
gtm revenue customer jane@acme.com
"""
app = application(EXAMPLES)

_CENT = Decimal("0.01")
_MOVED = ("new", "expansion", "contraction", "churn", "reactivation", "correction")


class By(StrEnum):
    """How a span of days is cut."""

    day = "day"
    week = "week"
    month = "month"
    quarter = "quarter"
    year = "year"


class Per(StrEnum):
    """Whose revenue is told."""

    customer = "customer"
    account = "account"


_ENTITIES = {Per.customer: "customers", Per.account: "companies"}

PerOption = Annotated[Per, typer.Option("--per", help="A customer is who pays; an account is their company.")]
From = Annotated[str | None, typer.Option("--from", metavar="DAY", help="The first day, as in 2026-01-31.")]
To = Annotated[str | None, typer.Option("--to", metavar="DAY", help="The last day; by default that of --as-of.")]


@app.callback(invoke_without_command=True)
def revenue(
    ctx: typer.Context,
    *,
    as_of: AsOf = None,
    first: From = None,
    last: To = None,
    by: Annotated[By, typer.Option("--by", help="What the span is cut into.")] = By.month,
    per: PerOption = Per.customer,
) -> None:
    """The bridge of recurring revenue: opening, movements, closing, and the figures made of them.

    Everything is at one rate per currency. Exit code 1 where a currency has no rate: it is named, and left out.
    """
    if ctx.invoked_subcommand is not None:
        return
    from execution.bootstrap import revenue as asked

    door = Door.of(ctx)
    told = asked.bridge(
        door.workspace, first=_day(first), last=_day(last) or _day(as_of), by=by.value, entity=_ENTITIES[per]
    )
    door.show(told, lambda: _print_bridge(told), problems=told.problems, exit_code=1 if told.problems else 0)


@app.command()
def cohorts(ctx: typer.Context, *, as_of: AsOf = None, per: PerOption = Per.customer) -> None:
    """What became of the customers that began in each month: how many still pay, and what of what they began with."""
    from execution.bootstrap import revenue as asked

    door = Door.of(ctx)
    told = asked.cohorts(door.workspace, as_of=_day(as_of), entity=_ENTITIES[per])
    _show(door, told, lambda: _print_cohorts(told))


@app.command()
def churn(
    ctx: typer.Context, *, as_of: AsOf = None, first: From = None, last: To = None, per: PerOption = Per.customer
) -> None:
    """Who left, when and why, and how they stood the day before: the greatest loss first."""
    from execution.bootstrap import revenue as asked

    door = Door.of(ctx)
    told = asked.churned(door.workspace, first=_day(first), last=_day(last) or _day(as_of), entity=_ENTITIES[per])
    _show(door, told, lambda: _print_churn(told))


@app.command()
def customer(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Who pays, by e-mail, or the domain of their company.")],
    *,
    as_of: AsOf = None,
) -> None:
    """What somebody's subscriptions came to, step by step, and how each step is known."""
    from execution.bootstrap import revenue as asked

    door = Door.of(ctx)
    told = asked.customer(door.workspace, name, as_of=_day(as_of))
    _show(door, told, lambda: _print_steps(told))


def _day(text: str | None) -> date | None:
    from execution.bootstrap.pipeline import moment

    found = moment(text)
    return found.date() if found else None


def _show(door: Door, told: "Told", render: Callable[[], None]) -> None:
    def all_of_it() -> None:
        render()
        _print_findings(told.notes, told.problems)

    door.show(told, all_of_it, problems=told.problems, exit_code=1 if told.problems else 0)


# --- printing -----------------------------------------------------------------------------------


def to_cents(row: Mapping[str, Any]) -> dict[str, Decimal]:
    """A period's sums in whole cents that still add up: each is the rounded sum up to it, less the one before."""
    total, shown = row["opening"], {"opening": _rounded(row["opening"])}
    for kind in _MOVED:
        before = _rounded(total)
        total += row[kind]
        shown[kind] = _rounded(total) - before
    return shown | {"closing": _rounded(total)}


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT)


def _print_bridge(told: "Bridge") -> None:
    say(f"MRR in {told.base} by {told.by}, {told.first} to {told.last}, per {_one(told.entity)}")
    kinds = [kind for kind in _MOVED if kind != "correction" or any(row[kind] for row in told.periods)]
    rates = [name for name in ("nrr", "grr") if name in told.figures]
    headings = [told.by, "opening", *kinds, "closing", "paying", *(f"{name} %" for name in rates)]
    rows = [_bridge_row(_label(row["first"], told.by), row, kinds, rates) for row in told.periods]
    if len(told.periods) > 1:
        rows.append(_bridge_row("all", told.total, kinds, rates))
    print_table(headings, rows, right=headings[1:])
    print_table(
        ("figure", "value", "unit", "what it is"),
        [
            (name, _figure(told.total[name]) or "unknown", metric.unit, metric.meaning if told.total[name] is not None
             else metric.null)
            for name, metric in told.figures.items()
        ],
        right=("value",),
    )  # fmt: skip
    if len(told.currencies) > 1:
        names = ["opening", *kinds, "closing"]
        print_table(
            ("currency", *names), [(row["currency"], *_money(to_cents(row), names)) for row in told.currencies],
            right=names,
        )  # fmt: skip
    _print_findings(told.notes, told.problems)


def _bridge_row(label: str, row: Mapping[str, Any], kinds: Sequence[str], rates: Sequence[str]) -> list[str]:
    cents = _money(to_cents(row), ["opening", *kinds, "closing"])
    return [label, *cents, f"{row['customers_closing']:,}", *(_share(row[name]) for name in rates)]


def _print_cohorts(told: "Told") -> None:
    months = range(1 + max((row["month"] for row in told.rows), default=0))
    shown = [month for month in months if month <= 12 or month % 6 == 0]
    for title, name in (("still paying", "customer_retention"), ("of what they began with", "revenue_retention")):
        say(f"Percent {title}, by the month they began in and months since, per {_one(told.entity)}")
        headings = ["cohort", "customers", f"MRR {told.base}", *map(str, shown)]
        print_table(headings, _cohort_lines(told.rows, shown, name), right=headings[1:])


def _cohort_lines(rows: Iterable[Mapping[str, Any]], months: Sequence[int], name: str) -> list[list[str]]:
    found: dict[date, dict[int, Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["cohort"], {})[row["month"]] = row
    return [
        [f"{cohort:%Y-%m}", f"{by[0]['customers']:,}", f"{by[0]['mrr']:,.2f}"]
        + [_percent(by[month][name]) if month in by else "" for month in months]
        for cohort, by in found.items()
    ]


def _print_churn(told: "Told") -> None:
    headings = ("day", _one(told.entity), "MRR", "type", "why", "paid", "days", "score", "band", "win back", "returned")
    rows = [
        (
            row["day"], row["key"], _share(row["mrr"], 2), row["type"] or "unknown",
            row["detail"] or row["reason"] or row["status"], _share(row["paid"], 2), f"{row['tenure_days']:,}",
            _share(row["health_score"], 1), row["health_status"], row["win_back"], row["returned_on"],
        )
        for row in told.rows
    ]  # fmt: skip
    print_table(headings, rows, right=("MRR", "paid", "days", "score"))
    known = [row["mrr"] for row in told.rows if row["mrr"] is not None]
    say(f"{len(rows)} left; together they paid {sum(known, Decimal(0)):,.2f} {told.base} a month")


def _print_steps(told: "Told") -> None:
    headings = ("since (UTC)", "subscription", "who pays", "a month", "", f"in {told.base}", "known because")
    rows = [
        (row["since"], f"{row['source']} {row['subscription_id']}", row["customer"],
         "unknown" if row["mrr"] is None else f"{row['mrr']:,.2f}", row["currency"], _share(row["mrr_base"], 2),
         _BASES[row["basis"]])
        for row in told.rows
    ]  # fmt: skip
    print_table(headings, rows, right=("a month", f"in {told.base}"))


_BASES = {
    "stated": "the source states the day",
    "billed": "an invoice says so",
    "seen": "it was seen then",
    "corrected": "the mapping changed: a correction",
}


def _print_findings(notes: Iterable[str], problems: Iterable[Any]) -> None:
    print_problems(problems)
    for sentence in notes:
        note(sentence)


def _money(amounts: Mapping[str, Decimal], names: Iterable[str]) -> list[str]:
    return [f"{amounts[name]:,.2f}" if amounts[name] or name in ("opening", "closing") else "" for name in names]


def _share(value: Decimal | None, places: int = 1) -> str:
    return "" if value is None else f"{value:,.{places}f}"


def _percent(value: Decimal | None) -> str:
    return "?" if value is None else f"{value:.0f}"


def _figure(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def _label(day: date, by: str) -> str:
    if by == "month":
        return f"{day:%Y-%m}"
    if by == "quarter":
        return f"{day.year} Q{(day.month + 2) // 3}"
    return f"{day:%Y}" if by == "year" else day.isoformat()


def _one(entity: str) -> str:
    return "account" if entity == "companies" else "customer"
