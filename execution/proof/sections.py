"""What a section of a report gives for the rows of a test.

Of the tables beside the entities only what the test gives is there, so that no team's own people or alerts play along.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from execution import engine, sentiment
from execution.directives import Program
from execution.directives.model import Case, Report, Section, parse_period
from execution.directives.schema import REPORTED, REVENUE
from execution.engine import ident
from execution.measures.stored import Stored
from execution.proof import deriving, stage
from execution.proof.rows import Row, is_equal, plain, shown, table_of
from execution.reports import rows
from execution.reports.scene import Scene
from execution.reports.tables import GIVEN
from execution.workspace import Workspace

_PERIOD = "7d"


def told(con: engine.Connection, program: Program, section: Section, case: Case) -> Iterator[str]:
    """What does not come out as the test expects, row by row in the section's order."""
    for name in case.expect:
        if name != "rows":
            yield f"a test of a section expects rows, not {name!r}"
    yield from _differences(case.expect.get("rows", ()), _rows(con, program, section, case))


def _rows(con: engine.Connection, program: Program, section: Section, case: Case) -> list[dict[str, Any]]:
    con.execute(f"CREATE SCHEMA {ident(GIVEN)}")
    for name, columns in REPORTED.items():
        table_of(con, ident(GIVEN, name), columns, case.given.get(name, ()))
    for name in REVENUE.keys() & case.given.keys():
        table_of(con, ident("derived", name), REVENUE[name], case.given[name])
    for name in program.entities:
        if case.given.get(name):
            deriving.load(con, program, name, case.given[name])
    sentiment.run(con)
    program = replace(program, settings=stage.with_rates(program.settings, case.given))
    asked = next(iter(case.given.get("period", ())), {})
    period, as_of = parse_period(asked.get("period", _PERIOD)), stage.moment(case.as_of)
    span = period.span(as_of, ZoneInfo(program.settings.time_zone), program.settings.fiscal_year_starts)
    report = Report(kind="report", name="tested", audience="tests", period=period, sections=(section.name,))
    stored, user = Stored.read(con), asked.get("user")
    scene = Scene(con, program, Workspace(Path()), report, as_of, span, stored, user, given=GIVEN)
    return rows.read(scene, section)


def _differences(expected: Sequence[Row], actual: Sequence[Row]) -> Iterator[str]:
    for number, (row, found) in enumerate(zip(expected, actual, strict=False), start=1):
        for column, value in row.items():
            if column not in found:
                yield f"row {number} has no column {column!r}"
            elif not is_equal(value, found[column], "VARCHAR"):
                yield f"row {number}: {column} is {plain(found[column])!r}, expected {plain(value)!r}"
    for number, row in enumerate(expected[len(actual) :], start=len(actual) + 1):
        yield f"row {number}: none came for {shown(row)}"
    for number, row in enumerate(actual[len(expected) :], start=len(expected) + 1):
        yield f"row {number} was not expected: {shown(row)}"
