"""Questions in SQL from people and agents: one SELECT, on the published copy, with no way out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from execution import engine
from execution.errors import UsageError
from execution.store.publishing import reader
from execution.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Answer:
    """Column names and rows; `more` says that rows beyond the limit were left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool


def query(
    workspace: Workspace, sql: str, *, limit: int | None = None, params: Mapping[str, Any] | None = None
) -> Answer:
    """Run one SELECT, read-only, locked down.

    Raises UsageError for anything but one SELECT, with DuckDB's own words where it does not run.
    """
    with reader(workspace, locked_down=True) as con:
        names, rows = ask(con, sql, params=params, at_most=None if limit is None else limit + 1)
    kept = rows if limit is None else rows[:limit]
    return Answer(names, tuple(kept), more=len(kept) < len(rows))


def ask(
    con: engine.Connection, sql: str, *, params: Mapping[str, Any] | None = None, at_most: int | None = None
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Column names and rows, `at_most` so many, of one SELECT on a locked-down connection.

    Raises UsageError as `query` does.
    """
    _require_one_select(con, sql)
    try:
        cursor = con.execute(sql, params) if params else con.execute(sql)
        rows = cursor.fetchall() if at_most is None else cursor.fetchmany(at_most)
    except engine.Error as error:
        raise UsageError(_first_lines(error), hint="`gtm query` without SQL lists the tables", code="E204") from None
    return tuple(column[0] for column in cursor.description or ()), rows


def _require_one_select(con: engine.Connection, sql: str) -> None:
    try:
        statements = con.extract_statements(sql)
    except engine.Error as error:
        raise UsageError(_first_lines(error), code="E204") from None
    if len(statements) != 1 or statements[0].type != engine.SELECT:
        raise UsageError(
            f"one SELECT is wanted; this is {len(statements)} statement(s)"
            if len(statements) != 1
            else f"only SELECT is allowed here, not {statements[0].type.name}",
            hint="the store is changed by `gtm sync` and by directives, never by a query",
            code="E205",
        )


def _first_lines(error: Exception) -> str:
    return " ".join(line.strip() for line in str(error).splitlines()[:2] if line.strip())
