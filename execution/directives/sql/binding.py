"""SQL against real, empty tables: the engine binds the author's unchanged text and runs it, and its words are mapped
to ours. What comes out tells the names and types of the columns."""

import json
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from execution import engine
from execution.directives.problems import closest
from execution.directives.schema import ASKED
from execution.directives.sql.flaw import Flaw, Scope

_MOMENT = datetime(2026, 1, 1)  # noqa: DTZ001 - the store's times are UTC without a zone
_WORDS: Mapping[str, object] = {"day": _MOMENT.date(), "every": "day", "user": "nobody"}
_ASKED: Mapping[str, object] = {"as_of": _MOMENT, **dict.fromkeys(ASKED, _MOMENT), **_WORDS}
"""What a block may ask for, with a value of its kind."""
_SUM = re.compile(r"\b(sum|avg|mean)\b(?=\s*\()", re.IGNORECASE)
_FLOATING = re.compile(r"\((DOUBLE|FLOAT)\)")

Columns = dict[str, str]


def open_binder() -> engine.Connection:
    """An in-memory database, cut off from files, network, Python's variables and its own settings."""
    con = engine.memory()
    for setting in (
        "SET enable_external_access = false",
        "SET python_enable_replacements = false",
        "SET errors_as_json = true",
        "SET threads = 1",
        "SET max_expression_depth = 150",
        "SET lock_configuration = true",
    ):
        con.execute(setting)
    return con


def create_tables(con: engine.Connection, scope: Scope) -> None:
    """A schema of its own with the scope's tables, all empty."""
    con.execute(f"CREATE SCHEMA {engine.ident(scope.schema)}")
    for name, columns in scope.tables.items():
        listed = ", ".join(f"{engine.ident(column)} {kind}" for column, kind in columns.items())
        con.execute(f"CREATE TABLE {engine.ident(scope.schema, name)} ({listed})")


def drop_tables(con: engine.Connection, schema: str) -> None:
    """Take a schema and its tables away."""
    con.execute("USE memory")
    con.execute(f"DROP SCHEMA {engine.ident(schema)} CASCADE")


def bind(con: engine.Connection, sql: str, scope: Scope, *, asks: Collection[str]) -> Columns | Flaw:
    """Name → type of the columns the text yields, or the one thing the engine has against it."""
    con.execute(f"USE {engine.ident(scope.schema)}")
    answer = _run(con, sql, asks=asks)
    return answer if isinstance(answer, dict) else _flaw(sql, answer, scope)


def _run(con: engine.Connection, sql: str, *, asks: Collection[str]) -> Columns | engine.Error:
    try:
        cursor = con.execute(sql, {name: _ASKED[name] for name in asks if name in _ASKED})
        columns: Columns = {}
        for column in cursor.description or ():
            columns[column[0] if column[0] not in columns else f"{column[0]}:{len(columns)}"] = str(column[1])
        cursor.fetchall()
    except engine.Error as error:
        return error
    return columns


def refused(con: engine.Connection, sql: str, *, asks: Collection[str]) -> str:
    """What the engine has against a text, in its own words; nothing where it binds. For a text in the schema used."""
    answer = _run(con, sql, asks=asks)
    return str(_details(answer).get("exception_message", "")) if isinstance(answer, engine.Error) else ""


def flaws_of_sums(con: engine.Connection, sql: str, *, asks: Collection[str]) -> list[Flaw]:
    """Sums and averages of floating-point numbers: their last digits depend on the order of the rows.

    The engine knows the types, so each call is put to it under the name of a sum that exists for exact numbers only.
    """
    flaws: list[Flaw] = []
    for match in _SUM.finditer(sql):
        name = match[1].lower()
        answer = _run(con, f"{sql[: match.start()]}sum_no_overflow{sql[match.end() :]}", asks=asks)
        said = _details(answer).get("call", "") if isinstance(answer, engine.Error) else ""
        if _FLOATING.search(str(said)):
            message = f"{name}() over floating-point numbers depends on the order of the rows"
            flaws.append(Flaw("E145", message, f"cast first: {name}(…::decimal(18, 4))", match.start()))
    return flaws


