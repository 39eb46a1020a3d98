"""`gtm query`: ask the store in SQL."""

import csv
import io
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from execution.cli.door import Door
from execution.cli.encoding import plain, to_json
from execution.cli.noun import application, examples
from execution.cli.printing import cell, note, print_table
from execution.errors import UsageError

EXAMPLES = """
gtm query
gtm query "select email, mrr from unified_customers order by mrr desc"
gtm query "select * from core.events where email = $who" --param who=jane@acme.com
gtm query --format csv --limit 0 "from core.customers" > customers.csv
echo "select count(*) from core.customers" | gtm query -
"""
app = application()


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"
    markdown = "markdown"


@app.command(epilog=examples(EXAMPLES))
def query(
    ctx: typer.Context,
    sql: Annotated[
        str | None, typer.Argument(help="One SELECT; - reads it from stdin; without it, the tables.")
    ] = None,
    *,
    form: Annotated[Format, typer.Option("--format", "-f", help="How the rows are printed.")] = Format.table,
    limit: Annotated[int, typer.Option(min=0, help="Rows at most; 0 for all of them.")] = 1000,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A value for $NAME.")] = None,
) -> None:
    """Ask the published store in SQL: one SELECT, read-only, with no way to files or the network."""
    from execution.bootstrap import asking

    door = Door.of(ctx)
    text = sys.stdin.read() if sql == "-" else sql
    answer = asking.query(door.workspace, text, limit=limit or None, params=_params(param or []))

    def render() -> None:
        _PRINTERS[form](answer.columns, answer.rows)
        if answer.more:
            note(f"only the first {limit} rows; --limit 0 gives all")

    data = {"columns": answer.columns, "rows": _records(answer.columns, answer.rows), "more": answer.more}
    door.show(data, render)


def _params(given: Sequence[str]) -> dict[str, str]:
    values = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(
                f"--param {text}: a name and a value are wanted", hint="as in --param who=jane@acme.com", code="E220"
            )
        values[name] = value
    return values


def _records(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, object]]:
    return [dict(zip(columns, map(plain, row), strict=True)) for row in rows]


def _print_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_flat(value) for value in row] for row in rows)
    sys.stdout.write(written.getvalue())


def _flat(value: object) -> object:
    """A value in one CSV cell: nested ones as JSON, the rest as JSON would have them."""
    simple = plain(value)
    return to_json(simple) if isinstance(simple, dict | list) else simple


def _print_json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sys.stdout.write(to_json(_records(columns, rows)) + "\n")


def _print_markdown(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    def line(values: Sequence[str]) -> str:
        return "| " + " | ".join(value.replace("\\", "\\\\").replace("|", "\\|") for value in values) + " |\n"

    sys.stdout.write(line(columns) + line(["---"] * len(columns)))
    sys.stdout.writelines(line([cell(value) for value in row]) for row in rows)


_PRINTERS: dict[Format, Callable[[Sequence[str], Sequence[Sequence[Any]]], None]] = {
    Format.table: print_table,
    Format.csv: _print_csv,
    Format.json: _print_json,
    Format.markdown: _print_markdown,
}
