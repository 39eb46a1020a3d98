"""Rows from a test, typed as the store types them, and how they differ from what came out."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from execution import engine
from execution.engine import ident
from execution.errors import GtmError

Row = Mapping[str, Any]


def table_of(con: engine.Connection, name: str, types: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Make `name` (already quoted) of the rows, a column per type; what a row does not name is NULL.

    Raises GtmError for a value that does not fit its column.
    """
    con.execute(f"CREATE OR REPLACE TABLE {name} ({', '.join(f'{ident(c)} {kind}' for c, kind in types.items())})")
    if not rows:
        return
    try:
        _insert(con, name, rows)
    except engine.Error:
        con.execute(f"DELETE FROM {name}")
        for row in rows:  # which of them it is
            try:
                _insert(con, name, [row])
            except engine.Error as error:
                raise GtmError(f"{shown(row)} does not fit: {str(error).splitlines()[0]}", code="E151") from None


def _insert(con: engine.Connection, name: str, rows: Sequence[Row]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    values = ", ".join(f"({', '.join(_literal(row.get(column)) for column in columns)})" for row in rows)
    con.execute(f"INSERT INTO {name} ({', '.join(map(ident, columns))}) VALUES {values}")


def _literal(value: Any) -> str:  # noqa: ANN401 - whatever YAML holds
    """A YAML value as DuckDB takes it: lists and mappings are JSON text."""
    return engine.literal(json.dumps(value) if isinstance(value, list | dict) else value)


def differences(expected: Sequence[Row], actual: Sequence[Row], key: str, types: Mapping[str, str]) -> list[str]:
    """What of `expected` did not come out, and what came out that was not expected, each as a sentence.

    A row is found by its key where the test gives it, else by any equal row. Only named columns are compared.
    """
    found: list[str] = []
    left = list(actual)
    for row in expected:
        match = _find(row, left, key)
        if match is None:
            found.append(f"no row {shown(row)}; there is {_others(left, key)}")
            continue
        left.remove(match)
        found += [
            f"{_named(row, key)}{column} is {plain(match.get(column))!r}, expected {plain(value)!r}"
            for column, value in row.items()
            if not is_equal(value, match.get(column), types.get(column, "VARCHAR"))
        ]
    found += [f"unexpected row {shown({key: row.get(key)} if key else row)}" for row in left]
    return found


def _find(row: Row, among: Sequence[Row], key: str) -> Row | None:
    if key in row:
        return next((other for other in among if str(other.get(key)) == str(row[key])), None)
    exact = (o for o in among if all(is_equal(v, o.get(c), "VARCHAR") for c, v in row.items()))
    return next(exact, among[0] if len(among) == 1 else None)


def _named(row: Row, key: str) -> str:
    return f"{row[key]}: " if key in row else ""


def _others(rows: Sequence[Row], key: str) -> str:
    keys = [str(row.get(key)) if key else shown(row) for row in rows]
    return ("only " + ", ".join(keys[:5]) + (" …" if len(keys) > 5 else "")) if keys else "none left"


def is_equal(expected: Any, actual: Any, kind: str) -> bool:  # noqa: ANN401 - whatever YAML and DuckDB hold
    """Whether a value from YAML means the same as one from the store; numbers as numbers, times as moments."""
    if expected is None or actual is None:
        return expected is None and actual is None
    if isinstance(actual, bool) or isinstance(expected, bool):
        return bool(expected is actual)
    if isinstance(actual, int | float | Decimal):
        try:
            return Decimal(str(expected)) == Decimal(str(actual))
        except ArithmeticError:
            return False
    if isinstance(actual, datetime | date):
        return _moment(expected) == _moment(actual)
    if kind == "JSON":
        return bool(json.loads(actual) == (json.loads(expected) if isinstance(expected, str) else expected))
    return str(expected) == str(actual)


def _moment(value: Any) -> datetime | None:  # noqa: ANN401
    if isinstance(value, datetime):
        return engine.naive_utc(value)
    try:
        return engine.naive_utc(datetime.fromisoformat(str(value)))
    except ValueError:
        return None


def plain(value: Any) -> Any:  # noqa: ANN401
    """A value as YAML would have it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    return str(value) if isinstance(value, UUID) else value


def shown(row: Row) -> str:
    """A row as a test would write it."""
    return "{" + ", ".join(f"{name}: {plain(value)}" for name, value in row.items()) + "}"