def _details(error: engine.Error) -> dict[str, Any]:
    """What the engine says, as it says it under `errors_as_json`."""
    text = str(error)
    try:
        details = json.loads(text[text.index("{") :])
    except ValueError:
        return {"exception_message": text}
    return details if isinstance(details, dict) else {"exception_message": text}


def _flaw(sql: str, error: engine.Error, scope: Scope) -> Flaw:
    details = _details(error)
    said = str(details.get("exception_message", "")).split("\n")[0].strip()
    at = len(sql.encode()[: int(details["position"])].decode("utf-8", "ignore")) if "position" in details else None
    kind, name = details.get("error_subtype"), str(details.get("name", ""))
    if kind == "COLUMN_NOT_FOUND":
        known = [column for columns in scope.tables.values() for column in columns]
        return Flaw("E147", f"there is no column '{name}' here", _hint(name, known, details), at)
    # Where the column that is not there gives its name to one of the query's own, the engine thinks of that one.
    if match := re.match(r'column "(.+?)" referenced that exists in the SELECT clause', said, re.IGNORECASE):
        known = [column for columns in scope.tables.values() for column in columns]
        return Flaw("E147", f"there is no column '{match[1]}' here", _hint(match[1], known, details),
                    _first_use(sql, match[1]))  # fmt: skip
    if match := re.search(r'Table "(.+?)" does not have a column named "(.+?)"', said):
        table = _table_of(match[1], sql, scope)
        known = list(scope.tables.get(table, {}))
        return Flaw("E147", f"{match[1]} has no column '{match[2]}'", _hint(match[2], known, details), at)
    if kind == "NO_MATCHING_FUNCTION":
        options = re.findall(r"\w+\([^)]*\)", str(details.get("candidates", "")))
        hint = f"there is {', '.join(options[:3])}" if options else ""
        return Flaw("E147", f"{details.get('call', name)} does not exist with these types", hint, at)
    if match := re.match(r"Cannot compare values of type (\S+) and type (\S+)", said):
        hint = "write the value as what it is compared with, or cast one of the two: (…)::integer"
        return Flaw("E147", f"{match[1]} and {match[2]} cannot be compared".replace("_LITERAL", ""), hint, at)
    if match := re.match(r'column "?(.+?)"? must appear in the GROUP BY', said):
        hint = f"add {match[1]} to group by, or take max({match[1]})"
        return Flaw("E147", f"'{match[1]}' is neither grouped by nor aggregated", hint, at)
    return Flaw("E147", said[:1].lower() + said[1:].rstrip("!."), "", at)


def _first_use(sql: str, name: str) -> int | None:
    """Where a column is first named, but for where it gets its name."""
    passed_over = r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\bas\s+\"?\w+"
    uses = re.finditer(rf'{passed_over}|(?<![\w."])("?{re.escape(name)}\b)', sql, re.IGNORECASE | re.DOTALL)
    return next((use.start() for use in uses if use[1]), None)


def _table_of(alias: str, sql: str, scope: Scope) -> str:
    """The table behind an alias, as far as a look at the text tells."""
    if alias in scope.tables:
        return alias
    match = re.search(
        rf"\b({'|'.join(map(re.escape, scope.tables))})\s+(?:as\s+)?{re.escape(alias)}\b", sql, re.IGNORECASE
    )
    return match[1] if match and scope.tables else ""


def _hint(name: str, known: list[str], details: dict[str, Any]) -> str:
    match = closest(name, known)
    if match:
        return f"did you mean '{match}'?"
    candidates = [candidate.strip() for candidate in str(details.get("candidates", "")).split(",") if candidate.strip()]
    return f"near it: {', '.join(candidates[:4])}" if candidates else ""
